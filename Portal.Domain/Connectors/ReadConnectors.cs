using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>The tenant's connectors, by namespace and name.</summary>
public sealed class ListConnectors(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Connector>>> RunAsync(Actor actor, string organization, string tenant, PageRequest page, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewResources, "connector.list", tenant, Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        if (!access.Scope.Touches(new(tenant))) return TenantProblems.NoTenant;
        return await database.ReadAsync<Outcome<PageOf<Connector>>>(async session =>
            await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner ? TenantProblems.NoTenant
            : await session.Connectors.ListAsync(owner.Id, access.Scope, page, cancellationToken), cancellationToken);
    }
}

public sealed class GetConnector(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Connector>> RunAsync(Actor actor, string organization, string tenant, string @namespace, string name, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ViewResources, "connector.view", $"{tenant}/{@namespace}/{name}", Within: new(tenant, @namespace));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.ReadAsync(session => session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, cancellationToken), cancellationToken);
    }
}

/// <summary>What each instance of a connector does at the moment.</summary>
public sealed class GetConnectorStatus(AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ISecretSeal seal)
{
    /// <summary>Conflict <c>connector-not-ready</c> while it is not on its cluster.</summary>
    public async Task<Outcome<ConnectorStatus>> RunAsync(Actor actor, string organization, string tenant, string @namespace, string name, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ViewResources, "connector.view-live", $"{tenant}/{@namespace}/{name}", Within: new(tenant, @namespace));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        var found = await database.ReadAsync(session => session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, cancellationToken), cancellationToken);
        if (!found.TryGet(out var connector, out problem)) return problem;
        if (connector.State != ResourceState.Ready) return ConnectorProblems.NotReady;
        var asked = await connectors.StatusAsync(connector.OnCluster, cancellationToken);
        if (!asked.TryGet(out var status, out problem)) return problem;
        // Connectors put what they were told into their exceptions, passwords too.
        var secrets = connector.OpenSecrets(seal)?.Select(pair => ConnectorConfiguration.Shown(pair.Value)).ToList() ?? [];
        return status with { Instances = [.. status.Instances.Select(one => one with { Trouble = ExceptionWords.Without(one.Trouble, secrets) })] };
    }
}
