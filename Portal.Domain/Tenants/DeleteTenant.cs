using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>
/// Deletes a tenant with everything in it. While clients are connected to one of its topics it is refused, with nothing
/// changed, unless <c>force</c>.
/// </summary>
public sealed class DeleteTenant(AccessGuard guard, IPortalDatabase database, TopicsInUse inUse, TimeProvider clock)
{
    public async Task<Outcome<Tenant>> RunAsync(Actor actor, string organization, string tenant, bool force, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageResources, "tenant.delete", tenant, new Dictionary<string, string> { ["force"] = force ? "true" : "false" });
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        if (!force)
        {
            var topics = await database.ReadAsync(async session => await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is { } found
                ? await session.Topics.ListOfOrganizationAsync(access.Organization.Id, Scope.Whole, found.Id, DeleteNamespace.AskedAtOnce, cancellationToken)
                : new PageOf<Topic>([], null), cancellationToken);
            if (await inUse.FindAsync(topics.Items, cancellationToken) is { } refusal) return refusal;
        }
        return await database.WriteAsync<Tenant>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } found) return TenantProblems.NoTenant;
            found.Delete(clock.Now());
            session.Work.Add(clock, new DeleteTenantWork(found.Id, force), found.Place());
            return found;
        }, cancellationToken);
    }
}

/// <summary>Deletes a namespace with its topics. While clients are connected to one of them it is refused, with nothing changed, unless <c>force</c>.</summary>
public sealed class DeleteNamespace(AccessGuard guard, IPortalDatabase database, TopicsInUse inUse, TimeProvider clock)
{
    /// <summary>
    /// As many topics as are asked for clients while somebody waits. What has more is asked to its end by the work that
    /// deletes it, before that takes anything away.
    /// </summary>
    internal static readonly PageRequest AskedAtOnce = new(200);

    public async Task<Outcome<Namespace>> RunAsync(Actor actor, string organization, string tenant, string @namespace, bool force, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageResources, "namespace.delete", $"{tenant}/{@namespace}", new Dictionary<string, string> { ["force"] = force ? "true" : "false" }, new(tenant));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        if (!force)
        {
            var topics = await database.ReadAsync(async session => await FindAsync(session) is { IsOk: true, Value: var found }
                ? await session.Topics.ListAsync(found.Id, AskedAtOnce, cancellationToken)
                : new PageOf<Topic>([], null), cancellationToken);
            if (await inUse.FindAsync(topics.Items, cancellationToken) is { } refusal) return refusal;
        }
        return await database.WriteAsync<Namespace>(actor, access.Organization.Id, operation, async session =>
        {
            var asked = await FindAsync(session);
            if (!asked.TryGet(out var found, out _)) return asked;
            found.Delete(clock.Now());
            session.Work.Add(clock, new DeleteNamespaceWork(found.Id, force), found.Place());
            return found;
        }, cancellationToken);

        async Task<Outcome<Namespace>> FindAsync(IPortalSession session)
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            return await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is { } found ? found : TenantProblems.NoNamespace;
        }
    }
}

/// <summary>
/// Tries again at once: a creation that failed is begun anew; what is on its way and waits is not made to wait any longer.
/// A deletion that was refused left everything as it was, so deleting again is how that is tried again.
/// </summary>
public sealed class RetryProvisioning(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, string tenant, string? @namespace, string? topic, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageResources, "provisioning.retry", string.Join('/', new[] { tenant, @namespace, topic }.Where(part => part is not null)),
            Within: topic is not null ? new(tenant, @namespace) : @namespace is not null ? new(tenant) : null);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.WriteAsync<Done>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            if (@namespace is null) return await AgainAsync(session, owner, new CreateTenantWork(owner.Id), owner.Place(), cancellationToken);
            if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found) return TenantProblems.NoNamespace;
            if (topic is null) return await AgainAsync(session, found, new CreateNamespaceWork(found.Id), found.Place(), cancellationToken);
            if (await session.Topics.FindAsync(found.Id, topic, null, cancellationToken) is not { } one) return TenantProblems.NoTopic;
            if (one.IsLost)
            {
                await one.ReplaceAsync(session, found, one.Persistent, one.Partitions, clock, cancellationToken);
                return Outcome.Done;
            }
            return await AgainAsync(session, one, new CreateTopicWork(one.Id), one.Place(), cancellationToken);
        }, cancellationToken);
    }

    private async Task<Outcome<Done>> AgainAsync<TWork>(IPortalSession session, ClusterResource resource, TWork create, WorkPlace place, CancellationToken cancellationToken)
        where TWork : IWorkPayload
    {
        switch (resource.State)
        {
            case ResourceState.Failed:
                resource.Retry();
                session.Work.Add(clock, create, place);
                return Outcome.Done;
            case ResourceState.Creating or ResourceState.Deleting:
                // The head of the line is what everything behind it waits for.
                if (await session.Work.FindHeadAsync(place.Line, cancellationToken) is { Failures: > 0 } head) head.TryNow(clock.Now());
                return Outcome.Done;
            default:
                return new Problem.Conflict("not-failed", "There is nothing to try again: it did not fail.");
        }
    }
}
