using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>Asks one registered cluster for its version, brokers and the settings that the portal depends on.</summary>
public sealed class CheckCluster(AccessGuard guard, IClusterHealth health)
{
    public async Task<Outcome<ClusterHealth>> RunAsync(Actor actor, string cluster, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "cluster.check", cluster), cancellationToken);
        return allowed.IsOk ? await health.CheckAsync(cluster, cancellationToken) : allowed.Problem;
    }
}

/// <summary>The registered clusters, without asking any of them: none keeps the others from being shown.</summary>
public sealed class ListRegisteredClusters(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<IReadOnlyList<ClusterSummary>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "cluster.list-registered", ""),
            cancellationToken
        );
        return allowed.IsOk
            ? Outcome.Of(await database.ReadAsync(session => SummariesAsync(session, cancellationToken), cancellationToken))
            : allowed.Problem;
    }

    internal static async Task<IReadOnlyList<ClusterSummary>> SummariesAsync(IPortalSession session, CancellationToken cancellationToken)
    {
        var summaries = new List<ClusterSummary>();
        foreach (var cluster in await session.Clusters.ListAsync(cancellationToken))
            summaries.Add(await ClusterSummary.OfAsync(session, cluster, cancellationToken));
        return summaries;
    }
}

/// <summary>One registered cluster, without asking it anything.</summary>
public sealed class GetCluster(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<ClusterSummary>> RunAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "cluster.get", name), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync<Outcome<ClusterSummary>>(
            async session =>
                ClusterOperations.Present(await session.Clusters.FindAsync(name, cancellationToken)).TryGet(out var found, out var missing)
                    ? await ClusterSummary.OfAsync(session, found, cancellationToken)
                    : missing,
            cancellationToken
        );
    }
}
