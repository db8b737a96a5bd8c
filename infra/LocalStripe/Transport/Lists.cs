using System.Text.Json.Nodes;
using LocalStripe.Storage;

namespace LocalStripe.Transport;

/// <summary>Stripe's list objects: newest first, cursors by id, <c>created</c> filters.</summary>
internal static class Lists
{
    public static JsonObject Page(ApiCall call, Query query)
    {
        var (limit, after, before) = Cursors(call);
        if (call.Form.Has("created"))
            FilterCreated(call, query);
        if (after is not null)
            query.Compare("seq", "<", Position(call, after, "starting_after"));
        if (before is not null)
            query.Compare("seq", ">", Position(call, before, "ending_before")).OldestFirst();
        var found = call.Work.Select(query.Take(limit + 1));
        var page = found.Take(limit).ToList();
        if (before is not null)
            page.Reverse();
        return Of(page, found.Count > limit, call.Path);
    }

    /// <summary>Pages through what is already in memory and in its own order, such as an invoice's lines.</summary>
    public static JsonObject Page(ApiCall call, IReadOnlyList<JsonObject> all)
    {
        var (limit, after, before) = Cursors(call);
        IEnumerable<JsonObject> rest = all;
        if (after is not null)
            rest = all.SkipWhile(item => item.Text("id") != after).Skip(1);
        if (before is not null)
            rest = all.TakeWhile(item => item.Text("id") != before).TakeLast(limit);
        var found = rest.ToList();
        return Of(found.Take(limit), found.Count > limit, call.Path);
    }

    public static JsonObject Of(IEnumerable<JsonObject> items, bool hasMore, string url) =>
        new()
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. items]),
            ["has_more"] = hasMore,
            ["url"] = url,
        };

    private static (int Limit, string? After, string? Before) Cursors(ApiCall call)
    {
        var limit = call.Form.Number("limit") ?? 10;
        if (limit is < 1 or > 100)
            throw StripeError.Malformed("Limit must be between 1 and 100.", "limit");
        var after = call.Form.Text("starting_after");
        var before = call.Form.Text("ending_before");
        return after is null || before is null
            ? ((int)limit, after, before)
            : throw StripeError.Malformed("You may only specify one of these parameters: starting_after, ending_before.");
    }

    private static long Position(ApiCall call, string id, string parameter) =>
        call.Work.Sequence(id) is > 0 and var sequence ? sequence : throw StripeError.NoSuch("object", id, parameter);

    private static void FilterCreated(ApiCall call, Query query)
    {
        if (call.Form.Number("created") is { } exactly)
        {
            query.Compare("created", "=", exactly);
            return;
        }

        var range = call.Form.Sub("created")!;
        foreach (var (name, comparison) in new[] { ("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=") })
        {
            if (range.Number(name) is { } bound)
                query.Compare("created", comparison, bound);
        }
    }
}
