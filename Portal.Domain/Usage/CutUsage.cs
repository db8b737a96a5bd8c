using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Usage;

/// <summary>
/// How long the ledger keeps what. An invoice stays provable for as long as hours are kept: merged samples still hold both readings of a
/// counter.
/// </summary>
/// <param name="Samples">How long every sample is kept as it was written; older ones of a topic's hour are merged into one per life of the
/// counter.</param>
/// <param name="Hours">How long topic hours and their merged samples are kept; null for ever.</param>
/// <param name="Gaps">How long gaps are kept; null for ever.</param>
/// <param name="Readings">How long the last readings of deleted topics are kept.</param>
public sealed record UsageRetention(TimeSpan Samples, TimeSpan? Hours, TimeSpan? Gaps, TimeSpan Readings)
{
    public static UsageRetention Default { get; } =
        new(TimeSpan.FromDays(7), TimeSpan.FromDays(3660), TimeSpan.FromDays(400), TimeSpan.FromDays(62));
}

/// <summary>Keeps the ledger from growing without end. Every call is one small step, may be repeated, and may be killed anywhere.</summary>
public interface IUsageRetention
{
    /// <summary>
    /// Merges the samples of one hour of one organization that ended before the instant. Hours around a period's end that
    /// lies inside an hour stay as they are: their samples say on which side of it usage falls. Null when there is none left.
    /// </summary>
    /// <returns>How many rows there are fewer.</returns>
    Task<int?> MergeSamplesAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Cuts some of the hours, with their samples, that ended before the instant. 0 when none is left.</summary>
    Task<int> CutHoursAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Cuts some of the gaps that ended before the instant. 0 when none is left.</summary>
    Task<int> CutGapsAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>
    /// Cuts some of the readings that were closed before the instant and whose topic is deleted or was never the portal's. 0 when none is
    /// left.
    /// </summary>
    Task<int> CutReadingsAsync(Lease? lease, DateTimeOffset before, CancellationToken cancellationToken);
}

public sealed record CutUsageWork : IWorkPayload
{
    public static string Kind => "usage.cut";
}

/// <summary>Merges and cuts what the usage ledger need not keep as it is, a little at a time.</summary>
public sealed class CutUsage(IUsageRetention ledger, UsageRetention keep, TimeProvider clock) : IWorkStep<CutUsageWork>
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<StepResult> RunAsync(CutUsageWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
        Recurring.Again(await RunAsync(turn.Lease, cancellationToken) == 0 ? LooksEvery : Pause);

    /// <summary>Merges or cuts a bounded number of rows. 0 when nothing is left to do now.</summary>
    public async Task<int> RunAsync(Lease? lease, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        // An hour whose samples could not become fewer is done as well; the next one is looked at in the same step.
        while (await ledger.MergeSamplesAsync(lease, now - keep.Samples, cancellationToken) is { } merged)
            if (merged > 0)
                return merged;
        if (keep.Hours is { } hours && await ledger.CutHoursAsync(lease, now - hours, cancellationToken) is > 0 and var cut)
            return cut;
        if (keep.Gaps is { } gaps && await ledger.CutGapsAsync(lease, now - gaps, cancellationToken) is > 0 and var closed)
            return closed;
        return await ledger.CutReadingsAsync(lease, now - keep.Readings, cancellationToken);
    }
}
