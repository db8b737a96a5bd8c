using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>Makes a namespace with the plan's limits as its policies; the cluster follows through the outbox.</summary>
public sealed class CreateNamespace(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Namespace>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageResources, "namespace.create", $"{tenant}/{name}", Within: new(tenant));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!NamespaceName.Create(name).TryGet(out var namespaceName, out problem))
            return problem;

        return await database.WriteAsync<Namespace>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var owner = await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken);
                if (owner is null)
                    return TenantProblems.NoTenant;
                if (owner.State == ResourceState.Deleting)
                    return TenantProblems.Deleting("tenant");
                if (await session.Tenants.FindNamespaceAsync(owner.Id, namespaceName.Value, cancellationToken) is not null)
                    return new Problem.Conflict(
                        "namespace-exists",
                        $"Tenant '{owner.Name}' already has a namespace named '{namespaceName}'.",
                        "name"
                    );
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                var used = await session.Tenants.CountNamespacesAsync(owner.Id, cancellationToken);
                if (plan.RefuseOneMore(LimitKind.NamespacesPerTenant, "namespaces-limit", "namespace", "in a tenant", used) is { } over)
                    return over;
                return Add(session, owner, namespaceName, clock);
            },
            cancellationToken
        );
    }

    internal static Namespace Add(IPortalSession session, Tenant tenant, NamespaceName name, TimeProvider clock)
    {
        var made = new Namespace(new NamespaceId(clock.NewUuid()), tenant, name, clock.Now());
        session.Tenants.Add(made);
        session.Work.Add(clock, new CreateNamespaceWork(made.Id), made.Place());
        return made;
    }
}
