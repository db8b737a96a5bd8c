using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class TenantStore(PortalDbContext context) : ITenantStore
{
    private IQueryable<Tenant> Tenants => context.Tenants.Where(tenant => tenant.State != ResourceState.Deleted);

    private IQueryable<Namespace> Namespaces => context.Namespaces.Where(@namespace => @namespace.State != ResourceState.Deleted);

    public async Task<OrganizationId?> NameOwnerAsync(string name, CancellationToken cancellationToken)
    {
        var key = Keyset.Needle(name);
        return (await context.TenantNames.AsNoTracking().SingleOrDefaultAsync(row => row.Key == key, cancellationToken))?.OrganizationId;
    }

    public void ClaimName(TenantName name, OrganizationId organization) =>
        context.Add(
            new TenantNameRow
            {
                Key = Keyset.Needle(name.Value),
                Name = name.Value,
                OrganizationId = organization,
            }
        );

    public Task<Tenant?> FindAsync(OrganizationId organization, string name, CancellationToken cancellationToken) =>
        Tenants.SingleOrDefaultAsync(tenant => tenant.OrganizationId == organization && tenant.Name == name, cancellationToken);

    public Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken) =>
        context.Tenants.SingleOrDefaultAsync(tenant => tenant.Id == id, cancellationToken);

    public Task<PageOf<Tenant>> ListAsync(OrganizationId organization, Scope scope, PageRequest page, CancellationToken cancellationToken)
    {
        var tenants = Of(organization, scope);
        if (page.Search is not null)
        {
            var needle = Keyset.Needle(page.Search);
#pragma warning disable CA1304, CA1311, CA1862 // Runs in the database, where lower() knows a–z only.
            tenants = tenants.Where(tenant => tenant.Name.ToLower().Contains(needle));
#pragma warning restore CA1304, CA1311, CA1862
        }
        return tenants.PageAsync(page, "tenants", tenant => tenant.Name, tenant => tenant.Id, newestFirst: false, cancellationToken);
    }

    public Task<int> CountAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken) =>
        Of(organization, scope).CountAsync(cancellationToken);

    public Task<int> CountMadeSinceAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken) =>
        context.Tenants.CountAsync(tenant => tenant.OrganizationId == organization && tenant.CreatedAt >= since, cancellationToken);

    public Task<Namespace?> FindNamespaceAsync(TenantId tenant, string name, CancellationToken cancellationToken) =>
        Namespaces.SingleOrDefaultAsync(@namespace => @namespace.TenantId == tenant && @namespace.Name == name, cancellationToken);

    public Task<Namespace?> FindNamespaceAsync(NamespaceId id, CancellationToken cancellationToken) =>
        context.Namespaces.SingleOrDefaultAsync(@namespace => @namespace.Id == id, cancellationToken);

    public Task<PageOf<Namespace>> ListNamespacesAsync(
        TenantId tenant,
        Scope scope,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Namespaces
            .Where(@namespace => @namespace.TenantId == tenant && (scope.Namespace == null || @namespace.Name == scope.Namespace))
            .PageAsync(
                page,
                "namespaces",
                @namespace => @namespace.Name,
                @namespace => @namespace.Id,
                newestFirst: false,
                cancellationToken
            );

    public Task<int> CountNamespacesAsync(TenantId tenant, CancellationToken cancellationToken) =>
        Namespaces.CountAsync(@namespace => @namespace.TenantId == tenant, cancellationToken);

    public async Task<IReadOnlyList<Namespace>> ReadyNamespacesAsync(
        OrganizationId organization,
        NamespaceId? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var ready = context
            .Namespaces.AsNoTracking()
            .Where(@namespace => @namespace.OrganizationId == organization && @namespace.State == ResourceState.Ready);
        if (after is { } last)
            ready = ready.After(@namespace => @namespace.Id, last);
        return await ready.OrderBy(@namespace => @namespace.Id).Take(limit).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Tenant>> ListOfClusterAsync(string cluster, CancellationToken cancellationToken) =>
        await Tenants.Where(tenant => tenant.Cluster == cluster).OrderBy(tenant => tenant.Name).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<string>> ClustersAsync(
        OrganizationId organization,
        DateTimeOffset since,
        CancellationToken cancellationToken
    ) => await Since(organization, since).Select(tenant => tenant.Cluster).Distinct().Order().ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<string>> MeteredClustersAsync(
        OrganizationId organization,
        DateTimeOffset since,
        CancellationToken cancellationToken
    ) =>
        await Since(organization, since)
            .Where(tenant =>
                context.Topics.Any(topic =>
                    topic.TenantId == tenant.Id && topic.ReadyAt != null && (topic.DeletedAt == null || topic.DeletedAt >= since)
                )
            )
            .Select(tenant => tenant.Cluster)
            .Distinct()
            .Order()
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Tenant>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) =>
        await Of(organization, scope)
            .Where(tenant => tenant.State == ResourceState.Failed || tenant.State == ResourceState.Creating && tenant.CreatedAt < before)
            .OrderBy(tenant => tenant.CreatedAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    private IQueryable<Tenant> Since(OrganizationId organization, DateTimeOffset since) =>
        context
            .Tenants.Where(tenant => tenant.OrganizationId == organization && (tenant.DeletedAt == null || tenant.DeletedAt >= since))
            // Metered to its end: one that is gone holds nothing back.
            .Where(tenant =>
                !context.Set<RegisteredCluster>().Any(cluster => cluster.Name == tenant.Cluster && cluster.State == ClusterState.Removed)
            );

    private IQueryable<Tenant> Of(OrganizationId organization, Scope scope) =>
        Tenants.Where(tenant => tenant.OrganizationId == organization && (scope.Tenant == null || tenant.Name == scope.Tenant));

    public Task<Namespace?> NextReadyAsync(string cluster, NamespaceId? after, CancellationToken cancellationToken)
    {
        var ready = context
            .Namespaces.AsNoTracking()
            .Where(@namespace => @namespace.Cluster == cluster && @namespace.State == ResourceState.Ready);
        if (after is { } last)
            ready = ready.After(@namespace => @namespace.Id, last);
        return ready.OrderBy(@namespace => @namespace.Id).FirstOrDefaultAsync(cancellationToken);
    }

    public void Add(Tenant tenant) => context.Add(tenant);

    public void Add(Namespace @namespace) => context.Add(@namespace);
}
