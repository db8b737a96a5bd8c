using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class PackageStore(PortalDbContext context) : IPackageStore
{
    private IQueryable<FunctionPackage> Packages => context.Set<FunctionPackage>().Where(package => package.State != ResourceState.Deleted);

    public Task<FunctionPackage?> FindAsync(NamespaceId @namespace, string name, string version, CancellationToken cancellationToken) =>
        Packages.SingleOrDefaultAsync(
            package => package.NamespaceId == @namespace && package.Name == name && package.Version == version,
            cancellationToken
        );

    public Task<FunctionPackage?> FindAsync(PackageId id, CancellationToken cancellationToken) =>
        context.Set<FunctionPackage>().SingleOrDefaultAsync(package => package.Id == id, cancellationToken);

    public Task<PageOf<FunctionPackage>> ListAsync(TenantId tenant, Scope scope, PageRequest page, CancellationToken cancellationToken) =>
        Packages
            .Where(package =>
                package.TenantId == tenant
                && (scope.Tenant == null || package.TenantName == scope.Tenant)
                && (scope.Namespace == null || package.NamespaceName == scope.Namespace)
            )
            .Matching(page.Search)
            .PageAsync(page, "packages", package => package.Path, package => package.Id, newestFirst: false, cancellationToken);

    public Task<PageOf<FunctionPackage>> ListVersionsAsync(
        NamespaceId @namespace,
        string name,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Packages
            .Where(package => package.NamespaceId == @namespace && package.Name == name)
            .PageAsync(page, "package-versions", package => package.CreatedAt, package => package.Id, newestFirst: true, cancellationToken);

    public Task<PageOf<FunctionPackage>> ListOfNamespaceAsync(
        NamespaceId @namespace,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Packages
            .Where(package => package.NamespaceId == @namespace)
            .PageAsync(
                page,
                "packages-of-namespace",
                package => package.Name,
                package => package.Id,
                newestFirst: false,
                cancellationToken
            );

    public Task<int> CountAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Packages.CountAsync(package => package.OrganizationId == organization, cancellationToken);

    public async Task<IReadOnlyList<Connector>> UsersAsync(NamespaceId @namespace, string name, CancellationToken cancellationToken)
    {
        var type = PackageUse.TypeOf(name);
        return await context
            .Connectors.Where(connector =>
                connector.NamespaceId == @namespace && connector.Type == type && connector.State != ResourceState.Deleted
            )
            .OrderBy(connector => connector.Name)
            .ToListAsync(cancellationToken);
    }

    public void Add(FunctionPackage package) => context.Add(package);
}
