using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>How much runs side by side.</summary>
/// <param name="Slots">Steps of one lane at a time; two of them are for taking access away alone.</param>
/// <param name="StepLimit">How long a step may take before it is given up for this time.</param>
/// <param name="LooksEvery">How often a lane is looked at when nobody told of a change.</param>
/// <param name="SharesLanes">Several replicas may run: leave a free lane to one that has fewer.</param>
public sealed record WorkSettings(int Slots, TimeSpan StepLimit, TimeSpan LooksEvery, bool SharesLanes)
{
    /// <summary>
    /// How long a lane without work is kept. It costs a lease and looks, and there is one for each customer's Kafka; letting go
    /// at once would cost the next row the time to take it again.
    /// </summary>
    public TimeSpan KeepsIdleLanes { get; init; } = TimeSpan.FromMinutes(2);

    public static WorkSettings Default { get; } = new(10, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(2), SharesLanes: false);
}

/// <summary>
/// The one engine for durable work: takes every lane that has work and that no other replica works, and carries it out
/// until the portal stops.
/// </summary>
public sealed class WorkRunner(
    IPortalDatabase database,
    ILeases leases,
    IChanges changes,
    WorkHandlers handlers,
    IWorkObserver observer,
    WorkSettings settings,
    TimeProvider clock
)
{
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, Task> _lanes = new(StringComparer.Ordinal);

    /// <summary>Ends when the token is cancelled, after the steps under way have ended.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var news = changes.Listen([Change.Work]);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await TakeLanesAsync(cancellationToken);
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    break;
                }
#pragma warning disable CA1031 // The engine outlives whatever went wrong in one look.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    observer.LaneFailed("*", exception);
                }
                await news.WaitAsync(settings.LooksEvery, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The portal stops.
        }
        await Task.WhenAll(_lanes.Values);
    }

    private async Task TakeLanesAsync(CancellationToken cancellationToken)
    {
        foreach (var ended in _lanes.Where(lane => lane.Value.IsCompleted).Select(lane => lane.Key).ToList())
            _lanes.Remove(ended);
        while (true)
        {
            var free = await FreeAsync(cancellationToken);
            if (free.Count == 0)
                return;
            // Half of what is free at a time, so that replicas that start, or that see another one die, come to equal shares.
            var share = settings.SharesLanes ? (free.Count + 1) / 2 : free.Count;
            if (settings.SharesLanes && _lanes.Count > 0)
                await Task.Delay(Courtesy, clock, cancellationToken);
            foreach (var lane in free.Take(share))
                if (await leases.AcquireAsync(LeaseOf(lane), cancellationToken) is { } lease)
                    _lanes[lane] = HoldAsync(lane, lease, cancellationToken);
        }
    }

    /// <summary>Lanes with work that nobody works: the platform's own first, then those of clusters and customers.</summary>
    private async Task<IReadOnlyList<string>> FreeAsync(CancellationToken cancellationToken)
    {
        var open = await database.ReadAsync(session => session.Work.OpenLanesAsync(cancellationToken), cancellationToken);
        var others = open.Where(lane => !_lanes.ContainsKey(lane)).ToList();
        if (others.Count == 0 || !settings.SharesLanes)
            return InOrder(others);
        var free = await leases.FreeAsync([.. others.Select(LeaseOf)], cancellationToken);
        return InOrder(others.Where(lane => free.Contains(LeaseOf(lane))));
    }

    private static IReadOnlyList<string> InOrder(IEnumerable<string> lanes) =>
        [.. lanes.OrderBy(lane => lane.Contains(':', StringComparison.Ordinal)).ThenBy(lane => lane, StringComparer.Ordinal)];

    private static string LeaseOf(string lane) => $"work:{lane}";

    private async Task HoldAsync(string lane, Lease lease, CancellationToken cancellationToken)
    {
        // The caller goes on to the next lane.
        await Task.Yield();
        var runner = new LaneRunner(lane, lease, database, changes, handlers, observer, settings, clock);
        try
        {
            if (!await HeldLease.RunAsync(leases, lease, clock, runner.RunAsync, cancellationToken))
                observer.LeaseLost(lane);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The portal stops.
        }
#pragma warning disable CA1031 // The lane is taken again at the next look.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            observer.LaneFailed(lane, exception);
        }
    }
}
