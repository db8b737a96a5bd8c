using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Credentials;

/// <summary>Which keys are asked for: all, those of a tenant, or those that cover one topic of a namespace.</summary>
public sealed record KeyFilter(string? Tenant = null, string? Namespace = null, string? Topic = null);

/// <summary>Keys that are not deleted, newest first.</summary>
public sealed class ListKeys(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<PulsarKey>>> RunAsync(
        Actor actor,
        string organization,
        KeyFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var tenant = filter.Tenant;
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "key.list", tenant ?? "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<PulsarKey>>>(
            async session =>
            {
                var owner = tenant is null ? null : await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken);
                if (tenant is not null && owner is null)
                    return TenantProblems.NoTenant;
                if (filter.Topic is not { } name)
                    return await session.Keys.ListAsync(access.Organization.Id, access.Scope, owner?.Id, null, page, cancellationToken);
                var inside =
                    owner is null || filter.Namespace is null
                        ? null
                        : await session.Tenants.FindNamespaceAsync(owner.Id, filter.Namespace, cancellationToken);
                if (inside is null)
                    return TenantProblems.NoNamespace;
                return await session.Topics.FindAsync(inside.Id, CanonicalText.Compose(name), null, cancellationToken) is { } topic
                    ? await session.Keys.ListAsync(access.Organization.Id, access.Scope, owner!.Id, topic.Id, page, cancellationToken)
                    : TenantProblems.NoTopic;
            },
            cancellationToken
        );
    }
}

/// <summary>A key with the topics it opens and whether the broker holds each grant.</summary>
public sealed record KeyDetails(PulsarKey Key, IReadOnlyList<(Topic Topic, DateTimeOffset? GrantedAt)> Topics);

public sealed class GetKey(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<KeyDetails>> RunAsync(Actor actor, string organization, KeyId key, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "key.view", $"{key}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync(session => ReadAsync(session, access, key, cancellationToken), cancellationToken);
    }

    internal static async Task<Outcome<KeyDetails>> ReadAsync(
        IPortalSession session,
        OrganizationAccess access,
        KeyId key,
        CancellationToken cancellationToken
    )
    {
        if (
            await session.Keys.FindAsync(access.Organization.Id, key, cancellationToken) is not { } found
            || !access.Scope.Covers(new(found.TenantName, found.NamespaceName))
        )
            return DeleteKey.NoKey;
        var grants = await session.Keys.GrantsAsync(key, cancellationToken);
        var topics = (await session.Topics.FindManyAsync([.. grants.Select(grant => grant.TopicId)], cancellationToken)).ToDictionary(
            topic => topic.Id
        );
        return new KeyDetails(
            found,
            [.. grants.Where(grant => topics.ContainsKey(grant.TopicId)).Select(grant => (topics[grant.TopicId], grant.GrantedAt))]
        );
    }
}

/// <summary>
/// Ends a key: its grants are taken away at the broker and what its clients have open there is closed; the gateway ends its
/// WebSocket sessions.
/// </summary>
public sealed class DeleteKey(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    internal static readonly Problem.NotFound NoKey = new(
        "key-not-found",
        "We couldn't find this key in your organization. It may have been deleted."
    );

    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, KeyId key, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageKeys, "key.delete", $"{key}", Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var deleted = await database.WriteAsync<PulsarKey>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (
                    await session.Keys.FindAsync(access.Organization.Id, key, cancellationToken) is not { DeletedAt: null } found
                    || !access.Scope.Covers(new(found.TenantName, found.NamespaceName))
                )
                    return NoKey;
                if (found.State == ResourceState.Deleting)
                    return found;
                session.EndKey(found, clock);
                return found;
            },
            cancellationToken
        );
        if (!deleted.TryGet(out var ending, out problem))
            return problem;
        for (var until = clock.Now() + TimeSpan.FromSeconds(10); clock.Now() < until; )
        {
            var now = await database.ReadAsync(session => session.Keys.FindAsync(ending.Id, cancellationToken), cancellationToken);
            if (now is null || now.State != ResourceState.Deleting)
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
        }
        return Outcome.Done;
    }
}
