using System.Buffers.Text;
using System.Globalization;
using System.Linq.Expressions;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// Pages by key, not by offset: a list that grows meanwhile skips and repeats nothing, and the last page costs as little
/// as the first. Ties of the key are broken by the id. Cursors are opaque and know their list.
/// </summary>
internal static class Keyset
{
    internal static async Task<PageOf<T>> PageAsync<T, TKey, TId>(
        this IQueryable<T> source,
        PageRequest page,
        string list,
        Expression<Func<T, TKey>> key,
        Expression<Func<T, TId>> id,
        bool newestFirst,
        CancellationToken cancellationToken
    )
    {
        if (Cursor<TKey, TId>.Of(list, page) is { } cursor)
            source = source.Where(After(cursor, key, id, newestFirst));
        source = newestFirst ? source.OrderByDescending(key).ThenByDescending(id) : source.OrderBy(key).ThenBy(id);
        var limit = Math.Clamp(page.Limit, 1, PageRequest.MaxLimit);
        var items = await source.Take(limit + 1).ToListAsync(cancellationToken);
        if (items.Count <= limit)
            return new(items, null);
        items.RemoveAt(limit);
        var last = items[^1];
        var end = new Cursor<TKey, TId>(key.Compile(preferInterpretation: true)(last), id.Compile(preferInterpretation: true)(last));
        return new(items, end.Encode(list));
    }

    /// <summary>Rows whose id is greater: for walks by id alone.</summary>
    internal static IQueryable<T> After<T, TId>(this IQueryable<T> source, Expression<Func<T, TId>> id, TId after) =>
        source.Where(
            Expression.Lambda<Func<T, bool>>(
                Beyond<TId>(id.Body, Parameter(new Cursor<string, TId>("", after), nameof(Cursor<,>.Id)), less: false),
                id.Parameters
            )
        );

    /// <summary>
    /// The letters A–Z in lower case and nothing else changed: what lower() of both databases does. For names that are ASCII.
    /// </summary>
    internal static string Needle(string search) =>
        string.Create(
            search.Length,
            search,
            (span, text) =>
            {
                for (var i = 0; i < text.Length; i++)
                    span[i] = char.IsAsciiLetterUpper(text[i]) ? (char)(text[i] | 0x20) : text[i];
            }
        );

    // key > k or (key = k and id > i): spelled out, since ids have no operators and SQLite's provider no row values.
    private static Expression<Func<T, bool>> After<T, TKey, TId>(
        Cursor<TKey, TId> cursor,
        Expression<Func<T, TKey>> key,
        Expression<Func<T, TId>> id,
        bool less
    )
    {
        var row = key.Parameters[0];
        var ofId = new Replace(id.Parameters[0], row).Visit(id.Body);
        var (cursorKey, cursorId) = (Parameter(cursor, nameof(cursor.Key)), Parameter(cursor, nameof(cursor.Id)));
        return Expression.Lambda<Func<T, bool>>(
            Expression.OrElse(
                Beyond<TKey>(key.Body, cursorKey, less),
                Expression.AndAlso(Expression.Equal(key.Body, cursorKey), Beyond<TId>(ofId, cursorId, less))
            ),
            row
        );
    }

    private static BinaryExpression Beyond<TValue>(Expression left, Expression right, bool less)
    {
        if (typeof(TValue) == typeof(string))
        {
            var compared = Expression.Call(typeof(string), nameof(string.Compare), null, left, right);
            return less ? Expression.LessThan(compared, Expression.Constant(0)) : Expression.GreaterThan(compared, Expression.Constant(0));
        }
        // The method is never called: EF Core translates the comparison, and the type has no operator of its own.
        var compare = ((Func<TValue, TValue, bool>)Never).Method;
        return less ? Expression.LessThan(left, right, false, compare) : Expression.GreaterThan(left, right, false, compare);
    }

    private static bool Never<TValue>(TValue left, TValue right) => throw new InvalidOperationException("For the database only.");

    // As a member of a constant, which EF Core makes a parameter of the statement.
    private static MemberExpression Parameter<TKey, TId>(Cursor<TKey, TId> cursor, string member) =>
        Expression.Property(Expression.Constant(cursor), member);

    private sealed class Replace(ParameterExpression what, ParameterExpression by) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == what ? by : node;
    }
}

/// <summary>Where a page ended: its last key and id.</summary>
internal sealed record Cursor<TKey, TId>(TKey Key, TId Id)
{
    internal string Encode(string list)
    {
        var key = Key switch
        {
            string text => text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            DateTimeOffset instant => instant.ToUnixMicroseconds().ToString(CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"{typeof(TKey).Name} is no key of a page."),
        };
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new[] { list, key, Id!.ToString()! }));
    }

    /// <summary>Where the page begins; null for the first.</summary>
    /// <exception cref="CursorUnknownException">The cursor is none of this list, and the request is not lenient.</exception>
    internal static Cursor<TKey, TId>? Of(string list, PageRequest page)
    {
        if (page.After is null)
            return null;
        return Decode(list, page.After) ?? (page.Lenient ? null : throw new CursorUnknownException());
    }

    private static Cursor<TKey, TId>? Decode(string list, string text)
    {
        try
        {
            return
                JsonSerializer.Deserialize<string?[]>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)))
                    is [{ } ofList, { } key, { } id]
                && ofList == list
                ? new((TKey)OfKey(key), OfId(id))
                : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static object OfKey(string key)
    {
        if (typeof(TKey) == typeof(string))
            return key;
        var number = long.Parse(key, CultureInfo.InvariantCulture);
        return typeof(TKey) == typeof(DateTimeOffset) ? Clock.FromUnixMicroseconds(number) : number;
    }

    // Ids of the domain are made of a Guid and nothing else.
    private static TId OfId(string id) =>
        typeof(TId) == typeof(Guid) ? (TId)(object)Guid.Parse(id)
        : typeof(TId) == typeof(long) ? (TId)(object)long.Parse(id, CultureInfo.InvariantCulture)
        : (TId)Activator.CreateInstance(typeof(TId), Guid.Parse(id))!;
}
