using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>The last messages of topics, and how far a reader has come.</summary>
internal sealed class PulsarTopicEnds(ClusterConnections clusters) : ITopicEnds
{
    private const int SideBySide = 8;

    public Task<Outcome<IReadOnlyList<LastMessage?>>> LastAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync<IReadOnlyList<LastMessage?>>(topic.Cluster, async cluster =>
        {
            if (topic.Partitions == 0)
                return (await LastOfAsync(cluster, topic, topic.Name, cancellationToken)).Map<IReadOnlyList<LastMessage?>>(last => [last]);
            // Partitions are added on the cluster too, by its operator.
            if (!(await PulsarTopics.ReadPartitionsAsync(cluster, topic, cancellationToken)).TryGet(out var there, out var problem)) return problem;
            if (there is null) return PulsarProblems.TopicMissing(topic.FullName);
            var found = new Outcome<LastMessage?>[there.Partitions];
            await Parallel.ForEachAsync(
                Enumerable.Range(0, there.Partitions), new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
                async (number, token) => found[number] = await LastOfAsync(cluster, topic, PulsarPath.Partition(topic, number), token));
            return found.FirstOrDefault(one => !one.IsOk) is { Problem: { } refused } ? refused : Outcome.Of<IReadOnlyList<LastMessage?>>([.. found.Select(one => one.Value)]);
        });

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

    private static async Task<Outcome<LastMessage?>> LastOfAsync(ClusterConnection cluster, TopicAddress topic, string name, CancellationToken cancellationToken)
    {
        var read = await cluster.GetAsync(PulsarPath.Topic(topic with { Name = name }, "lastMessageId"), PulsarJson.Default.MessageIdDocument, cancellationToken, PulsarAnswer.NotFoundIsNull<MessageIdDocument>);
        if (!read.TryGet(out var last, out var problem)) return problem;
        if (last is null) return PulsarProblems.TopicMissing(topic.FullName);
        return last.EntryId < 0 ? Outcome.Of<LastMessage?>(null) : new LastMessage(last.LedgerId, last.EntryId, last.BatchIndex);
    }
}
