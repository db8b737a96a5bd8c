using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>A connector that a cluster has, and whether customers may use it.</summary>
/// <param name="HasGuide">A guide says which of its settings may hold what; without one its settings are taken nearly as they come.</param>
public sealed record OfferedConnector(ConnectorType Type, bool IsAllowed, bool HasGuide);

/// <summary>
/// What customers may run on a cluster. A connector opens connections from inside the cluster's network, so nothing is
/// allowed until an operator does; the local stand-in, which runs only its own, allows them all.
/// </summary>
public static class AllowedConnectors
{
    internal static bool Allows(this RegisteredCluster cluster, ConnectorType type) =>
        cluster.AllowedConnectors is { } listed ? listed.Split(',').Contains(type.Key, StringComparer.Ordinal) : cluster.IsStandIn;

    internal static OfferedConnector Offered(this RegisteredCluster cluster, ConnectorType type, ConnectorGuides guides) =>
        new(type, cluster.Allows(type), guides.Find(type.Kind, type.Name) is not null);
}

/// <summary>For operators: everything that the cluster has built in.</summary>
public sealed class ListOfferedConnectors(AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ConnectorGuides guides)
{
    public async Task<Outcome<IReadOnlyList<OfferedConnector>>> RunAsync(Actor actor, string cluster, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "cluster.view-connectors", cluster);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var found = await database.ReadAsync(session => session.Clusters.FindAsync(cluster, cancellationToken), cancellationToken);
        if (!ClusterOperations.Present(found).TryGet(out var registered, out var missing))
            return missing;
        return (await connectors.TypesAsync(registered.Name, cancellationToken)).Map<IReadOnlyList<OfferedConnector>>(types =>
            [.. types.Select(type => registered.Offered(type, guides))]
        );
    }
}

/// <summary>Sets which built-in connectors customers may use on a cluster. Connectors that exist go on.</summary>
public sealed class AllowConnectors(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    TimeProvider clock
)
{
    /// <param name="allowed">Such as <c>sink:http-post</c>; empty for none.</param>
    public async Task<Outcome<IReadOnlyList<OfferedConnector>>> RunAsync(
        Actor actor,
        string cluster,
        IReadOnlyCollection<string> allowed,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "cluster.allow-connectors",
            cluster,
            new Dictionary<string, string> { ["connectors"] = Operation.Brief(string.Join(", ", allowed)) }
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var present = ClusterOperations.Present(
            await database.ReadAsync(session => session.Clusters.FindAsync(cluster, cancellationToken), cancellationToken)
        );
        if (present.Problem is { } absent)
            return absent;
        if (!(await connectors.TypesAsync(cluster, cancellationToken)).TryGet(out var types, out var problem))
            return problem;
        if (allowed.FirstOrDefault(one => types.All(type => type.Key != one)) is { } unknown)
            return new Problem.Invalid(
                "connector-type-unknown",
                $"This cluster doesn't have '{Operation.Brief(unknown)}'. Name connectors as kind:name, for example sink:http-post.",
                "connectors"
            );
        return await database.WriteAsync<IReadOnlyList<OfferedConnector>>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(cluster, cancellationToken))
                        .TryGet(out var registered, out var missing)
                )
                    return missing;
                registered.Allow(allowed.Distinct(StringComparer.Ordinal), actor.Name, clock.Now());
                return Outcome.Of<IReadOnlyList<OfferedConnector>>([.. types.Select(type => registered.Offered(type, guides))]);
            },
            cancellationToken
        );
    }
}
