using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>Changes what a customer wishes of a namespace, and has the cluster follow.</summary>
public sealed class NamespaceWishing(IPortalDatabase database, TimeProvider clock)
{
    internal Task<Outcome<Namespace>> ChangeAsync(
        Actor actor, OrganizationAccess access, Operation operation, string tenant, string @namespace, Func<NamespaceWishes, NamespaceWishes> change,
        CancellationToken cancellationToken) =>
        database.WriteAsync<Namespace>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found) return TenantProblems.NoNamespace;
            if (found.State == ResourceState.Deleting) return TenantProblems.Deleting("namespace");
            var wishes = change(found.Wishes);
            if (WishRules.Refuse(wishes) is { } wrong) return wrong;
            if (WishRules.Refuse(wishes, await session.PlanOfAsync(access.Organization.Id, cancellationToken)) is { } over) return over;
            found.Wish(wishes);
            session.Work.Add(clock, new ApplyPoliciesWork(found.Id), ApplyPoliciesWork.Place(found, WorkPriority.Waiting));
            return found;
        }, cancellationToken);
}
