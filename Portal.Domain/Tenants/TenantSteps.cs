using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

public sealed record CreateTenantWork(TenantId Tenant) : IWorkPayload
{
    public static string Kind => "tenant.create";
}

public sealed record CreateNamespaceWork(NamespaceId Namespace) : IWorkPayload
{
    public static string Kind => "namespace.create";
}

/// <summary>After a change of what the namespace's policies follow from: its organization's limits, the customer's wishes.</summary>
public sealed record ApplyPoliciesWork(NamespaceId Namespace) : IWorkPayload
{
    public static string Kind => "namespace.apply-policies";

    /// <summary>A line of the namespace's own: nothing that people wait for in the tenant's line stands behind it.</summary>
    public static WorkPlace Place(Namespace @namespace, WorkPriority priority) =>
        new(Lanes.Cluster(@namespace.Cluster), $"policies:{@namespace.Id}", @namespace.OrganizationId, @namespace.Path, priority);
}

internal static class TenantPlaces
{
    /// <summary>The tenant's line: a topic is never created before its namespace, a namespace never deleted before its topics.</summary>
    internal static WorkPlace Place(this Tenant tenant) => Of(tenant.Cluster, tenant.Id, tenant.OrganizationId, tenant.Name);

    /// <inheritdoc cref="Place(Tenant)"/>
    internal static WorkPlace Place(this Namespace @namespace) =>
        Of(@namespace.Cluster, @namespace.TenantId, @namespace.OrganizationId, @namespace.Path);

    internal static WorkPlace Of(string cluster, TenantId tenant, OrganizationId owner, string subject) =>
        new(Lanes.Cluster(cluster), $"tenant:{tenant}", owner, subject, WorkPriority.Waiting);
}

/// <summary>Makes tenants on the cluster.</summary>
public sealed class CreateTenantStep(IPortalDatabase database, ITenantAdmin tenants, IKillPoints killPoints, TimeProvider clock)
    : IWorkStep<CreateTenantWork>
{
    public async Task<StepResult> RunAsync(CreateTenantWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var tenant = await database.ReadAsync(session => session.Tenants.FindAsync(payload.Tenant, cancellationToken), cancellationToken);
        if (tenant is not { State: ResourceState.Creating })
            return StepResult.Finished;
        killPoints.Reached(KillPoint.TenantBeforeCluster);
        var made = await tenants.EnsureAsync(tenant.OnCluster, cancellationToken);
        if (!made.IsOk)
            return StepResult.Of(made.Problem);
        killPoints.Reached(KillPoint.TenantAfterCluster);
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Tenants.FindAsync(payload.Tenant, token) is { State: ResourceState.Creating } now)
                    now.Ready(clock.Now());
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        CreateTenantWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindAsync(payload.Tenant, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, CreateTenantWork payload, Problem problem, CancellationToken cancellationToken)
    {
        if (await session.Tenants.FindAsync(payload.Tenant, cancellationToken) is { State: ResourceState.Creating } tenant)
            tenant.Fail(problem);
    }
}

/// <summary>
/// Makes namespaces on the cluster, with their policies and the portal's own role, and keeps the policies as they should be.
/// </summary>
public sealed class NamespaceSteps(IPortalDatabase database, INamespaceAdmin namespaces, IKillPoints killPoints, TimeProvider clock)
    : IWorkStep<CreateNamespaceWork>,
        IWorkStep<ApplyPoliciesWork>
{
    public async Task<StepResult> RunAsync(CreateNamespaceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (@namespace, wanted) = await ReadAsync(payload.Namespace, cancellationToken);
        if (@namespace is not { State: ResourceState.Creating })
            return StepResult.Finished;
        killPoints.Reached(KillPoint.NamespaceBeforeCluster);
        var made = await namespaces.EnsureAsync(@namespace.OnCluster, cancellationToken);
        if (!made.IsOk)
            return StepResult.Of(made.Problem);
        killPoints.Reached(KillPoint.NamespaceBetweenPolicies);
        var equipped = await EquipAsync(@namespace, wanted!, cancellationToken);
        if (!equipped.IsOk)
            return StepResult.Of(equipped.Problem);
        killPoints.Reached(KillPoint.NamespaceAfterCluster);
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Tenants.FindNamespaceAsync(payload.Namespace, token) is not { State: ResourceState.Creating } now)
                    return;
                now.PoliciesSet(wanted!);
                now.Ready(clock.Now());
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        CreateNamespaceWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        CreateNamespaceWork payload,
        Problem problem,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken) is { State: ResourceState.Creating } @namespace)
            @namespace.Fail(problem);
    }

    /// <summary>A namespace that is still to be made gets its policies when it is; one that is gone is not made again.</summary>
    public async Task<StepResult> RunAsync(ApplyPoliciesWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (@namespace, wanted) = await ReadAsync(payload.Namespace, cancellationToken);
        if (@namespace is not { State: ResourceState.Ready })
            return StepResult.Finished;
        var applied = await EquipAsync(@namespace, wanted!, cancellationToken);
        if (!applied.IsOk)
        {
            // Deleted meanwhile: nothing is left to be set.
            var (now, _) = await ReadAsync(payload.Namespace, cancellationToken);
            return now is { State: ResourceState.Ready } ? StepResult.Of(applied.Problem) : StepResult.Finished;
        }
        return new StepResult.Done(
            async (session, token) => (await session.Tenants.FindNamespaceAsync(payload.Namespace, token))?.PoliciesSet(wanted!)
        );
    }

    /// <summary>Its policies, and the portal's own role.</summary>
    private async Task<Outcome<Done>> EquipAsync(Namespace @namespace, NamespacePolicies wanted, CancellationToken cancellationToken)
    {
        var set = await namespaces.SetPoliciesAsync(@namespace.OnCluster, wanted, cancellationToken);
        return set.IsOk ? await namespaces.AdmitPortalAsync(@namespace.OnCluster, @namespace.MessagesRole, cancellationToken) : set;
    }

    private async Task<(Namespace? Namespace, NamespacePolicies? Wanted)> ReadAsync(NamespaceId id, CancellationToken cancellationToken) =>
        await database.ReadAsync<(Namespace?, NamespacePolicies?)>(
            async session =>
            {
                var found = await session.Tenants.FindNamespaceAsync(id, cancellationToken);
                var owner = found is null ? null : await session.Organizations.FindAsync(found.OrganizationId, cancellationToken);
                return (
                    found,
                    owner is null
                        ? null
                        : DesiredNamespace.Of((await session.PlanOfAsync(owner, cancellationToken)).Limits, found!.Wishes, owner.Publishing)
                );
            },
            cancellationToken
        );
}
