using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Topics;

/// <summary>
/// Tries again at once: a creation that failed is begun anew; what is on its way and waits is not made to wait any longer.
/// A deletion that was refused left everything as it was, so deleting again is how that is tried again.
/// </summary>
public sealed class RetryProvisioning(AccessGuard guard, IPortalDatabase database, ITopicKeys keys, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string? @namespace,
        string? topic,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "provisioning.retry",
            string.Join('/', new[] { tenant, @namespace, topic }.Where(part => part is not null)),
            Within: topic is not null ? new(tenant, @namespace)
                : @namespace is not null ? new(tenant)
                : null
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (@namespace is null)
                    return await AgainAsync(session, owner, new CreateTenantWork(owner.Id), owner.Place(), cancellationToken);
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found)
                    return TenantProblems.NoNamespace;
                if (topic is null)
                    return await AgainAsync(session, found, new CreateNamespaceWork(found.Id), found.Place(), cancellationToken);
                if (await session.Topics.FindAsync(found.Id, CanonicalText.Compose(topic), null, cancellationToken) is not { } one)
                    return TenantProblems.NoTopic;
                if (one.IsLost)
                {
                    await one.ReplaceAsync(session, found, one.Persistent, one.Partitions, start: null, keys, clock, cancellationToken);
                    return Outcome.Done;
                }
                return await AgainAsync(session, one, new CreateTopicWork(one.Id), one.Place(), cancellationToken);
            },
            cancellationToken
        );
    }

    private async Task<Outcome<Done>> AgainAsync<TWork>(
        IPortalSession session,
        ClusterResource resource,
        TWork create,
        WorkPlace place,
        CancellationToken cancellationToken
    )
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
                if (await session.Work.FindHeadAsync(place.Line, cancellationToken) is { Failures: > 0 } head)
                    head.TryNow(clock.Now());
                return Outcome.Done;
            default:
                return new Problem.Conflict("not-failed", "There's nothing to retry, because it didn't fail.");
        }
    }
}
