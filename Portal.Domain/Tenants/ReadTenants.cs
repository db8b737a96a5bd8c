using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>The organization's tenants, by name.</summary>
public sealed class ListTenants(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Tenant>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "tenant.list", "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(
            session => session.Tenants.ListAsync(access.Organization.Id, access.Scope, page, cancellationToken),
            cancellationToken
        );
    }
}

public sealed class GetTenant(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Tenant>> RunAsync(Actor actor, string organization, string tenant, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "tenant.view", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        var found = await database.ReadAsync(
            session => session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken),
            cancellationToken
        );
        return found is null ? TenantProblems.NoTenant : found;
    }
}

/// <summary>A namespace with the number of its topics.</summary>
public sealed record NamespaceSummary(Namespace Namespace, int Topics);

public sealed class ListNamespaces(AccessGuard guard, IPortalDatabase database, INamespaceContents contents)
{
    public async Task<Outcome<PageOf<NamespaceSummary>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "namespace.list", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        return await database.ReadAsync<Outcome<PageOf<NamespaceSummary>>>(
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                var found = await session.Tenants.ListNamespacesAsync(owner.Id, access.Scope, page, cancellationToken);
                var items = new List<NamespaceSummary>(found.Items.Count);
                foreach (var item in found.Items)
                    items.Add(new(item, await contents.CountTopicsAsync(session, item.Id, cancellationToken)));
                return new PageOf<NamespaceSummary>(items, found.Next);
            },
            cancellationToken
        );
    }
}

public sealed class GetNamespace(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Namespace>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "namespace.view", $"{tenant}/{@namespace}", Within: new(tenant, @namespace)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<Namespace>>(
            async session =>
                await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner
                    ? TenantProblems.NoTenant
                : await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is { } found ? found
                : TenantProblems.NoNamespace,
            cancellationToken
        );
    }
}

/// <summary>Where a tenant's clients connect: scheme, host or hosts, and port. Null where the cluster has no such entrance.</summary>
/// <param name="WebSocketUrl">Of the gateway: clients never speak to the cluster's own WebSocket service.</param>
/// <param name="WebSocketSessions">How many WebSocket connections the organization may have open at once; null for no limit.</param>
/// <param name="WebSocketMessageBytes">The largest message of a WebSocket client as it sends it, JSON and Base64 included; null for no
/// limit.</param>
public sealed record Connection(
    string Cluster,
    string? BrokerUrl,
    Uri? WebSocketUrl,
    bool IsStandIn,
    int? WebSocketSessions = null,
    long? WebSocketMessageBytes = null
)
{
    /// <summary>Of several brokers the first, for clients that take one address: it leads them to the others.</summary>
    public string? FirstBrokerUrl => BrokerUrl?.Split(',')[0];

    public bool HasSeveralBrokers => BrokerUrl?.Contains(',', StringComparison.Ordinal) == true;

    /// <summary>Clients check the brokers' certificates.</summary>
    public bool IsTls => BrokerUrl?.StartsWith("pulsar+ssl://", StringComparison.Ordinal) == true;
}

public sealed class GetConnection(AccessGuard guard, IPortalDatabase database, IClusterCatalog clusters, IPublicAddress portal)
{
    public async Task<Outcome<Connection>> RunAsync(Actor actor, string organization, string tenant, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "tenant.connect", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        var (found, limits) = await database.ReadAsync(
            async session =>
                (
                    await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken),
                    (await session.PlanOfAsync(access.Organization, cancellationToken)).Limits
                ),
            cancellationToken
        );
        if (found is null)
            return TenantProblems.NoTenant;
        return clusters.Find(found.Cluster) is { } cluster
            ? new Connection(
                cluster.Name,
                cluster.BrokerUrl,
                cluster.WebSocketUrl is null ? null : Gateway(portal.Url),
                cluster.IsStandIn,
                limits.WebSocketSessions,
                limits.WebSocketMessageBytes
            )
            : new Problem.Unavailable(
                "cluster-unregistered",
                $"This tenant's cluster '{found.Cluster}' is no longer registered. Contact the operator."
            );
    }

    /// <summary>The gateway stands at the portal's own address; the cluster's is for the portal alone.</summary>
    private static Uri Gateway(Uri portal) =>
        new UriBuilder(portal) { Scheme = portal.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Path = "" }.Uri;
}
