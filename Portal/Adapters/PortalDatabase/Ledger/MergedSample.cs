using System.Data.Common;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>A sample as it is kept: of one series, with what its counters were at both ends and what was stored in between.</summary>
internal sealed record MergedSample(
    long SeriesNo,
    long ClosedAt,
    long? OpenedAt,
    (long From, long To)? In,
    (long From, long To)? Out,
    MergedSample.Kept? Storage
)
{
    internal const string Columns =
        "series_no, closed_at, opened_at, in_from, in_to, out_from, out_to, storage_since, storage_from, storage_to, "
        + "storage_high, storage_low";

    /// <param name="Quantity">Byte-seconds.</param>
    internal sealed record Kept(long Since, long From, long To, Int128 Quantity);

    internal static MergedSample Read(DbDataReader reader) =>
        new(
            reader.GetInt64(0),
            reader.GetInt64(1),
            reader.LongOrNull(2),
            Pair(reader, 3),
            Pair(reader, 5),
            reader.IsDBNull(7)
                ? null
                : new(
                    reader.GetInt64(7),
                    reader.GetInt64(8),
                    reader.GetInt64(9),
                    reader.IsDBNull(10)
                        ? (Int128)reader.GetInt64(8) * (reader.GetInt64(1) / 1_000_000 - reader.GetInt64(7) / 1_000_000)
                        : ((Int128)reader.GetInt64(10) << 32) + reader.GetInt64(11)
                )
        );

    /// <summary>
    /// Samples of one series as few as can be: one goes on into the next when each counter begins where it ended, so that
    /// the difference of its two readings is still what was billed, and its storage without a pause.
    /// </summary>
    internal static IReadOnlyList<MergedSample> Merge(IEnumerable<MergedSample> samples)
    {
        var merged = new List<MergedSample>();
        foreach (var sample in samples.OrderBy(sample => sample.ClosedAt))
        {
            if (merged.Count > 0 && merged[^1].GoesOnInto(sample))
                merged[^1] = merged[^1].With(sample);
            else
                merged.Add(sample);
        }
        return merged;
    }

    private bool GoesOnInto(MergedSample next) =>
        (In is not { } firstIn || next.In is not { } nextIn || firstIn.To == nextIn.From)
        && (Out is not { } firstOut || next.Out is not { } nextOut || firstOut.To == nextOut.From)
        && (Storage is null || next.Storage is null || Storage is { } && next.Storage.Since == ClosedAt);

    private MergedSample With(MergedSample next) =>
        new(
            SeriesNo,
            next.ClosedAt,
            OpenedAt ?? next.OpenedAt,
            Joined(In, next.In),
            Joined(Out, next.Out),
            Storage is null ? next.Storage
                : next.Storage is null ? Storage
                : new(Storage.Since, Storage.From, next.Storage.To, Storage.Quantity + next.Storage.Quantity)
        );

    private static (long From, long To)? Joined((long From, long To)? first, (long From, long To)? next) =>
        first is { } one && next is { } other ? (one.From, other.To) : first ?? next;

    private static (long From, long To)? Pair(DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : (reader.GetInt64(column), reader.GetInt64(column + 1));
}
