using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class ConnectorStore(PortalDbContext context) : IConnectorStore
{
    private IQueryable<Connector> Connectors => context.Connectors.Where(connector => connector.State != ResourceState.Deleted);

    public Task<Connector?> FindAsync(NamespaceId @namespace, string name, CancellationToken cancellationToken) =>
        Connectors.SingleOrDefaultAsync(connector => connector.NamespaceId == @namespace && connector.Name == name, cancellationToken);

    public Task<Connector?> FindAsync(ConnectorId id, CancellationToken cancellationToken) =>
        context.Connectors.SingleOrDefaultAsync(connector => connector.Id == id, cancellationToken);

    public Task<PageOf<Connector>> ListAsync(
        TenantId tenant,
        Scope scope,
        ConnectorFamily family,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Connectors
            .Where(connector =>
                connector.TenantId == tenant
                && (family == ConnectorFamily.Any || (connector.Kind == ConnectorKind.Function) == (family == ConnectorFamily.Functions))
                && (scope.Tenant == null || connector.TenantName == scope.Tenant)
                && (scope.Namespace == null || connector.NamespaceName == scope.Namespace)
            )
            .Matching(page.Search)
            .PageAsync(page, "connectors", connector => connector.Path, connector => connector.Id, newestFirst: false, cancellationToken);

    public Task<PageOf<Connector>> ListOfNamespaceAsync(NamespaceId @namespace, PageRequest page, CancellationToken cancellationToken) =>
        Connectors
            .Where(connector => connector.NamespaceId == @namespace)
            .PageAsync(
                page,
                "connectors-of-namespace",
                connector => connector.Name,
                connector => connector.Id,
                newestFirst: false,
                cancellationToken
            );

    public Task<PageOf<Connector>> ListOfOrganizationAsync(
        OrganizationId organization,
        Scope scope,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Within(organization, scope)
            .Matching(page.Search)
            .PageAsync(
                page,
                "connectors-of-organization",
                connector => connector.Path,
                connector => connector.Id,
                newestFirst: false,
                cancellationToken
            );

    public async Task<IReadOnlyList<Connector>> ListTroubledAsync(
        OrganizationId organization,
        Scope scope,
        int limit,
        CancellationToken cancellationToken
    ) =>
        await Within(organization, scope)
            .Where(connector => connector.Trouble != null || connector.State == ResourceState.Failed)
            .OrderBy(connector => connector.TroubleSince)
            .ThenBy(connector => connector.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Connector>> ListRunningAsync(
        string cluster,
        ConnectorId? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var running = Connectors.Where(connector =>
            connector.Cluster == cluster
            && connector.State == ResourceState.Ready
            && connector.Wish == ConnectorWish.Run
            && context.Organizations.Any(owner => owner.Id == connector.OrganizationId && owner.State == OrganizationState.Active)
        );
        if (after is { } last)
            running = running.After(connector => connector.Id, last);
        return await running.OrderBy(connector => connector.Id).Take(limit).ToListAsync(cancellationToken);
    }

    public Task<ConnectorRun?> OpenRunAsync(ConnectorId connector, CancellationToken cancellationToken) =>
        context.Set<ConnectorRun>().SingleOrDefaultAsync(run => run.ConnectorId == connector && run.Until == null, cancellationToken);

    public Task<int> CountInstancesAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Connectors
            .Where(connector => connector.OrganizationId == organization)
            .SumAsync(connector => connector.Instances, cancellationToken);

    public void Add(Connector connector) => context.Add(connector);

    public void Add(ConnectorRun run) => context.Add(run);

    private IQueryable<Connector> Within(OrganizationId organization, Scope scope) =>
        Connectors.Where(connector =>
            connector.OrganizationId == organization
            && (scope.Tenant == null || connector.TenantName == scope.Tenant)
            && (scope.Namespace == null || connector.NamespaceName == scope.Namespace)
        );
}
