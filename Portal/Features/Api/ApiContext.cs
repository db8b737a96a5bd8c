using System.Buffers.Text;
using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>What every endpoint needs of its request: who asks, and which page of a list (<c>?limit=&amp;after=&amp;search=</c>).</summary>
public sealed class ApiContext
{
    private const string CursorMark = "after:";

    private readonly HttpContext _http;
    private readonly Outcome<PageRequest> _page;

    private ApiContext(HttpContext http, Actor actor, Outcome<PageRequest> page) => (_http, Actor, _page) = (http, actor, page);

    public Actor Actor { get; }

    public static async ValueTask<ApiContext?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var actor = await context.RequestServices.GetRequiredService<IActorProvider>().CurrentAsync();
        return new(context, actor, ReadPage(context.Request.Query));
    }

    private static Outcome<PageRequest> ReadPage(IQueryCollection query)
    {
        int? limit = null;
        if (query["limit"].FirstOrDefault() is { Length: > 0 } text)
            limit = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return PageRequest.Create(limit, query["after"].FirstOrDefault(), query["search"].FirstOrDefault());
    }

    /// <summary>Somebody began this very request before and died: what it makes outside the database may be there already.</summary>
    public bool WasBegun => _http.Features.Get<RepeatedRequestFeature>() is not null;

    /// <summary>
    /// The last part of the path, decoded once from what the client sent. A route's value leaves <c>%2F</c> as it is, so that
    /// it cannot tell <c>a/b</c> from <c>a%2Fb</c>: only names that may hold anything need this.
    /// </summary>
    /// <param name="routed">The route's value, for a server that does not keep what was sent.</param>
    public string LastSegment(string routed) => Segment(routed, fromEnd: 1);

    /// <summary>The same for a part further up.</summary>
    /// <param name="fromEnd">1 is the last part.</param>
    public string Segment(string routed, int fromEnd)
    {
        var target = _http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var parts = target.Split('?', 2)[0].TrimEnd('/').Split('/');
        return parts.Length >= fromEnd && parts[^fromEnd] is { Length: > 0 } sent
            ? Uri.UnescapeDataString(sent)
            : routed.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>201 for a POST, kept for its Idempotency-Key in the transaction of the change that makes it.</summary>
    public Task<CreatedAnswer<TBody>> CreatedAsync<T, TBody>(Func<Task<Outcome<T>>> make, Func<T, string> address, Func<T, TBody> body) =>
        OnceAsync<T, CreatedAnswer<TBody>>(make, made => CreatedAnswer<TBody>.Of(address(made), body(made)), problem => problem);

    /// <summary>202 for a POST, kept in the same way.</summary>
    public Task<AcceptedAnswer<TBody>> AcceptedAsync<T, TBody>(Func<Task<Outcome<T>>> make, Func<T, string> address, Func<T, TBody> body) =>
        OnceAsync<T, AcceptedAnswer<TBody>>(make, made => AcceptedAnswer<TBody>.Of(address(made), body(made)), problem => problem);

    /// <summary>200 for a POST, kept in the same way.</summary>
    public Task<Answer<TBody>> OkAsync<T, TBody>(Func<Task<Outcome<T>>> act, Func<T, TBody> body) =>
        OnceAsync<T, Answer<TBody>>(act, done => Answer<TBody>.Of(body(done)), problem => problem);

    /// <summary>204 for a POST, kept in the same way.</summary>
    public Task<EmptyAnswer> DoneAsync<T>(Func<Task<Outcome<T>>> act) =>
        OnceAsync<T, EmptyAnswer>(act, _ => EmptyAnswer.Done, problem => problem);

    private async Task<TAnswer> OnceAsync<T, TAnswer>(Func<Task<Outcome<T>>> act, Func<T, TAnswer> answer, Func<Problem, TAnswer> refuse)
        where TAnswer : ApiAnswer
    {
        RepeatableRequest.Current?.AnswerWith<T>(result =>
            _http.RequestServices.GetRequiredService<IAnswerSeal>().SealAsync(answer(result), _http.RequestServices)
        );
        return (await act()).TryGet(out var value, out var problem) ? answer(value) : refuse(problem);
    }

    /// <summary>A list that its use case pages.</summary>
    public async Task<ListAnswer<PageOf<TBody>>> ListAsync<T, TBody>(Func<PageRequest, Task<Outcome<PageOf<T>>>> list, Func<T, TBody> body)
    {
        if (!_page.TryGet(out var page, out var problem))
            return problem;
        return (await list(page)).TryGet(out var found, out problem) ? ListAnswer<PageOf<TBody>>.Of(found.Map(body)) : problem;
    }

    /// <summary>A body of its own shape around a page.</summary>
    public async Task<ListAnswer<TBody>> ReportAsync<T, TBody>(Func<PageRequest, Task<Outcome<T>>> report, Func<T, TBody> body)
    {
        if (!_page.TryGet(out var page, out var problem))
            return problem;
        return (await report(page)).TryGet(out var found, out problem) ? ListAnswer<TBody>.Of(body(found)) : problem;
    }

    /// <summary>A list that is short by its nature, which the use case answers whole; it is cut into pages here.</summary>
    /// <param name="key">Unique, and sorts (ordinally) as the list does. A page begins after its predecessor's last key, whatever came or
    /// went meanwhile.</param>
    public Task<ListAnswer<PageOf<TBody>>> ListWholeAsync<T, TBody>(
        Func<Task<Outcome<IReadOnlyList<T>>>> list,
        Func<T, string> key,
        Func<T, TBody> body,
        bool descending = false
    ) => ListAsync(async page => (await list()).Map(all => Cut(all, page, key, descending)), body);

    /// <summary>As <see cref="ListWholeAsync"/>, for a list that is held already.</summary>
    public static PageOf<T> Cut<T>(IEnumerable<T> all, PageRequest page, Func<T, string> key, bool descending = false)
    {
        var direction = descending ? -1 : 1;
        var after = page.After is { } cursor ? Read(cursor) : null;
        var sorted = all.Select(item => (Item: item, Key: key(item)))
            .Where(one => after is null || string.CompareOrdinal(one.Key, after) * direction > 0)
            .OrderBy(one => one.Key, Comparer<string>.Create((left, right) => string.CompareOrdinal(left, right) * direction))
            .Take(page.Limit + 1)
            .ToList();
        var items = sorted.Take(page.Limit).ToList();
        return new([.. items.Select(one => one.Item)], sorted.Count > page.Limit ? Write(items[^1].Key) : null);
    }

    private static string Write(string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(CursorMark + key));

    private static string Read(string cursor)
    {
        if (
            Base64Url.IsValid(cursor)
            && Base64Url.DecodeFromChars(cursor) is var bytes
            && System.Text.Unicode.Utf8.IsValid(bytes)
            && Encoding.UTF8.GetString(bytes) is var text
            && text.StartsWith(CursorMark, StringComparison.Ordinal)
        )
            return text[CursorMark.Length..];
        throw new CursorUnknownException();
    }
}

/// <summary>Keys for <see cref="ApiContext.ListWholeAsync"/>: sort as the values do, and never two alike.</summary>
internal static class SortKey
{
    /// <summary>By instant, and among equal instants by the unique part.</summary>
    internal static string Of(DateTimeOffset instant, string unique) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff ", CultureInfo.InvariantCulture) + unique;
}

/// <summary>Puts an answer into the form in which it is kept: complete, and encrypted, since it may hold a secret.</summary>
public interface IAnswerSeal
{
    Task<byte[]> SealAsync(IResult answer, IServiceProvider services);
}

/// <summary>Set on a request whose first attempt died on the way.</summary>
internal sealed class RepeatedRequestFeature;
