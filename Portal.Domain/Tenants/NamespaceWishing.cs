using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>Changes what a customer wishes of a namespace, and has the cluster follow.</summary>
public sealed class NamespaceWishing(IPortalDatabase database, TimeProvider clock)
{
    internal Task<Outcome<Namespace>> ChangeAsync(
        Actor actor,
        OrganizationAccess access,
        Operation operation,
        string tenant,
        string @namespace,
        Func<NamespaceWishes, NamespaceWishes> change,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<Namespace>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found)
                    return TenantProblems.NoNamespace;
                if (found.State == ResourceState.Deleting)
                    return TenantProblems.Deleting("namespace");
                var wishes = change(found.Wishes);
                if (WishRules.Refuse(wishes) is { } wrong)
                    return wrong;
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                if (WishRules.Refuse(wishes, plan) is { } over)
                    return over;
                if (
                    KeepsMore(plan.Limits, found.Wishes, wishes)
                    && CostlyChanges.Refuse((await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!)
                        is { } overdue
                )
                    return overdue;
                found.Wish(wishes);
                session.Work.Add(clock, new ApplyPoliciesWork(found.Id), ApplyPoliciesWork.Place(found, WorkPriority.Waiting));
                return found;
            },
            cancellationToken
        );

    /// <summary>More can be stored than before, by what the wishes come to within the plan.</summary>
    private static bool KeepsMore(PlanLimits limits, NamespaceWishes had, NamespaceWishes wanted)
    {
        var (before, after) = (DesiredNamespace.Of(limits, had, Publishing.Open), DesiredNamespace.Of(limits, wanted, Publishing.Open));
        return IsMore(before.RetentionTime, after.RetentionTime)
            || IsMore(before.RetentionSize, after.RetentionSize)
            || IsMore(before.BacklogQuotaBytes, after.BacklogQuotaBytes)
            || IsMore(before.MessageTtl, after.MessageTtl);
    }

    /// <summary>Null is no limit.</summary>
    private static bool IsMore<T>(T? had, T? wanted)
        where T : struct, IComparable<T> => had is { } before && (wanted is not { } now || now.CompareTo(before) > 0);
}
