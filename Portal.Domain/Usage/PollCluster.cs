using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>
/// One poll of a cluster: every broker is asked side by side, each with a time limit; what a broker gave counts only
/// when its answer came whole. Comparing and writing is one transaction under the collector's lease.
/// </summary>
public sealed class PollCluster(IBrokerStatistics statistics, ICollectorLedger ledger, IPortalDatabase database, IKillPoints killPoints, TimeProvider clock)
{
    /// <summary>Partitions compared at a time: what is held in memory besides the counters themselves.</summary>
    private const int Batch = 1000;

    public async Task<ClusterMetering> RunAsync(string cluster, Lease? lease, TimeSpan pollInterval, TimeSpan brokerTimeout, CancellationToken cancellationToken)
    {
        // Before the first question: no picture in an answer is then younger than the sample's instant says.
        var at = clock.Now();
        var tenants = (await database.ReadAsync(session => session.Tenants.ListOfClusterAsync(cluster, cancellationToken), cancellationToken))
            .Select(tenant => tenant.Name).ToHashSet(StringComparer.Ordinal);
        var listed = await statistics.ListBrokersAsync(cluster, cancellationToken);
        IReadOnlyList<string> brokers = listed.IsOk ? listed.Value.Brokers : [];
        var polls = await Task.WhenAll(brokers.Select(broker => AskAsync(cluster, broker, tenants, brokerTimeout, cancellationToken)));
        var outcome = new PollOutcome(
            at, listed.IsOk ? listed.Value : null, polls.ToDictionary(poll => poll.Broker, poll => new BrokerAnswer(poll.Rows.Count, poll.Problem), StringComparer.Ordinal),
            listed.Problem?.Message);

        var standing = await ledger.UpdateAsync(cluster, lease, async session =>
        {
            var before = await session.StandingAsync(cancellationToken);
            var frame = new PollFrame(
                at, pollInterval, before, brokers.ToHashSet(StringComparer.Ordinal), listed.IsOk ? listed.Value.StatisticsInterval : TimeSpan.Zero);
            var owners = new TopicOwners(database);
            var apart = TrafficApart.None;
            foreach (var batch in ByPartition(polls))
            {
                var last = await session.ReadingsAsync([.. batch.Select(row => row.Counters.Partition).Distinct(StringComparer.Ordinal)], cancellationToken);
                var rows = await owners.JoinAsync(cluster, batch, frame.PictureNotBefore, at, cancellationToken);
                var part = Metering.Compare(frame, rows, last);
                await session.WriteAsync(part, cancellationToken);
                apart += part.Apart;
            }
            var after = before.After(outcome, apart);
            await session.SaveAsync(after, cancellationToken);
            killPoints.Reached(KillPoint.PollBeforeCommit);
            return after;
        }, cancellationToken);
        killPoints.Reached(KillPoint.PollAfterCommit);
        return standing;
    }

    private async Task<BrokerPoll> AskAsync(string cluster, string broker, HashSet<string> tenants, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var ours = tenants.GetAlternateLookup<ReadOnlySpan<char>>();
        var rows = new List<TopicCounters>();
        try
        {
            await foreach (var row in statistics.ReadAsync(cluster, broker, both.Token).WithCancellation(both.Token))
                if (ours.Contains(PartitionAddress.Tenant(row.Partition))) rows.Add(row);
            return new(broker, rows, null);
        }
        catch (BrokerSilentException exception)
        {
            return new(broker, [], exception.Message);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(broker, [], $"It did not answer within {timeout.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>All rows of a partition, from whatever broker, come in one batch.</summary>
    private static IEnumerable<List<(string Broker, TopicCounters Counters)>> ByPartition(BrokerPoll[] polls)
    {
        var all = new List<(string Broker, TopicCounters Counters)>(polls.Sum(poll => poll.Rows.Count));
        foreach (var poll in polls)
        {
            foreach (var row in poll.Rows) all.Add((poll.Broker, row));
            poll.Rows.Clear();
            poll.Rows.TrimExcess();
        }
        all.Sort((left, right) => string.CompareOrdinal(left.Counters.Partition, right.Counters.Partition));
        for (var start = 0; start < all.Count;)
        {
            var end = Math.Min(start + Batch, all.Count);
            while (end < all.Count && all[end].Counters.Partition == all[end - 1].Counters.Partition) end++;
            yield return all.GetRange(start, end - start);
            start = end;
        }
    }

    private sealed record BrokerPoll(string Broker, List<TopicCounters> Rows, string? Problem);
}
