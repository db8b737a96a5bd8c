using System.Net;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Topics with their subscriptions and live figures.</summary>
internal sealed class PulsarTopics(ClusterConnections clusters) : ITopicAdmin
{
    public Task<Outcome<Done>> EnsureAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                var partitions = PartitionsOnCluster(topic);
                var (path, body) =
                    partitions == 0
                        ? (PulsarPath.Topic(topic), null)
                        : (PulsarPath.Topic(topic, "partitions"), PulsarJson.Bytes(partitions));
                if (!(await cluster.SendAsync(HttpMethod.Put, path, body, cancellationToken)).TryGet(out var answer, out var problem))
                    return problem;

                // 409: it exists, or the namespace is full. For a partitioned topic the latter is 412.
                if (answer.Status is not (HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed))
                    return answer.Status == HttpStatusCode.NotFound
                        ? PulsarProblems.NamespaceMissing(topic.Namespace.Path)
                        : cluster.Done(answer);
                if (!(await ReadPartitionsAsync(cluster, topic, cancellationToken)).TryGet(out var there, out problem))
                    return problem;
                if (there is null)
                    return answer.Status == HttpStatusCode.Conflict || Says(answer, "maximum number of topics")
                        ? PulsarProblems.NamespaceFull(topic.Namespace.Path)
                        : PulsarProblems.Of(cluster.Name, answer);
                if (there.Partitions != partitions)
                    return PulsarProblems.TopicDiffers(topic.FullName, there.Partitions, topic.Partitions);
                if (partitions == 0 || !topic.Persistent)
                    return Outcome.Done;

                // Whoever made it may have died between the topic and its last partition.
                return (
                    await cluster.SendAsync(HttpMethod.Post, PulsarPath.Topic(topic, "createMissedPartitions"), null, cancellationToken)
                ).Then(made => cluster.Done(made));
            }
        );

    public Task<Outcome<Done>> DeleteAsync(TopicAddress topic, bool force, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                var partitioned = PartitionsOnCluster(topic) > 0;
                if (partitioned && !force)
                {
                    // Pulsar deletes partition by partition and stops at the first one in use, the others are gone by then.
                    var stats = await StatsAsync(topic, cancellationToken);
                    if (stats is { IsOk: true, Value: var live } && live.Producers + live.Consumers > 0)
                        return PulsarProblems.TopicInUse(topic.FullName);
                    if (stats is { Problem: Problem.Unavailable unavailable })
                        return unavailable;
                }
                var path =
                    $"{(partitioned ? PulsarPath.Topic(topic, "partitions") : PulsarPath.Topic(topic))}?force={(force ? "true" : "false")}";
                if (!(await cluster.SendAsync(HttpMethod.Delete, path, null, cancellationToken)).TryGet(out var answer, out var problem))
                    return problem;
                if (
                    answer.Status == HttpStatusCode.PreconditionFailed
                    && !force
                    && await StatsAsync(topic, cancellationToken) is { IsOk: true, Value: { Producers: 0, Consumers: 0 } }
                )
                {
                    // Only the portal's own producer or reader is connected: nobody is cut off.
                    return await DeleteAsync(topic, force: true, cancellationToken);
                }
                return answer.Status switch
                {
                    HttpStatusCode.NotFound => Outcome.Done,
                    HttpStatusCode.PreconditionFailed => PulsarProblems.TopicInUse(topic.FullName),
                    _ => cluster.Done(answer),
                };
            }
        );

    public Task<Outcome<TopicStats>> StatsAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync<TopicStats>(
            topic.Cluster,
            async cluster =>
            {
                var partitioned = PartitionsOnCluster(topic) > 0;
                var path = partitioned
                    ? $"{PulsarPath.Topic(topic, "partitioned-stats")}?perPartition=true&"
                    : $"{PulsarPath.Topic(topic, "stats")}?";
                var read = await cluster.GetAsync(
                    $"{path}getPreciseBacklog=false&subscriptionBacklogSize=true",
                    PulsarJson.Default.StatsDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<StatsDocument>
                );
                if (!read.TryGet(out var stats, out var problem))
                    return problem;
                return stats is null ? PulsarProblems.TopicMissing(topic.FullName) : LiveFigures.Of(stats, partitioned, topic.Partitions);
            }
        );

    public Task<Outcome<TopicSchema?>> SchemaAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync<TopicSchema?>(
            topic.Cluster,
            async cluster =>
            {
                var read = await cluster.GetAsync(
                    PulsarPath.Schemas(topic, "schema"),
                    PulsarJson.Default.SchemaDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<SchemaDocument>
                );
                return read.Map(schema => LiveFigures.Of(schema));
            }
        );

    public Task<Outcome<Done>> CreateSubscriptionAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool fromEarliest,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                var body = PulsarJson.Bytes(fromEarliest ? "earliest" : "latest");
                if (
                    !(await cluster.SendAsync(HttpMethod.Put, PulsarPath.Subscription(topic, name.Value), body, cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return PulsarProblems.TopicMissing(topic.FullName);
                if (answer.Status is not (HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed))
                    return cluster.Done(answer);

                // It exists, or the topic is full.
                var names = await cluster.GetAsync(
                    PulsarPath.Topic(topic, "subscriptions"),
                    PulsarJson.Default.StringArray,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<string[]>
                );
                return names.Then(there =>
                    there is null ? PulsarProblems.TopicMissing(topic.FullName)
                    : there.Contains(name.Value, StringComparer.Ordinal) ? Outcome.Done
                    : answer.Status == HttpStatusCode.Conflict ? PulsarProblems.SubscriptionsFull(topic.FullName)
                    : PulsarProblems.Of(cluster.Name, answer)
                );
            }
        );

    public Task<Outcome<Done>> DeleteSubscriptionAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool force,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                if (PartitionsOnCluster(topic) == 0 || name.Value is not ("." or ".."))
                    return await DeleteSubscriptionAsync(cluster, topic, name, force, cancellationToken);
                // A broker that passes this on to the partitions folds such a name away, and would delete the partitions.
                if (!(await ReadPartitionsAsync(cluster, topic, cancellationToken)).TryGet(out var there, out var problem))
                    return problem;
                for (var number = 0; number < (there?.Partitions ?? 0); number++)
                {
                    var deleted = await DeleteSubscriptionAsync(
                        cluster,
                        topic with
                        {
                            Name = PulsarPath.Partition(topic, number),
                        },
                        name,
                        force,
                        cancellationToken
                    );
                    if (!deleted.IsOk)
                        return deleted;
                }
                return Outcome.Done;
            }
        );

    private static async Task<Outcome<Done>> DeleteSubscriptionAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        SubscriptionName name,
        bool force,
        CancellationToken cancellationToken
    )
    {
        var path = $"{PulsarPath.Subscription(topic, name.Value)}?force={(force ? "true" : "false")}";
        if (!(await cluster.SendAsync(HttpMethod.Delete, path, null, cancellationToken)).TryGet(out var answer, out var problem))
            return problem;
        return answer.Status switch
        {
            HttpStatusCode.NotFound => Outcome.Done,
            HttpStatusCode.PreconditionFailed => PulsarProblems.SubscriptionInUse(name.Value),
            _ => cluster.Done(answer),
        };
    }

    /// <summary>
    /// A non-persistent topic without partitions exists only while it is loaded: after an unload or restart clients would
    /// not find it, as automatic creation is off. One with a single partition stays, and its clients use the same name.
    /// </summary>
    internal static int PartitionsOnCluster(TopicAddress topic) => topic is { Persistent: false, Partitions: 0 } ? 1 : topic.Partitions;

    internal static Task<Outcome<PartitionsDocument?>> ReadPartitionsAsync(
        ClusterConnection cluster,
        TopicAddress topic,
        CancellationToken cancellationToken
    ) =>
        cluster.GetAsync(
            PulsarPath.Topic(topic, "partitions"),
            PulsarJson.Default.PartitionsDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<PartitionsDocument>
        );

    private static bool Says(PulsarAnswer answer, string words) =>
        System.Text.Encoding.UTF8.GetString(answer.Body).Contains(words, StringComparison.OrdinalIgnoreCase);
}
