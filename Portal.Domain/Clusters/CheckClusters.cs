using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>A registered cluster and what it answers now: its health, or why there is none.</summary>
public sealed record CheckedCluster(Cluster Cluster, Outcome<ClusterHealth> Health);

/// <summary>Asks every registered cluster for its version, brokers and the settings that the portal depends on.</summary>
public sealed class CheckClusters(AccessGuard guard, IClusterCatalog clusters, IClusterAdmin admin)
{
    public async Task<Outcome<IReadOnlyList<CheckedCluster>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "cluster.check", ""), cancellationToken);
        if (!allowed.IsOk) return allowed.Problem;
        var health = await Task.WhenAll(clusters.All.Select(cluster => admin.CheckAsync(cluster.Name, cancellationToken)));
        return Outcome.Of<IReadOnlyList<CheckedCluster>>([.. clusters.All.Zip(health, (cluster, answer) => new CheckedCluster(cluster, answer))]);
    }
}
