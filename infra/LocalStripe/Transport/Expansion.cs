using System.Text.Json.Nodes;
using LocalStripe.Invoices;
using LocalStripe.Storage;

namespace LocalStripe.Transport;

/// <summary><c>expand[]=a.b.c</c>: replaces ids by the objects they name, at most four levels deep.</summary>
internal static class Expansion
{
    public static JsonObject Apply(Work work, JsonObject answer, IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            var segments = path.Split('.');
            if (segments.Length > 4)
                throw StripeError.Malformed($"You cannot expand more than 4 levels of a property. Property: {path}", "expand");
            Expand(work, answer, segments, path);
        }

        return answer;
    }

    private static void Expand(Work work, JsonObject owner, ReadOnlySpan<string> segments, string path)
    {
        if (segments.IsEmpty)
            return;
        var field = segments[0];
        if (field == "payments" && owner.TextOrNull("object") == "invoice" && owner[field] is null)
            owner[field] = InvoicePayments.ListOf(work, owner.Text("id"));
        if (!owner.ContainsKey(field))
            throw StripeError.Malformed($"This property cannot be expanded ({path}).", "expand");

        switch (owner[field])
        {
            case JsonArray items:
                for (var index = 0; index < items.Count; index++)
                {
                    if (items[index] is JsonObject item)
                        Expand(work, item, segments[1..], path);
                }

                break;
            case JsonObject nested:
                Expand(work, nested, segments[1..], path);
                break;
            case JsonValue value when value.TryGetValue<string>(out var id):
                var found = work.Find(id) ?? throw StripeError.Malformed($"This property cannot be expanded ({path}).", "expand");
                Expand(work, found, segments[1..], path);
                owner[field] = found;
                break;
        }
    }
}
