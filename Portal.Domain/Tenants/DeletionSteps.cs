using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>Looks whether a tenant may go. Only then is anything taken away.</summary>
public sealed record DeleteTenantWork(TenantId Tenant, bool Force) : IWorkPayload
{
    public static string Kind => "tenant.delete";
}

/// <summary>Looks whether a namespace may go. Only then is anything taken away.</summary>
public sealed record DeleteNamespaceWork(NamespaceId Namespace, bool Force) : IWorkPayload
{
    public static string Kind => "namespace.delete";
}

/// <summary>Removes a tenant whose namespaces are gone.</summary>
public sealed record RemoveTenantWork(TenantId Tenant) : IWorkPayload
{
    public static string Kind => "tenant.remove";
}

/// <summary>Removes a namespace whose topics are gone, and ends its keys.</summary>
public sealed record RemoveNamespaceWork(NamespaceId Namespace) : IWorkPayload
{
    public static string Kind => "namespace.remove";
}

/// <summary>
/// Deletes tenants and namespaces: first every topic is asked for clients, page by page, and one that is in use refuses
/// the whole, with nothing changed; then topics, namespaces and the tenant go in order, each as work of its own.
/// </summary>
public sealed class DeletionSteps(
    IPortalDatabase database,
    ITenantAdmin tenants,
    INamespaceAdmin namespaces,
    INamespaceContents contents,
    TimeProvider clock
) : IWorkStep<DeleteTenantWork>, IWorkStep<DeleteNamespaceWork>, IWorkStep<RemoveTenantWork>, IWorkStep<RemoveNamespaceWork>
{
    private const int TopicsAtOnce = 50;
    private const int LooksOften = 20;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    public async Task<StepResult> RunAsync(DeleteTenantWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var tenant = await database.ReadAsync(session => session.Tenants.FindAsync(payload.Tenant, cancellationToken), cancellationToken);
        if (tenant is not { State: ResourceState.Deleting })
            return StepResult.Finished;
        if (!payload.Force)
        {
            var look = await contents.LookForClientsAsync(tenant, new PageRequest(TopicsAtOnce, turn.Checkpoint), cancellationToken);
            if (look.InUse is { } problem)
                return StepResult.Of(problem);
            if (look.Next is not null)
                return new StepResult.GoOn(look.Next);
        }
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Tenants.FindAsync(payload.Tenant, token) is not { State: ResourceState.Deleting } now)
                    return;
                await foreach (var @namespace in session.AllNamespacesAsync(now.Id, token))
                {
                    @namespace.Delete(clock.Now());
                    await RemoveAsync(session, @namespace, payload.Force, token);
                }
                session.Work.Add(clock, new RemoveTenantWork(now.Id), now.Place());
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        DeleteTenantWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindAsync(payload.Tenant, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        DeleteTenantWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindAsync(payload.Tenant, cancellationToken))?.Keep(problem);

    public async Task<StepResult> RunAsync(DeleteNamespaceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var @namespace = await database.ReadAsync(
            session => session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken),
            cancellationToken
        );
        if (@namespace is not { State: ResourceState.Deleting })
            return StepResult.Finished;
        if (!payload.Force)
        {
            var look = await contents.LookForClientsAsync(@namespace, new PageRequest(TopicsAtOnce, turn.Checkpoint), cancellationToken);
            if (look.InUse is { } problem)
                return StepResult.Of(problem);
            if (look.Next is not null)
                return new StepResult.GoOn(look.Next);
        }
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Tenants.FindNamespaceAsync(payload.Namespace, token) is { State: ResourceState.Deleting } now)
                    await RemoveAsync(session, now, payload.Force, token);
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        DeleteNamespaceWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        DeleteNamespaceWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken))?.Keep(problem);

    public async Task<StepResult> RunAsync(RemoveNamespaceWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (@namespace, left) = await database.ReadAsync(
            async session =>
                (
                    await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken),
                    await contents.FirstLeftAsync(session, payload.Namespace, cancellationToken)
                ),
            cancellationToken
        );
        if (@namespace is not { State: ResourceState.Deleting })
            return StepResult.Finished;
        if (left is { IsGoing: true })
            return new StepResult.Later(Waits(left), turn.Failures < LooksOften ? BetweenLooks : null);
        if (left is not null)
            return new StepResult.Refused(Kept($"namespace {@namespace.Path}", left.Name, left.Why));
        var deleted = await namespaces.DeleteAsync(@namespace.OnCluster, cancellationToken);
        if (!deleted.IsOk)
            return StepResult.Of(deleted.Problem);
        return new StepResult.Done(
            async (session, token) =>
            {
                // Its grants went with it; what is left is to end the keys in our own records.
                await contents.EndAsync(session, payload.Namespace, token);
                (await session.Tenants.FindNamespaceAsync(payload.Namespace, token))?.Deleted(clock.Now());
            }
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        RemoveNamespaceWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        RemoveNamespaceWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken))?.Keep(problem);

    public async Task<StepResult> RunAsync(RemoveTenantWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (tenant, left) = await database.ReadAsync(
            async session =>
                (
                    await session.Tenants.FindAsync(payload.Tenant, cancellationToken),
                    (await session.Tenants.ListNamespacesAsync(payload.Tenant, Scope.Whole, new PageRequest(1), cancellationToken)).Items
                ),
            cancellationToken
        );
        if (tenant is not { State: ResourceState.Deleting })
            return StepResult.Finished;
        if (left is [var first, ..])
            return new StepResult.Refused(Kept($"tenant {tenant.Name}", $"namespace {first.Name}", first.ProblemMessage));
        var deleted = await tenants.DeleteAsync(tenant.OnCluster, cancellationToken);
        if (!deleted.IsOk)
            return StepResult.Of(deleted.Problem);
        return new StepResult.Done(
            async (session, token) => (await session.Tenants.FindAsync(payload.Tenant, token))?.Deleted(clock.Now()),
            new WorkProgress(1, 1, "tenants", null)
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        RemoveTenantWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindAsync(payload.Tenant, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        RemoveTenantWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Tenants.FindAsync(payload.Tenant, cancellationToken))?.Keep(problem);

    private async Task RemoveAsync(IPortalSession session, Namespace @namespace, bool force, CancellationToken cancellationToken)
    {
        await contents.StartDeletingAsync(session, @namespace, force, cancellationToken);
        session.Work.Add(clock, new RemoveNamespaceWork(@namespace.Id), @namespace.Place());
    }

    private static Problem.Conflict Waits(LeftOver left) =>
        new("not-empty-yet", $"The {left.Name} is still being deleted.{(left.Why is null ? "" : " " + left.Why)}");

    private static Problem.Conflict Kept(string what, string part, string? why) =>
        new("not-empty", $"We couldn't delete {what} because {part} could not be deleted.{(why is null ? "" : " " + why)}");
}
