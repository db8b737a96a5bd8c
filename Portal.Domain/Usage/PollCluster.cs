using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>
/// One pass over a cluster: every broker is asked side by side, each with a time limit; what a broker gave counts only
/// when its answer came whole. What came is compared and written in small steps, so that nobody waits long for the
/// database, and where the cluster stands last. Killed between two steps it has lost nothing: the readings that were
/// written are what the next pass compares with, the others it compares with what was there before.
/// </summary>
public sealed class PollCluster(
    IBrokerStatistics statistics,
    ICollectorLedger ledger,
    IMeteredTopics topics,
    IPortalDatabase database,
    MeteringTelemetry telemetry,
    IKillPoints killPoints,
    TimeProvider clock
)
{
    public async Task<ClusterMetering> RunAsync(
        string cluster,
        Lease? lease,
        TimeSpan pollInterval,
        TimeSpan brokerTimeout,
        CancellationToken cancellationToken
    )
    {
        using var pass = telemetry.BeginPass(cluster);
        // Before the first question: no picture in an answer is then younger than the sample's instant says.
        var at = clock.Now();
        var before = await ledger.BeginAsync(cluster, at, cancellationToken);
        var tenants = (
            await database.ReadAsync(session => session.Tenants.ListOfClusterAsync(cluster, cancellationToken), cancellationToken)
        )
            .Select(tenant => tenant.Name)
            .ToHashSet(StringComparer.Ordinal);
        var listed = await statistics.ListBrokersAsync(cluster, cancellationToken);
        IReadOnlyList<string> brokers = listed.IsOk ? listed.Value.Brokers : [];
        var polls = await Task.WhenAll(brokers.Select(broker => AskAsync(cluster, broker, tenants, brokerTimeout, cancellationToken)));
        var outcome = new PollOutcome(
            at,
            listed.IsOk ? listed.Value : null,
            polls.ToDictionary(poll => poll.Broker, poll => new BrokerAnswer(poll.Rows.Count, poll.Problem), StringComparer.Ordinal),
            listed.Problem?.Message
        );

        if (!(at <= before.PolledAt))
        {
            var frame = new PollFrame(
                at,
                pollInterval,
                before,
                brokers.ToHashSet(StringComparer.Ordinal),
                listed.IsOk ? listed.Value.StatisticsInterval : TimeSpan.Zero
            )
            {
                Answered = polls.Where(poll => poll.Problem is null).Select(poll => poll.Broker).ToHashSet(StringComparer.Ordinal),
            };
            // Nobody answered: there is nothing to compare with.
            if (frame.Answered.Count > 0)
                await AdvanceAsync(cluster, lease, frame, polls, pass, cancellationToken);
        }
        killPoints.Reached(KillPoint.PollBeforeCommit);
        var after = before.After(outcome);
        if (after != before)
            await ledger.SaveAsync(after, lease, cancellationToken);
        pass.Committed();
        killPoints.Reached(KillPoint.PollAfterCommit);
        return after;
    }

    private async Task AdvanceAsync(
        string cluster,
        Lease? lease,
        PollFrame frame,
        BrokerPoll[] polls,
        MeteringTelemetry.Pass pass,
        CancellationToken cancellationToken
    )
    {
        var owners = new TopicOwners(topics);
        foreach (var (slice, rows) in Steps(polls, ledger.StepSize))
        {
            // Looked up before the writer is held.
            var owned = await owners.JoinAsync(cluster, rows, frame.PictureNotBefore, frame.At, cancellationToken);
            pass.Wrote(
                await ledger.AdvanceAsync(
                    cluster,
                    lease,
                    slice,
                    (standing, last) => Metering.Compare(frame with { Before = standing }, owned, last),
                    cancellationToken
                )
            );
        }
    }

    private async Task<BrokerPoll> AskAsync(
        string cluster,
        string broker,
        HashSet<string> tenants,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var ours = tenants.GetAlternateLookup<ReadOnlySpan<char>>();
        var rows = new List<TopicCounters>();
        try
        {
            await foreach (var row in statistics.ReadAsync(cluster, broker, both.Token).WithCancellation(both.Token))
                if (ours.Contains(PartitionAddress.Tenant(row.Partition)) && !row.Partition.Contains('\0', StringComparison.Ordinal))
                    rows.Add(row);
            return new(broker, rows, null);
        }
        catch (BrokerSilentException exception)
        {
            return new(broker, [], exception.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(broker, [], $"It didn't answer within {timeout.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>
    /// All rows of a partition, from whatever broker, come in one step; the slices of the steps leave nothing out between
    /// them, so that partitions which nobody lists any more are seen as well.
    /// </summary>
    private static IEnumerable<(PartitionSlice Slice, List<(string Broker, TopicCounters Counters)> Rows)> Steps(
        BrokerPoll[] polls,
        int size
    )
    {
        var all = new List<(string Broker, TopicCounters Counters)>(polls.Sum(poll => poll.Rows.Count));
        foreach (var poll in polls)
        {
            foreach (var row in poll.Rows)
                all.Add((poll.Broker, row));
            poll.Rows.Clear();
            poll.Rows.TrimExcess();
        }
        all.Sort((left, right) => PartitionOrder.Instance.Compare(left.Counters.Partition, right.Counters.Partition));
        string? after = null;
        for (var start = 0; start < all.Count; )
        {
            var end = Math.Min(start + size, all.Count);
            while (end < all.Count && all[end].Counters.Partition == all[end - 1].Counters.Partition)
                end++;
            var upTo = end == all.Count ? null : all[end - 1].Counters.Partition;
            yield return (new(after, upTo), all.GetRange(start, end - start));
            (after, start) = (upTo, end);
        }
        if (all.Count == 0)
            yield return (new(null, null), []);
    }

    private sealed record BrokerPoll(string Broker, List<TopicCounters> Rows, string? Problem);
}
