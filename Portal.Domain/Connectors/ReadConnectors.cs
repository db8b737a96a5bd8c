using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Connectors;

/// <summary>The tenant's connectors and functions, by namespace and name.</summary>
public sealed class ListConnectors(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<Connector>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        ConnectorFamily family,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, $"{family.Noun()}.list", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        return await database.ReadAsync<Outcome<PageOf<Connector>>>(
            async session =>
                await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner
                    ? TenantProblems.NoTenant
                    : await session.Connectors.ListAsync(owner.Id, access.Scope, family, page, cancellationToken),
            cancellationToken
        );
    }
}

public sealed class GetConnector(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Connector>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            $"{family.Noun()}.view",
            $"{tenant}/{@namespace}/{name}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(
            session => session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>What each instance of a connector does at the moment.</summary>
public sealed class GetConnectorStatus(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ISubscriptionAdmin subscriptions,
    ConnectorGuides guides,
    ISecretSeal seal
)
{
    private const int TopicsAsked = 5;

    /// <summary>Conflict <c>connector-not-ready</c> while it is not on its cluster.</summary>
    public async Task<Outcome<ConnectorStatus>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            $"{family.Noun()}.view-live",
            $"{tenant}/{@namespace}/{name}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var connector, out problem))
            return problem;
        if (connector.State != ResourceState.Ready)
            return ConnectorProblems.NotReady(connector.Kind);
        var asked = await connectors.StatusAsync(connector.OnCluster, cancellationToken);
        if (!asked.TryGet(out var status, out problem))
            return problem;
        // Connectors put what they were told into their exceptions, passwords too.
        var cluster = await database.ReadAsync(
            session => session.Clusters.FindAsync(connector.Cluster, cancellationToken),
            cancellationToken
        );
        var secrets = cluster.OpenSecrets(connector, seal);
        var minute =
            connector.Kind == ConnectorKind.Function ? await connectors.LastMinuteAsync(connector.OnCluster, cancellationToken) : null;
        IReadOnlyList<ConnectorInstance> instances =
        [
            .. status.Instances.Select(one => one.Explained(guides.Explain(connector, one.Exception, secrets))),
        ];
        return status with
        {
            LastMinute = minute?.IsOk == true ? minute.Value : null,
            Waiting = await WaitingAsync(connector, cancellationToken),
            Instances = instances,
            Remedy = instances.Select(one => guides.Remedy(connector, one.TroubleField)).FirstOrDefault(remedy => remedy is not null),
        };
    }

    /// <summary>
    /// Topics whose backlog cannot be had at the moment are left out: the state of the connector is worth more than none of it.
    /// </summary>
    private async Task<IReadOnlyList<ConnectorBacklog>> WaitingAsync(Connector connector, CancellationToken cancellationToken)
    {
        if (connector.Subscription is not { } subscription)
            return [];
        var waiting = new List<ConnectorBacklog>();
        foreach (var address in connector.ReadTopics.Take(TopicsAsked))
        {
            var topic = await database.ReadAsync(
                session => session.FindByAddressAsync(connector.TenantId, address, cancellationToken),
                cancellationToken
            );
            if (topic is not { State: ResourceState.Ready })
                continue;
            var look = await subscriptions.LookAsync(topic.OnCluster, SubscriptionName.Create(subscription).Value, cancellationToken);
            if (look.TryGet(out var detail, out var problem))
                waiting.Add(new($"{topic.NamespaceName}/{topic.Name}", detail.Figures.Backlog, detail.Figures.BacklogBytes));
            else if (problem is Problem.Unavailable)
                break;
        }
        return waiting;
    }
}
