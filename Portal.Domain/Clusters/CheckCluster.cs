using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>Asks one registered cluster for its version, brokers and the settings that the portal depends on.</summary>
public sealed class CheckCluster(AccessGuard guard, IClusterAdmin admin)
{
    public async Task<Outcome<ClusterHealth>> RunAsync(Actor actor, string cluster, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "cluster.check", cluster), cancellationToken);
        return allowed.IsOk ? await admin.CheckAsync(cluster, cancellationToken) : allowed.Problem;
    }
}

/// <summary>The registered clusters, without asking any of them: none keeps the others from being shown.</summary>
public sealed class ListRegisteredClusters(AccessGuard guard, IClusterCatalog clusters)
{
    public async Task<Outcome<IReadOnlyList<Cluster>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "cluster.list-registered", ""), cancellationToken);
        return allowed.IsOk ? Outcome.Of(clusters.All) : allowed.Problem;
    }
}
