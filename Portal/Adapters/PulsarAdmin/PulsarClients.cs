using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Who is connected, and how to end it.</summary>
internal sealed class PulsarClients(ClusterConnections clusters) : IConnectedClients
{
    public Task<Outcome<int>> CountAsync(TopicAddress topic, string role, CancellationToken cancellationToken) =>
        clusters.OnAsync<int>(
            topic.Cluster,
            async cluster =>
            {
                // Added up over the partitions, a broker's answer no longer tells whose consumers they are.
                var partitioned = PulsarTopics.PartitionsOnCluster(topic) > 0;
                var path = partitioned
                    ? $"{PulsarPath.Topic(topic, "partitioned-stats")}?perPartition=true"
                    : $"{PulsarPath.Topic(topic, "stats")}?getPreciseBacklog=false";
                var read = await cluster.GetAsync(
                    path,
                    PulsarJson.Default.ConnectedDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<ConnectedDocument>
                );
                if (!read.TryGet(out var there, out var problem))
                    return problem;
                if (there is null)
                    return 0;
                var parts = partitioned ? there.Partitions?.Values ?? Enumerable.Empty<ConnectedDocument>() : [there];
                return parts
                    .SelectMany(part => part.Subscriptions?.Values ?? Enumerable.Empty<SubscriptionDocument>())
                    .SelectMany(subscription => subscription.Consumers ?? [])
                    .Count(consumer => consumer.AppId == role);
            }
        );

    public Task<Outcome<Done>> UnloadAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            topic.Cluster,
            async cluster =>
            {
                if (
                    !(await cluster.SendAsync(HttpMethod.Put, PulsarPath.Topic(topic, "unload"), null, cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                return answer.Status == HttpStatusCode.NotFound ? PulsarProblems.TopicMissing(topic.FullName) : cluster.Done(answer);
            }
        );
}
