using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarWire;

/// <summary>
/// Writers and readers of single partitions, with a token of their namespace's role that is made anew for each connection.
/// </summary>
internal sealed class PulsarPartitions(IClusterCatalog clusters, ITokenSigner tokens, ITopicEnds ends, TimeProvider clock)
    : IPulsarPartitions
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(5);

    public async Task<Outcome<IPulsarWriter>> WriterAsync(
        PulsarPartition partition,
        string name,
        WriterSettings settings,
        CancellationToken cancellationToken
    ) => await WireProducer.OpenAsync(TopicOf(partition), name, settings, clock, cancellationToken);

    public async Task<Outcome<IPulsarReader>> ReaderAsync(
        PulsarPartition partition,
        MessagePosition? after,
        CancellationToken cancellationToken
    ) =>
        await WireReader.OpenAsync(
            TopicOf(partition),
            after,
            clock,
            cancellationToken,
            (reader, token) => ends.ReaderAsync(partition.Topic, partition.Partition, reader, token)
        );

    private WireTopic TopicOf(PulsarPartition partition)
    {
        var cluster = partition.Topic.Cluster;
        return new(
            cluster,
            clusters.Find(cluster)?.BrokerUrl ?? "",
            partition.FullName,
            () => tokens.Sign(cluster, partition.Role, clock.Now() + TokenLife),
            null
        );
    }
}
