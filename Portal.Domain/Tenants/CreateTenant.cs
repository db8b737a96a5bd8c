using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>Makes a tenant and its namespace <c>default</c>; the cluster follows.</summary>
public sealed class CreateTenant(AccessGuard guard, IPortalDatabase database, IClusterCatalog clusters, TimeProvider clock)
{
    private const int MostNamesADay = 20;

    public async Task<Outcome<Tenant>> RunAsync(
        Actor actor,
        string organization,
        string? name,
        string? cluster,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageResources, "tenant.create", name ?? "");
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!TenantName.Create(name).TryGet(out var tenantName, out problem))
            return problem;
        if (!TenantProblems.ClusterOf(clusters, cluster).TryGet(out var clusterName, out problem))
            return problem;

        return await database.WriteAsync<Tenant>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await CheckTenantName.RefuseAsync(session, access.Organization.Id, tenantName, cancellationToken) is { } taken)
                    return taken;
                // The row, not what this replica knows of it: it may have been drained or removed a moment ago.
                if ((await session.Clusters.FindToUseAsync(clusterName, cancellationToken))?.RefuseTenants() is { } closed)
                    return closed;
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                var used = await session.Tenants.CountAsync(access.Organization.Id, Scope.Whole, cancellationToken);
                if (plan.RefuseOneMore(LimitKind.Tenants, "tenants-limit", "tenant", null, used) is { } over)
                    return over;

                var now = clock.Now();
                // A name is given once and for ever, so that nobody reads what is left under it. Making and deleting uses names up.
                var day = TimeSpan.FromDays(1);
                var most = MostNamesADay + (int)Math.Min(plan.Limits[LimitKind.Tenants] ?? 0, 1_000_000);
                if (await session.Tenants.CountMadeSinceAsync(access.Organization.Id, now - day, cancellationToken) >= most)
                    return new Problem.TooMany(
                        "tenants-a-day",
                        $"An organization can create at most {most} tenants in 24 hours on this plan, deleted ones included. "
                            + "Try again tomorrow.",
                        day
                    );
                if (await session.Tenants.NameOwnerAsync(tenantName.Value, cancellationToken) is null)
                    session.Tenants.ClaimName(tenantName, access.Organization.Id);
                var tenant = new Tenant(new TenantId(clock.NewUuid()), access.Organization.Id, tenantName, clusterName, now);
                session.Tenants.Add(tenant);
                session.Work.Add(clock, new CreateTenantWork(tenant.Id), tenant.Place());
                CreateNamespace.Add(session, tenant, NamespaceName.Default, clock);
                return tenant;
            },
            cancellationToken
        );
    }
}

/// <summary>Whether a tenant's name can be taken, while it is typed.</summary>
public sealed class CheckTenantName(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, string? name, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageResources, "tenant.check-name", name ?? ""),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!TenantName.Create(name).TryGet(out var tenantName, out problem))
            return problem;
        problem = await database.ReadAsync(
            session => RefuseAsync(session, access.Organization.Id, tenantName, cancellationToken),
            cancellationToken
        );
        return problem is null ? Outcome.Done : problem;
    }

    internal static async Task<Problem?> RefuseAsync(
        IPortalSession session,
        OrganizationId organization,
        TenantName name,
        CancellationToken cancellationToken
    )
    {
        var owner = await session.Tenants.NameOwnerAsync(name.Value, cancellationToken);
        if (owner is not null && owner != organization)
            return new Problem.Conflict(
                "tenant-name-taken",
                $"The name '{name}' is taken. Tenant names are unique across the platform. Try adding your company's name.",
                "name"
            );
        return await session.Tenants.FindAsync(organization, name.Value, cancellationToken) is { } existing
            ? new Problem.Conflict(
                "tenant-exists",
                existing.State == ResourceState.Deleting
                    ? $"Your tenant '{name}' is still being deleted. Try again in a moment."
                    : $"Your organization already has a tenant named '{name}'.",
                "name"
            )
            : null;
    }
}
