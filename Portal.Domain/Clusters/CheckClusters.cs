using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>A registered cluster and what it answers now: its health, or why there is none.</summary>
public sealed record CheckedCluster(ClusterSummary Cluster, Outcome<ClusterHealth> Health);

/// <summary>Asks every registered cluster for its version, brokers and the settings that the portal depends on.</summary>
public sealed class CheckClusters(AccessGuard guard, IPortalDatabase database, IClusterHealth admin)
{
    public async Task<Outcome<IReadOnlyList<CheckedCluster>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "cluster.check", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var clusters = await database.ReadAsync(
            session => ListRegisteredClusters.SummariesAsync(session, cancellationToken),
            cancellationToken
        );
        var health = await Task.WhenAll(clusters.Select(cluster => admin.CheckAsync(cluster.Registered.Name, cancellationToken)));
        return Outcome.Of<IReadOnlyList<CheckedCluster>>([
            .. clusters.Zip(health, (cluster, answer) => new CheckedCluster(cluster, answer)),
        ]);
    }
}
