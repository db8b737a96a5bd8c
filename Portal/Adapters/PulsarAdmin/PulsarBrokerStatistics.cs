using System.Runtime.CompilerServices;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>What each broker counted, from <c>/admin/v2/broker-stats/topics</c>.</summary>
internal sealed class PulsarBrokerStatistics(ClusterConnections clusters, TimeProvider clock) : IBrokerStatistics
{
    // The settings are a document of 30 KiB and change with a restart only: not with every poll.
    private static readonly TimeSpan IntervalAge = TimeSpan.FromMinutes(1);

    public async Task<Outcome<BrokerList>> ListBrokersAsync(string cluster, CancellationToken cancellationToken)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem))
            return problem;
        if (!(await BrokerSettings.BrokersAsync(connection, cancellationToken)).TryGet(out var brokers, out problem))
            return problem;
        if (connection.StatisticsInterval is not { } known || clock.GetElapsedTime(known.ReadAt) > IntervalAge)
        {
            if (!(await BrokerSettings.ReadAsync(connection, cancellationToken)).TryGet(out var settings, out problem))
                return problem;
            connection.StatisticsInterval = known = new(
                BrokerSettings.StatisticsInterval(settings),
                BrokerSettings.StoresWhatArrives(settings),
                clock.GetTimestamp()
            );
        }
        return new BrokerList(brokers, known.Interval) { StoresWhatArrives = known.StoresWhatArrives };
    }

    public async IAsyncEnumerable<TopicCounters> ReadAsync(
        string cluster,
        string broker,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem))
            throw new BrokerSilentException(problem.Message);
        await foreach (var row in BrokerStatsStream.ReadAsync(connection, broker, new BrokerStatsParser(), clock, cancellationToken))
            yield return row;
    }

    public async Task<Outcome<LiveCounters>> ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem))
            return problem;
        if (PulsarPath.StatsOf(partition) is not { } path)
            return PulsarProblems.TopicMissing(partition);
        var read = await connection.GetAsync(
            path,
            PulsarJson.Default.StatsDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<StatsDocument>
        );
        if (!read.TryGet(out var stats, out problem))
            return problem;
        if (stats is null)
            return PulsarProblems.TopicMissing(partition);
        return
            stats
                is {
                    OwnerBroker: { } owner,
                    MsgInCounter: { } messagesIn,
                    BytesInCounter: { } bytesIn,
                    MsgOutCounter: { } messagesOut,
                    BytesOutCounter: { } bytesOut
                }
            ? new LiveCounters(owner, new TopicCounters(partition, messagesIn, bytesIn, messagesOut, bytesOut, stats.StorageSize))
            : PulsarProblems.Unreadable(cluster);
    }

    public async Task<Outcome<LedgerRecord>> ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem))
            return problem;
        if (PulsarPath.LedgersOf(partition) is not { } path)
            return PulsarProblems.TopicMissing(partition);
        var read = await connection.GetAsync(
            path,
            PulsarJson.Default.InternalStatsDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<InternalStatsDocument>
        );
        if (!read.TryGet(out var stats, out problem))
            return problem;
        if (stats is null)
            return PulsarProblems.TopicMissing(partition);
        return stats.EntriesAddedCounter is { } added
            ? new LedgerRecord(added, KeptLedgers.Of(stats).All)
            : PulsarProblems.Unreadable(cluster);
    }
}
