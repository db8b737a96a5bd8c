namespace Portal.Domain.Common;

/// <summary>A page of a list and the cursor of the next one, null at the end.</summary>
public sealed record PageOf<T>(IReadOnlyList<T> Items, string? Next)
{
    public PageOf<TTo> Map<TTo>(Func<T, TTo> map) => new([.. Items.Select(map)], Next);
}

/// <summary>What page of a list is asked for: at most <see cref="Limit"/> items (1 to 1,000, 100 unless said) after the cursor.</summary>
public sealed record PageRequest(int Limit = 100, string? After = null, string? Search = null)
{
    public const int MaxLimit = 1000;

    /// <summary>A cursor that no page was left with means the first page instead of a <see cref="CursorUnknownException"/>.</summary>
    public bool Lenient { get; private init; }

    /// <summary>For a page of the portal, whose address people edit, cut off and keep for years.</summary>
    public static PageRequest OfPage(int limit, string? after, string? search = null) => new(limit, after, search) { Lenient = true };

    public static Outcome<PageRequest> Create(int? limit, string? after, string? search = null) =>
        limit is < 1 or > MaxLimit ? new Problem.Invalid("limit-out-of-range", $"limit is a whole number from 1 to {MaxLimit}.", "limit")
        : after is { Length: > 4000 } // room for a place in each of 128 partitions
            ? new Problem.Invalid("cursor-unknown", "after is the next of an earlier page, as it was given.", "after")
        : new PageRequest(
            limit ?? 100,
            string.IsNullOrEmpty(after) ? null : after,
            string.IsNullOrWhiteSpace(search) ? null : search.Trim()
        );
}

/// <summary>
/// A cursor that no page of this list was left with. <see cref="PageRequest"/> cannot see that, only the list can; the
/// pages of the portal ask leniently, so it is an exception, which the API answers with 400 and <see cref="Problem"/>.
/// </summary>
public sealed class CursorUnknownException() : Exception("This cursor isn't valid for this list. Start again from the first page.")
{
    public Problem Problem { get; } =
        new Problem.Invalid("cursor-unknown", "after is the next of an earlier page, as it was given.", "after");
}
