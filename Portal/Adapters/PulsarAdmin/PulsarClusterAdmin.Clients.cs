using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

internal sealed partial class PulsarClusterAdmin : IConnectedClients
{
    public Task<Outcome<int>> CountAsync(Topic topic, string role, CancellationToken cancellationToken) => OnAsync<int>(topic.Cluster, async cluster =>
    {
        // Added up over the partitions, a broker's answer no longer tells whose consumers they are.
        var partitioned = PartitionsOnCluster(topic) > 0;
        var path = partitioned ? $"{PulsarPath.Topic(topic, "partitioned-stats")}?perPartition=true" : $"{PulsarPath.Topic(topic, "stats")}?getPreciseBacklog=false";
        var read = await cluster.GetAsync(path, PulsarJson.Default.ConnectedDocument, cancellationToken, NotFoundIsNull<ConnectedDocument>);
        if (!read.TryGet(out var there, out var problem)) return problem;
        if (there is null) return 0;
        var parts = partitioned ? there.Partitions?.Values ?? Enumerable.Empty<ConnectedDocument>() : [there];
        return parts.SelectMany(part => part.Subscriptions?.Values ?? Enumerable.Empty<SubscriptionDocument>())
            .SelectMany(subscription => subscription.Consumers ?? []).Count(consumer => consumer.AppId == role);
    });
}
