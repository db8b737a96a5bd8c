using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Usage;

/// <summary>
/// Reads a topic's own counters from the brokers that own its partitions and commits them as readings of those brokers:
/// what a poll sees afterwards is compared with them, so nothing is billed twice. Partitions that were added on the cluster
/// are among them.
/// </summary>
public sealed class TakeFinalReading(
    IBrokerStatistics statistics,
    ITopicAdmin topics,
    ICollectorLedger ledger,
    IPortalDatabase database,
    MeteringSettings settings,
    TimeProvider clock
) : IFinalReading
{
    private const int SideBySide = 8;

    public async Task TakeAsync(Topic topic, CancellationToken cancellationToken)
    {
        if (topic.ReadyAt is null)
            return;
        var readings = new System.Collections.Concurrent.ConcurrentBag<LiveCounters>();
        var partitions =
            topic.Partitions > 0
            && await topics.StatsAsync(topic.OnCluster, cancellationToken) is { IsOk: true, Value.Partitions: var there }
                ? Math.Max(topic.Partitions, there)
                : topic.Partitions;
        await Parallel.ForEachAsync(
            PartitionAddress.Of(topic.Address, partitions),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                if ((await statistics.ReadTopicAsync(topic.Cluster, partition, token)).TryGet(out var live, out _))
                    readings.Add(live);
            }
        );
        if (readings.IsEmpty)
            return;
        // After the last answer: a picture that a broker shows is then older than this reading whenever it may be.
        var at = clock.Now();
        var organization = await database.ReadAsync(
            session => session.Organizations.FindAsync(topic.OrganizationId, cancellationToken),
            cancellationToken
        );
        var metered = new MeteredTopic(
            topic.Id,
            topic.OrganizationId,
            topic.Partitions,
            organization?.State == OrganizationState.Suspended
        );
        List<OwnedRow> rows = [.. readings.Select(live => new OwnedRow(live.Broker, live.Counters, metered))];
        await ledger.AdvanceAsync(
            topic.Cluster,
            null,
            PartitionSlice.Of([.. readings.Select(live => live.Counters.Partition)]),
            (standing, last) =>
            {
                var listed = standing
                    .Brokers.Where(broker => broker.ListedSince is not null)
                    .Select(broker => broker.Broker)
                    .Concat(readings.Select(live => live.Broker))
                    .ToHashSet(StringComparer.Ordinal);
                return Metering.Compare(new PollFrame(at, settings.Interval, standing, listed, TimeSpan.Zero, Live: true), rows, last);
            },
            cancellationToken
        );
    }
}

/// <param name="Interval">Between two polls of a cluster.</param>
/// <param name="BrokerTimeout">How long one broker may take to answer.</param>
public sealed record MeteringSettings(TimeSpan Interval, TimeSpan BrokerTimeout);
