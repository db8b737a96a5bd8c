using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <inheritdoc cref="ISubscriptionProgress"/>
internal sealed class PulsarProgress(ClusterConnections clusters) : ISubscriptionProgress
{
    private const int SideBySide = 8;

    public Task<Outcome<SubscriptionProgress?>> LookAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool marks,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<SubscriptionProgress?>(
            topic.Cluster,
            async cluster =>
            {
                var partitioned = PulsarTopics.PartitionsOnCluster(topic) > 0;
                var path = partitioned
                    ? $"{PulsarPath.Topic(topic, "partitioned-stats")}?perPartition=true&"
                    : $"{PulsarPath.Topic(topic, "stats")}?";
                var read = await cluster.GetAsync(
                    $"{path}getPreciseBacklog=false&subscriptionBacklogSize=false&excludePublishers=true",
                    PulsarJson.Default.StatsDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<StatsDocument>
                );
                if (!read.TryGet(out var stats, out var problem))
                    return problem;
                if (stats is null)
                    return PulsarProblems.TopicMissing(topic.FullName);
                var parts = (partitioned ? stats.Partitions?.Values ?? Enumerable.Empty<StatsDocument>() : [stats])
                    .Select(part => part.Subscriptions?.GetValueOrDefault(name.Value))
                    .OfType<SubscriptionDocument>()
                    .ToList();
                if (parts.Count == 0)
                    return Outcome.Of<SubscriptionProgress?>(null);
                var acknowledged = parts.Max(part => part.LastAckedTimestamp);
                IReadOnlyList<CursorMark> found = [];
                if (marks)
                {
                    if (!(await MarksAsync(cluster, topic, name, cancellationToken)).TryGet(out var there, out problem))
                        return problem;
                    found = there;
                }
                return new SubscriptionProgress(
                    parts.Max(part => part.Consumers?.Length ?? 0),
                    parts.Exists(part => part.LastConsumedFlowTimestamp > 0 || part.MsgOutCounter > 0),
                    acknowledged > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(acknowledged) : null,
                    found
                );
            }
        );

    public Task<Outcome<bool>> KeepsPlacesInBatchesAsync(string cluster, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            cluster,
            async connection => (await BrokerSettings.ReadAsync(connection, cancellationToken)).Map(BrokerSettings.KeepsPlacesInBatches)
        );

    private static async Task<Outcome<IReadOnlyList<CursorMark>>> MarksAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        SubscriptionName name,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<(TopicAddress Part, int? Number)> parts =
            topic.Partitions == 0
                ? [(topic, null)]
                :
                [
                    .. Enumerable
                        .Range(0, topic.Partitions)
                        .Select(number => (topic with { Name = PulsarPath.Partition(topic, number) }, (int?)number)),
                ];
        var answers = new Outcome<CursorMark?>[parts.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, parts.Count),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                var read = await cluster.GetAsync(
                    $"{PulsarPath.Topic(parts[index].Part)}/internalStats",
                    PulsarJson.Default.InternalStatsDocument,
                    token,
                    PulsarAnswer.NotFoundIsNull<InternalStatsDocument>
                );
                answers[index] = read.Map(kept => Mark(kept?.Cursors?.GetValueOrDefault(name.Value), parts[index].Number));
            }
        );
        return answers.FirstOrDefault(one => !one.IsOk) is { Problem: { } refused }
            ? refused
            : Outcome.Of<IReadOnlyList<CursorMark>>([.. answers.Select(one => one.Value).OfType<CursorMark>()]);
    }

    private static CursorMark? Mark(CursorDocument? cursor, int? partition) =>
        cursor?.MarkDeletePosition?.Split(':') is [var ledger, var entry]
        && long.TryParse(ledger, CultureInfo.InvariantCulture, out var at)
        && long.TryParse(entry, CultureInfo.InvariantCulture, out var last)
            ? new(partition, at, last, cursor.IndividuallyDeletedMessages is { Length: > 2 })
            : null;
}
