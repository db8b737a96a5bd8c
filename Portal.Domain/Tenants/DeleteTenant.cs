using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Provisioning;
using Portal.Domain.Topics;

namespace Portal.Domain.Tenants;

/// <summary>
/// Deletes a tenant with everything in it, in order: topics, namespaces, tenant. A topic with connected clients stays,
/// and what holds it, unless <c>force</c>; each then says why.
/// </summary>
public sealed class DeleteTenant(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Tenant>> RunAsync(Actor actor, string organization, string tenant, bool force, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageResources, "tenant.delete", tenant, new Dictionary<string, string> { ["force"] = force ? "true" : "false" });
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.WriteAsync<Tenant>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } found) return TenantProblems.NoTenant;
            await foreach (var item in session.AllNamespacesAsync(found.Id, cancellationToken))
                await DeleteNamespace.MarkAsync(session, item, force, clock, cancellationToken);
            found.Delete();
            session.Outbox.Add(clock.Intent(IntentKind.DeleteTenant, found.Id.Value, found.Id, force));
            return found;
        }, cancellationToken);
    }
}

/// <summary>Deletes a namespace with its topics; a topic with connected clients stays unless <c>force</c>.</summary>
public sealed class DeleteNamespace(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Namespace>> RunAsync(Actor actor, string organization, string tenant, string @namespace, bool force, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageResources, "namespace.delete", $"{tenant}/{@namespace}", new Dictionary<string, string> { ["force"] = force ? "true" : "false" }, new(tenant));
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.WriteAsync<Namespace>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found) return TenantProblems.NoNamespace;
            await MarkAsync(session, found, force, clock, cancellationToken);
            return found;
        }, cancellationToken);
    }

    internal static async Task MarkAsync(IPortalSession session, Namespace @namespace, bool force, TimeProvider clock, CancellationToken cancellationToken)
    {
        await foreach (var topic in session.AllTopicsAsync(@namespace.Id, cancellationToken)) DeleteTopic.Mark(session, topic, force, clock);
        foreach (var key in await session.Keys.OfNamespaceAsync(@namespace.Id, cancellationToken))
        {
            // The namespace takes its grants along; what is left to do is to end the key in our own books.
            key.Delete();
            session.Outbox.Add(clock.Intent(IntentKind.RevokeKey, key.Id.Value, @namespace.TenantId));
        }
        @namespace.Delete();
        session.Outbox.Add(clock.Intent(IntentKind.DeleteNamespace, @namespace.Id.Value, @namespace.TenantId, force));
    }
}

/// <summary>Tries again what failed: the tenant's, a namespace's or a topic's creation or deletion.</summary>
public sealed class RetryProvisioning(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, string tenant, string? @namespace, string? topic, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageResources, "provisioning.retry", string.Join('/', new[] { tenant, @namespace, topic }.Where(part => part is not null)), Within: topic is not null ? new(tenant, @namespace) : @namespace is not null ? new(tenant) : null);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.WriteAsync<Done>(actor, access.Organization.Id, operation, async session =>
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner) return TenantProblems.NoTenant;
            if (@namespace is null) return Again(session, owner.State, owner.Retry, IntentKind.CreateTenant, owner.Id.Value, owner.Id);
            if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found) return TenantProblems.NoNamespace;
            if (topic is null) return Again(session, found.State, found.Retry, IntentKind.CreateNamespace, found.Id.Value, owner.Id);
            if (await session.Topics.FindAsync(found.Id, topic, null, cancellationToken) is not { } one) return TenantProblems.NoTopic;
            if (one.DeleteRequestedAt is null) return Again(session, one.State, one.Retry, IntentKind.CreateTopic, one.Id.Value, owner.Id);
            return Again(session, one.State, () => one.Delete(clock.Now()), IntentKind.DeleteTopic, one.Id.Value, owner.Id);
        }, cancellationToken);
    }

    private Outcome<Done> Again(IPortalSession session, ResourceState state, Action retry, IntentKind kind, Guid subject, TenantId tenant)
    {
        if (state != ResourceState.Failed) return new Problem.Conflict("not-failed", "There is nothing to try again: it did not fail.");
        retry();
        session.Outbox.Add(clock.Intent(kind, subject, tenant));
        return Outcome.Done;
    }
}
