using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>Versions of a tenant's packages, by namespace and name.</summary>
public sealed class ListPackages(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<FunctionPackage>>> RunAsync(
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
            new Operation(Permission.ViewResources, "package.list", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        return await database.ReadAsync<Outcome<PageOf<FunctionPackage>>>(
            async session =>
                await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner
                    ? TenantProblems.NoTenant
                    : await session.Packages.ListAsync(owner.Id, access.Scope, page, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>A version of a package, and the functions that run it.</summary>
public sealed record PackageDetail(FunctionPackage Package, IReadOnlyList<Connector> Users);

public sealed class GetPackage(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PackageDetail>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        string version,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "package.view",
            $"{tenant}/{@namespace}/{name}@{version}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PackageDetail>>(
            async session =>
            {
                var found = await session.FindPackageAsync(access.Organization.Id, tenant, @namespace, name, version, cancellationToken);
                if (!found.TryGet(out var package, out var missing))
                    return missing;
                var users = await session.Packages.UsersAsync(package.NamespaceId, package.Name, cancellationToken);
                return new PackageDetail(package, [.. users.Where(one => one.Package?.Version == package.Version)]);
            },
            cancellationToken
        );
    }
}

/// <summary>The versions of one package, newest first, each with the functions that run it.</summary>
public sealed class ListPackageVersions(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<PackageDetail>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "package.view",
            $"{tenant}/{@namespace}/{name}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<PackageDetail>>>(
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                var versions = await session.Packages.ListVersionsAsync(inside.Id, name, page, cancellationToken);
                var users = await session.Packages.UsersAsync(inside.Id, name, cancellationToken);
                return versions.Map(one => new PackageDetail(one, [.. users.Where(user => user.Package?.Version == one.Version)]));
            },
            cancellationToken
        );
    }
}

/// <summary>Whether a tenant's people may upload functions of their own, and how large.</summary>
/// <param name="Refusal">Why not; null where they may.</param>
public sealed record PackageRoom(Problem? Refusal, long MostBytes);

public sealed class GetPackageRoom(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PackageRoom>> RunAsync(Actor actor, string organization, string tenant, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "package.list", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        return await database.ReadAsync<Outcome<PackageRoom>>(
            async session =>
            {
                if (
                    !(await CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken)).TryGet(
                        out var cluster,
                        out var missing
                    )
                )
                    return missing;
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                var refusal =
                    PackageRules.RefuseOn(cluster)
                    ?? await PackageRules.RefuseOneMoreAsync(session, access.Organization.Id, cancellationToken);
                return new PackageRoom(
                    refusal,
                    Math.Min(plan.Limits[LimitKind.FunctionPackageBytes] ?? PackageRules.MostBytes, PackageRules.MostBytes)
                );
            },
            cancellationToken
        );
    }
}
