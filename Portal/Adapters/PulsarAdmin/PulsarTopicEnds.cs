using System.Globalization;
using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>The last messages of topics, and how far a reader has come.</summary>
internal sealed class PulsarTopicEnds(ClusterConnections clusters) : ITopicEnds
{
    private const int SideBySide = 8;

    public Task<Outcome<IReadOnlyList<MessagePosition?>>> LastAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync<IReadOnlyList<MessagePosition?>>(
            topic.Cluster,
            async cluster =>
            {
                if (topic.Partitions == 0)
                    return await EachAsync(
                        topic,
                        1,
                        (name, token) => PlaceAsync(cluster, topic, name, "lastMessageId", token),
                        cancellationToken
                    );
                // Partitions are added on the cluster too, by its operator.
                if (!(await PulsarTopics.ReadPartitionsAsync(cluster, topic, cancellationToken)).TryGet(out var there, out var problem))
                    return problem;
                if (there is null)
                    return PulsarProblems.TopicMissing(topic.FullName);
                return await EachAsync(
                    topic,
                    there.Partitions,
                    (name, token) => PlaceAsync(cluster, topic, name, "lastMessageId", token),
                    cancellationToken
                );
            }
        );

    public Task<Outcome<IReadOnlyList<MessagePosition?>>> SinceAsync(
        TopicAddress topic,
        int partitions,
        DateTimeOffset since,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync(
            topic.Cluster,
            cluster =>
                EachAsync(
                    topic,
                    partitions,
                    (name, token) =>
                        PlaceAsync(
                            cluster,
                            topic,
                            name,
                            string.Create(CultureInfo.InvariantCulture, $"messageid/{since.ToUnixTimeMilliseconds()}"),
                            token
                        ),
                    cancellationToken
                )
        );

    public Task<Outcome<ReaderStanding?>> ReaderAsync(
        TopicAddress topic,
        int? partition,
        string reader,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<ReaderStanding?>(
            topic.Cluster,
            async cluster =>
            {
                var name = partition is { } number ? PulsarPath.Partition(topic, number) : topic.Name;
                var read = await cluster.GetAsync(
                    $"{PulsarPath.Topic(topic with { Name = name }, "stats")}?getPreciseBacklog=false",
                    PulsarJson.Default.StatsDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<StatsDocument>
                );
                if (!read.TryGet(out var stats, out var problem))
                    return problem;
                if (stats is null)
                    return PulsarProblems.TopicMissing(topic.FullName);
                foreach (var subscription in stats.Subscriptions?.Values ?? Enumerable.Empty<SubscriptionDocument>())
                {
                    if (subscription.Consumers is [{ } consumer] && consumer.ConsumerName == reader)
                        return new ReaderStanding(consumer.MsgOutCounter, subscription.MsgBacklog);
                }
                return Outcome.Of<ReaderStanding?>(null);
            }
        );

    public Task<Outcome<StoredEntry?>> NextAsync(
        TopicAddress topic,
        int? partition,
        MessagePosition? after,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<StoredEntry?>(
            topic.Cluster,
            async cluster =>
            {
                var part = partition is { } number ? topic with { Name = PulsarPath.Partition(topic, number) } : topic;
                var read = await cluster.GetAsync(
                    $"{PulsarPath.Topic(part)}/internalStats",
                    PulsarJson.Default.InternalStatsDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<InternalStatsDocument>
                );
                if (!read.TryGet(out var stats, out var problem))
                    return problem;
                if (stats is null)
                    return PulsarProblems.TopicMissing(topic.FullName);
                var kept = KeptLedgers.Of(stats);
                // Of a batch there may be more in the same entry.
                var (ledger, entry) = after is { } place ? (place.Ledger, place.BatchIndex < 0 ? place.Entry + 1 : place.Entry) : (0, 0);
                while (kept.At(ledger, entry) is { } next)
                {
                    var path = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{PulsarPath.Topic(part)}/ledger/{next.Ledger}/entry/{next.Entry}"
                    );
                    if (!(await cluster.GetAsync(path, cancellationToken)).TryGet(out var answer, out problem))
                        return problem;
                    if (answer.Status == HttpStatusCode.NotFound)
                        return Outcome.Of<StoredEntry?>(null); // it went meanwhile
                    if (!answer.IsSuccess)
                        return PulsarProblems.Of(cluster.Name, answer);
                    if (PeekedEntry.IsHeldBack(answer))
                        return Outcome.Of<StoredEntry?>(null);
                    if (PeekedEntry.Stored(answer, next.Ledger, next.Entry, partition) is not { } stored)
                        return PulsarProblems.Unreadable(cluster.Name);
                    if (after is { BatchIndex: >= 0 } within && (within.Ledger, within.Entry) == next)
                        stored = stored with
                        {
                            Messages = [.. stored.Messages.Where(message => message.Position.BatchIndex > within.BatchIndex)],
                        };
                    if (stored.Messages.Count > 0)
                        return stored;
                    (ledger, entry) = (next.Ledger, next.Entry + 1);
                }
                return Outcome.Of<StoredEntry?>(null);
            }
        );

    /// <summary>The same of every partition, or of a topic without.</summary>
    private static async Task<Outcome<IReadOnlyList<MessagePosition?>>> EachAsync(
        TopicAddress topic,
        int partitions,
        Func<string, CancellationToken, Task<Outcome<MessagePosition?>>> place,
        CancellationToken cancellationToken
    )
    {
        if (topic.Partitions == 0)
            return (await place(topic.Name, cancellationToken)).Map<IReadOnlyList<MessagePosition?>>(one => [one]);
        var found = new Outcome<MessagePosition?>[partitions];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, partitions),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (number, token) => found[number] = await place(PulsarPath.Partition(topic, number), token)
        );
        return found.FirstOrDefault(one => !one.IsOk) is { Problem: { } refused }
            ? refused
            : Outcome.Of<IReadOnlyList<MessagePosition?>>([.. found.Select(one => one.Value)]);
    }

    private static async Task<Outcome<MessagePosition?>> PlaceAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        string name,
        string question,
        CancellationToken cancellationToken
    )
    {
        var path = $"{PulsarPath.Topic(topic with { Name = name })}/{question}";
        var read = await cluster.GetAsync(
            path,
            PulsarJson.Default.MessageIdDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<MessageIdDocument>
        );
        if (!read.TryGet(out var place, out var problem))
            return problem;
        if (place is null)
            return PulsarProblems.TopicMissing(topic.FullName);
        return place.EntryId < 0 || place.LedgerId < 0
            ? Outcome.Of<MessagePosition?>(null)
            : new MessagePosition(place.LedgerId, place.EntryId, place.BatchIndex);
    }
}
