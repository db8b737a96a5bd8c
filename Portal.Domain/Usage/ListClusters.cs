using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>A cluster that a new tenant may be made on, and whether it answers now as far as metering knows.</summary>
public sealed record ClusterChoice(Cluster Cluster, ClusterReach Reach)
{
    public bool IsAway => Reach == ClusterReach.Unreachable;
}

/// <summary>The clusters that a new tenant may be made on: in their order, those that can't be reached last.</summary>
public sealed class ListClusters(
    AccessGuard guard,
    IClusterCatalog clusters,
    ICollectorLedger ledger,
    MeteringSettings metering,
    TimeProvider clock
)
{
    public async Task<Outcome<IReadOnlyList<ClusterChoice>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.HaveAccount, "cluster.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var health = MeteringHealth
            .Of(await ledger.StandingAsync(cancellationToken), metering.Interval, clock.Now())
            .Clusters.ToDictionary(one => one.Standing.Cluster, StringComparer.Ordinal);
        return Outcome.Of<IReadOnlyList<ClusterChoice>>([
            .. clusters
                .All.Where(cluster => cluster.TakesTenants)
                .Select(cluster => new ClusterChoice(
                    cluster,
                    ClusterStatus.Of(cluster, health.GetValueOrDefault(cluster.Name), impact: null).Reach
                ))
                .OrderBy(choice => choice.IsAway),
        ]);
    }
}
