using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>The last messages of topics, and how far a reader has come.</summary>
internal sealed class PulsarTopicEnds(ClusterConnections clusters) : ITopicEnds
{
    private const int SideBySide = 8;

    public Task<Outcome<IReadOnlyList<MessagePosition?>>> LastAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync<IReadOnlyList<MessagePosition?>>(topic.Cluster, async cluster =>
        {
            if (topic.Partitions == 0) return await EachAsync(topic, 1, (name, token) => PlaceAsync(cluster, topic, name, "lastMessageId", token), cancellationToken);
            // Partitions are added on the cluster too, by its operator.
            if (!(await PulsarTopics.ReadPartitionsAsync(cluster, topic, cancellationToken)).TryGet(out var there, out var problem)) return problem;
            if (there is null) return PulsarProblems.TopicMissing(topic.FullName);
            return await EachAsync(topic, there.Partitions, (name, token) => PlaceAsync(cluster, topic, name, "lastMessageId", token), cancellationToken);
        });

    public Task<Outcome<IReadOnlyList<MessagePosition?>>> SinceAsync(TopicAddress topic, int partitions, DateTimeOffset since, CancellationToken cancellationToken) =>
        clusters.OnAsync(topic.Cluster, cluster => EachAsync(
            topic, partitions, (name, token) => PlaceAsync(cluster, topic, name, string.Create(CultureInfo.InvariantCulture, $"messageid/{since.ToUnixTimeMilliseconds()}"), token), cancellationToken));

    public Task<Outcome<ReaderStanding?>> ReaderAsync(TopicAddress topic, int? partition, string reader, CancellationToken cancellationToken) =>
        clusters.OnAsync<ReaderStanding?>(topic.Cluster, async cluster =>
        {
            var name = partition is { } number ? PulsarPath.Partition(topic, number) : topic.Name;
            var read = await cluster.GetAsync(
                $"{PulsarPath.Topic(topic with { Name = name }, "stats")}?getPreciseBacklog=false", PulsarJson.Default.StatsDocument, cancellationToken, PulsarAnswer.NotFoundIsNull<StatsDocument>);
            if (!read.TryGet(out var stats, out var problem)) return problem;
            if (stats is null) return PulsarProblems.TopicMissing(topic.FullName);
            foreach (var subscription in stats.Subscriptions?.Values ?? Enumerable.Empty<SubscriptionDocument>())
            {
                if (subscription.Consumers is [{ } consumer] && consumer.ConsumerName == reader) return new ReaderStanding(consumer.MsgOutCounter, subscription.MsgBacklog);
            }
            return Outcome.Of<ReaderStanding?>(null);
        });

    /// <summary>The same of every partition, or of a topic without.</summary>
    private static async Task<Outcome<IReadOnlyList<MessagePosition?>>> EachAsync(
        TopicAddress topic, int partitions, Func<string, CancellationToken, Task<Outcome<MessagePosition?>>> place, CancellationToken cancellationToken)
    {
        if (topic.Partitions == 0) return (await place(topic.Name, cancellationToken)).Map<IReadOnlyList<MessagePosition?>>(one => [one]);
        var found = new Outcome<MessagePosition?>[partitions];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, partitions), new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (number, token) => found[number] = await place(PulsarPath.Partition(topic, number), token));
        return found.FirstOrDefault(one => !one.IsOk) is { Problem: { } refused } ? refused : Outcome.Of<IReadOnlyList<MessagePosition?>>([.. found.Select(one => one.Value)]);
    }

    private static async Task<Outcome<MessagePosition?>> PlaceAsync(ClusterConnection cluster, TopicAddress topic, string name, string question, CancellationToken cancellationToken)
    {
        var path = $"{PulsarPath.Topic(topic with { Name = name })}/{question}";
        var read = await cluster.GetAsync(path, PulsarJson.Default.MessageIdDocument, cancellationToken, PulsarAnswer.NotFoundIsNull<MessageIdDocument>);
        if (!read.TryGet(out var place, out var problem)) return problem;
        if (place is null) return PulsarProblems.TopicMissing(topic.FullName);
        return place.EntryId < 0 || place.LedgerId < 0 ? Outcome.Of<MessagePosition?>(null) : new MessagePosition(place.LedgerId, place.EntryId, place.BatchIndex);
    }
}
