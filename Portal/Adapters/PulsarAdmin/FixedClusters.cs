using Portal.Domain.Clusters;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Clusters that never change, without a database: for benchmarks and tests of this adapter.</summary>
internal sealed class FixedClusters(IReadOnlyList<ClusterRegistration> clusters) : IClusterCatalog, IClusterAccess
{
    public IReadOnlyList<Cluster> All { get; } =
    [.. clusters.Select(cluster => new Cluster(cluster.Name, cluster.BrokerUrl, cluster.WebSocketUrl, cluster.IsStandIn))];

    public Cluster? Find(string name) => All.FirstOrDefault(cluster => cluster.Name == name);

    public ClusterRegistration? Access(string name) => clusters.FirstOrDefault(cluster => cluster.Name == name);

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
