using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Provisioning;

/// <summary>Tenants and namespaces on the cluster.</summary>
public sealed class TenantProvisioning(IPortalDatabase database, IClusterAdmin cluster, IKillPoints killPoints, TimeProvider clock) : IIntentHandler
{
    private static readonly Settle Nothing = (_, _) => Task.CompletedTask;

    public bool Handles(IntentKind kind) =>
        kind is IntentKind.CreateTenant or IntentKind.DeleteTenant or IntentKind.CreateNamespace or IntentKind.DeleteNamespace or IntentKind.ApplyNamespacePolicies;

    public Task<Outcome<Settle>> RunAsync(Intent intent, Lease lease, CancellationToken cancellationToken) => intent.Kind switch
    {
        IntentKind.CreateTenant => CreateTenantAsync(new(intent.Subject), cancellationToken),
        IntentKind.DeleteTenant => DeleteTenantAsync(new(intent.Subject), cancellationToken),
        IntentKind.CreateNamespace => CreateNamespaceAsync(new(intent.Subject), cancellationToken),
        IntentKind.DeleteNamespace => DeleteNamespaceAsync(new(intent.Subject), cancellationToken),
        IntentKind.ApplyNamespacePolicies => ApplyPoliciesAsync(new(intent.Subject), cancellationToken),
        _ => throw new InvalidOperationException($"{intent.Kind} is not of tenants."),
    };

    public async Task RefuseAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken)
    {
        if (intent.Kind is IntentKind.CreateTenant or IntentKind.DeleteTenant)
            (await session.Tenants.FindAsync(new TenantId(intent.Subject), cancellationToken))?.Fail(problem);
        else
            (await session.Tenants.FindNamespaceAsync(new NamespaceId(intent.Subject), cancellationToken))?.Fail(problem);
    }

    public async Task DelayAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken)
    {
        if (intent.Kind is IntentKind.CreateTenant or IntentKind.DeleteTenant)
            (await session.Tenants.FindAsync(new TenantId(intent.Subject), cancellationToken))?.Wait(problem);
        else if (intent.Kind is not IntentKind.ApplyNamespacePolicies)
            (await session.Tenants.FindNamespaceAsync(new NamespaceId(intent.Subject), cancellationToken))?.Wait(problem);
    }

    private async Task<Outcome<Settle>> CreateTenantAsync(TenantId id, CancellationToken cancellationToken)
    {
        var tenant = await database.ReadAsync(session => session.Tenants.FindAsync(id, cancellationToken), cancellationToken);
        if (tenant is not { State: ResourceState.Creating }) return Nothing;
        killPoints.Reached(KillPoint.TenantBeforeCluster);
        var made = await cluster.EnsureTenantAsync(tenant, cancellationToken);
        if (!made.IsOk) return made.Problem;
        killPoints.Reached(KillPoint.TenantAfterCluster);
        return new Settle(async (session, token) =>
        {
            if (await session.Tenants.FindAsync(id, token) is { State: ResourceState.Creating } now) now.Ready();
        });
    }

    private async Task<Outcome<Settle>> CreateNamespaceAsync(NamespaceId id, CancellationToken cancellationToken)
    {
        var (@namespace, plan) = await ReadAsync(id, cancellationToken);
        if (@namespace is not { State: ResourceState.Creating }) return Nothing;
        killPoints.Reached(KillPoint.NamespaceBeforeCluster);
        var made = await cluster.EnsureNamespaceAsync(
            @namespace, NamespacePolicies.Of(plan!), () => killPoints.Reached(KillPoint.NamespaceBetweenPolicies), cancellationToken);
        if (!made.IsOk) return made.Problem;
        var granted = await cluster.GrantNamespaceAsync(@namespace, @namespace.MessagesRole, produce: true, consume: true, cancellationToken);
        if (!granted.IsOk) return granted.Problem;
        killPoints.Reached(KillPoint.NamespaceAfterCluster);
        return new Settle(async (session, token) =>
        {
            if (await session.Tenants.FindNamespaceAsync(id, token) is { State: ResourceState.Creating } now) now.Ready();
        });
    }

    /// <summary>After a change of plan. A namespace that is still to be made gets the plan's policies when it is.</summary>
    private async Task<Outcome<Settle>> ApplyPoliciesAsync(NamespaceId id, CancellationToken cancellationToken)
    {
        var (@namespace, plan) = await ReadAsync(id, cancellationToken);
        if (@namespace is not { State: ResourceState.Ready }) return Nothing;
        var applied = await cluster.EnsureNamespaceAsync(@namespace, NamespacePolicies.Of(plan!), () => { }, cancellationToken);
        return applied.IsOk ? Nothing : applied.Problem;
    }

    private async Task<(Namespace? Namespace, Plan? Plan)> ReadAsync(NamespaceId id, CancellationToken cancellationToken) =>
        await database.ReadAsync<(Namespace?, Plan?)>(async session =>
        {
            var found = await session.Tenants.FindNamespaceAsync(id, cancellationToken);
            var owner = found is null ? null : await session.Organizations.FindAsync(found.OrganizationId, cancellationToken);
            return (found, owner is null ? null : Plan.Of(owner.Plan));
        }, cancellationToken);

    private async Task<Outcome<Settle>> DeleteNamespaceAsync(NamespaceId id, CancellationToken cancellationToken)
    {
        var (@namespace, topics) = await database.ReadAsync(async session =>
            (await session.Tenants.FindNamespaceAsync(id, cancellationToken), await session.Topics.CountAsync(id, cancellationToken)), cancellationToken);
        if (@namespace is null or { State: ResourceState.Deleted }) return Nothing;
        if (topics > 0)
            return new Problem.Conflict("namespace-not-empty", $"{topics} topics could not be deleted, so the namespace stays. See what they say, then delete it again.");
        var deleted = await cluster.DeleteNamespaceAsync(@namespace, cancellationToken);
        if (!deleted.IsOk) return deleted.Problem;
        return new Settle(async (session, token) => (await session.Tenants.FindNamespaceAsync(id, token))?.Deleted(clock.Now()));
    }

    private async Task<Outcome<Settle>> DeleteTenantAsync(TenantId id, CancellationToken cancellationToken)
    {
        var (tenant, namespaces) = await database.ReadAsync(async session =>
            (await session.Tenants.FindAsync(id, cancellationToken), await session.Tenants.CountNamespacesAsync(id, cancellationToken)), cancellationToken);
        if (tenant is null or { State: ResourceState.Deleted }) return Nothing;
        if (namespaces > 0)
            return new Problem.Conflict("tenant-not-empty", $"{namespaces} namespaces could not be deleted, so the tenant stays. See what they say, then delete it again.");
        var deleted = await cluster.DeleteTenantAsync(tenant, cancellationToken);
        if (!deleted.IsOk) return deleted.Problem;
        return new Settle(async (session, token) => (await session.Tenants.FindAsync(id, token))?.Deleted(clock.Now()));
    }
}
