using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>Reading a partition to its end, where silence is not taken for it.</summary>
internal static class PulsarReading
{
    internal static readonly Problem.Unavailable Silent = new(
        "pulsar-silent",
        "Pulsar sent nothing for a while, although there is more to read. A rate limit may hold it back. We'll keep trying."
    );

    /// <summary>Whether a place is the last message's, or behind it.</summary>
    public static bool Reached(MessagePosition? at, MessagePosition last) =>
        at is { } here && (here.Ledger, here.Entry).CompareTo((last.Ledger, last.Entry)) >= 0;

    /// <summary>
    /// The next entry's messages; null when there are no more. Unavailable <c>pulsar-silent</c> while none come that are there.
    /// </summary>
    public static async Task<Outcome<IReadOnlyList<ReadRecord>?>> NextAsync(
        this IPulsarReader reader,
        TimeSpan wait,
        CancellationToken cancellationToken
    )
    {
        var before = reader.Position;
        if (!(await reader.ReadAsync(wait, cancellationToken)).TryGet(out var records, out var problem))
            return problem;
        if (records.Count > 0 || reader.Position != before)
            return Outcome.Of<IReadOnlyList<ReadRecord>?>(records);
        if (!(await reader.IsWholeAsync(cancellationToken)).TryGet(out var whole, out problem))
            return problem;
        return whole ? Outcome.Of<IReadOnlyList<ReadRecord>?>(null) : Silent;
    }

    public static bool IsSilence(Problem? problem) => problem?.Code == Silent.Code;
}
