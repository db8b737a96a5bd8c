using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Notices;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>Gives the namespace's keys the grants they wait for.</summary>
public sealed record GrantKeysWork(NamespaceId Namespace) : IWorkPayload
{
    public static string Kind => "keys.grant";

    /// <summary>The namespace's line of grants: they are slow, one a second, and wait for nothing else.</summary>
    public static WorkPlace Place(Namespace @namespace) =>
        Of(@namespace.Cluster, @namespace.Id, @namespace.OrganizationId, @namespace.Path);

    /// <inheritdoc cref="Place(Namespace)"/>
    public static WorkPlace Place(Topic topic) =>
        Of(topic.Cluster, topic.NamespaceId, topic.OrganizationId, $"{topic.TenantName}/{topic.NamespaceName}");

    /// <inheritdoc cref="Place(Namespace)"/>
    public static WorkPlace Place(PulsarKey key) =>
        Of(key.Cluster, key.NamespaceId, key.OrganizationId, $"{key.TenantName}/{key.NamespaceName}");

    private static WorkPlace Of(string cluster, NamespaceId @namespace, OrganizationId owner, string path) =>
        new(Lanes.Cluster(cluster), $"grants:{@namespace}", owner, $"keys of {path}", WorkPriority.Waiting);
}

/// <summary>Takes a key's grants away: because it was deleted, or because its organization is suspended.</summary>
public sealed record RevokeKeyWork(KeyId Key) : IWorkPayload
{
    public static string Kind => "key.revoke";

    /// <summary>A line of its own, and before everything else in the lane: nothing may hold up the end of a leaked key.</summary>
    public static WorkPlace Place(PulsarKey key) =>
        new(Lanes.Cluster(key.Cluster), LineOf(key.Id), key.OrganizationId, $"key {key.Name}", WorkPriority.TakeAway);

    public static string LineOf(KeyId key) => $"revoke:{key}";
}

/// <summary>Takes one grant away that a key should not have; a null address is the namespace.</summary>
public sealed record TakeGrantWork(KeyId Key, string? Address) : IWorkPayload
{
    public static string Kind => "grant.take";
}

/// <summary>
/// Grants and revocations of keys. A grant a second is all a broker bears, so each step gives one and lets go of its slot;
/// a key may be deleted, or its organization suspended, between two of them or during one, and what was given is then
/// taken back. A key has ended when its clients are disconnected too.
/// </summary>
public sealed class KeySteps(
    IPortalDatabase database,
    IGrantAdmin grants,
    CutKeyConnections cut,
    IKillPoints killPoints,
    TimeProvider clock
) : IWorkStep<GrantKeysWork>, IWorkStep<RevokeKeyWork>
{
    private const int RevocationsAtOnce = 10;
    private static readonly TimeSpan BetweenGrants = TimeSpan.FromSeconds(1);

    public async Task<StepResult> RunAsync(GrantKeysWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (@namespace, next, blocked, beside) = await database.ReadAsync(
            async session =>
            {
                var inside = await session.Tenants.FindNamespaceAsync(payload.Namespace, cancellationToken);
                var nextOne = await NextAsync(session, payload.Namespace, cancellationToken);
                var isBeside =
                    nextOne is { Topic: { Beside: not null } aside, Key: var of }
                    && (await session.BesideAsync(of, cancellationToken)).Contains(aside.Id);
                return (
                    inside,
                    nextOne,
                    inside is not null && await session.IsPublishingBlockedAsync(inside.OrganizationId, cancellationToken),
                    isBeside
                );
            },
            cancellationToken
        );
        if (@namespace is null or { State: ResourceState.Deleted })
            return StepResult.Finished;
        if (next is null)
            return new StepResult.Done((session, token) => SettleReadyAsync(session, payload.Namespace, token));
        var (key, topic) = next.Value;
        killPoints.Reached(KillPoint.KeyBeforeGrant);
        var granted =
            topic is null ? await grants.GrantConsumeAsync(@namespace.OnCluster, key.Role, cancellationToken)
            // What may only produce is given nothing while that is blocked, and all of it afterwards.
            : key.Grants(blocked, beside) is { } actions ? await grants.GrantAsync(topic.OnCluster, key.Role, actions, cancellationToken)
            : Outcome.Done;
        // A topic that is gone has nothing to grant; its deletion takes the row away.
        if (!granted.IsOk && granted.Problem is not Problem.NotFound)
        {
            // The problem is this key's; when it is final, the other keys of the namespace go on without it.
            if (granted.Problem is Problem.Unavailable or Problem.TooMany)
                return new StepResult.Later(granted.Problem);
            return new StepResult.GoOn(null, Settle: (session, token) => FailAsync(session, key.Id, granted.Problem, token));
        }
        killPoints.Reached(KillPoint.KeyAfterGrant);
        return new StepResult.GoOn(
            null,
            BetweenGrants,
            async (session, token) =>
            {
                var now = await session.Keys.FindAsync(key.Id, token);
                if (now is null)
                    return;
                if (!now.IsWanted || await IsSuspendedAsync(session, now, token))
                {
                    // Deleted or suspended meanwhile, and the taking away may already be over.
                    session.Work.Add(clock, new RevokeKeyWork(now.Id), RevokeKeyWork.Place(now));
                    return;
                }
                // Blocked during the call: it gave what it should not, and the taking away may already be over.
                if (!blocked && topic is not null && await session.IsPublishingBlockedAsync(now.OrganizationId, token))
                    session.Work.Add(clock, new RestrictKeyWork(now.Id), RestrictKeyWork.Place(now));
                if (topic is null)
                    now.PatternsGranted(clock.Now());
                else
                    foreach (var grant in await session.Keys.GrantsAsync(key.Id, token))
                        if (grant.TopicId == topic.Id)
                            grant.Granted(clock.Now());
                // The rows of this transaction are counted as they were before it: one is the grant just given.
                var missing = await session.Keys.CountMissingAsync(key.Id, token) - (topic is null ? 0 : 1);
                if (
                    missing <= 0
                    && (!now.Patterns || now.PatternsGrantedAt is not null)
                    && now.State == ResourceState.Creating
                    && !await IsBeingTakenAsync(session, now.Id, token)
                )
                    now.Ready(clock.Now());
            }
        );
    }

    public async Task PostponedAsync(IPortalSession session, GrantKeysWork payload, Problem problem, CancellationToken cancellationToken)
    {
        foreach (var key in await session.Keys.OfNamespaceAsync(payload.Namespace, cancellationToken))
            key.Wait(problem);
    }

    public async Task RefusedAsync(IPortalSession session, GrantKeysWork payload, Problem problem, CancellationToken cancellationToken)
    {
        foreach (var key in await session.Keys.OfNamespaceAsync(payload.Namespace, cancellationToken))
            if (key.State == ResourceState.Creating)
                key.Fail(problem);
    }

    private async Task FailAsync(IPortalSession session, KeyId id, Problem problem, CancellationToken cancellationToken)
    {
        if (await session.Keys.FindAsync(id, cancellationToken) is not { } key)
            return;
        key.Fail(problem);
        if (await session.Organizations.FindAsync(key.OrganizationId, cancellationToken) is not { } organization)
            return;
        session.Tell(
            clock,
            NoticeKind.Failed,
            NoticeAudience.Of(organization.Id, Permission.ManageKeys, new(key.TenantName, key.NamespaceName)),
            $"Key {key.Name} couldn't be created",
            problem.Message,
            $"o/{organization.Slug}/tenants/{key.TenantName}?tab=connect"
        );
    }

    public async Task<StepResult> RunAsync(RevokeKeyWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var view = await database.ReadAsync(
            async session =>
            {
                if (await session.Keys.FindAsync(payload.Key, cancellationToken) is not { } found)
                    return ((PulsarKey, Namespace, IReadOnlyList<KeyGrant>, IReadOnlyDictionary<TopicId, Topic>, bool)?)null;
                var inside = (await session.Tenants.FindNamespaceAsync(found.NamespaceId, cancellationToken))!;
                var given = await session.Keys.GrantsAsync(found.Id, cancellationToken);
                var topics = await session.Topics.FindManyAsync([.. given.Select(grant => grant.TopicId)], cancellationToken);
                return (
                    found,
                    inside,
                    given,
                    topics.ToDictionary(topic => topic.Id),
                    await IsSuspendedAsync(session, found, cancellationToken)
                );
            },
            cancellationToken
        );
        if (view is not var (key, @namespace, all, byId, suspended))
            return StepResult.Finished;
        var ending = key.State is ResourceState.Deleting or ResourceState.Deleted;
        // Resumed before the suspension was carried out: grants that are there stay there, and those that were taken are given back.
        if (!ending && !suspended)
            return new StepResult.Done((session, token) => GiveBackAsync(session, payload.Key, turn.Checkpoint, token));
        killPoints.Reached(KillPoint.KeyBeforeRevoke);
        // By id and not by number: grants go away with their topics meanwhile.
        var left = all.Where(grant => turn.Checkpoint is null || string.CompareOrdinal($"{grant.TopicId}", turn.Checkpoint) > 0)
            .OrderBy(grant => $"{grant.TopicId}", StringComparer.Ordinal)
            .ToList();
        if (@namespace.State != ResourceState.Deleted)
        {
            if (key.Patterns && turn.Checkpoint is null)
            {
                var closed = await grants.RevokeAsync(@namespace.OnCluster, key.Role, cancellationToken);
                if (!closed.IsOk && closed.Problem is not Problem.NotFound)
                    return StepResult.Of(closed.Problem);
            }
            foreach (var grant in left.Take(RevocationsAtOnce))
            {
                if (!byId.TryGetValue(grant.TopicId, out var topic) || topic.State == ResourceState.Deleted || topic.ReadyAt is null)
                    continue;
                var revoked = await grants.RevokeAsync(topic.OnCluster, key.Role, cancellationToken);
                if (!revoked.IsOk && revoked.Problem is not Problem.NotFound)
                    return StepResult.Of(revoked.Problem);
                // The key has ended when its clients are gone, not when they should be.
                if (await cut.RunAsync(topic, key.Role, cancellationToken) is { IsOk: false, Problem: { } connected })
                    return StepResult.Of(connected);
            }
            if (left.Count > RevocationsAtOnce)
                return new StepResult.GoOn(
                    $"{left[RevocationsAtOnce - 1].TopicId}",
                    Progress: new(all.Count - left.Count + RevocationsAtOnce, all.Count, "grants", null)
                );
        }
        killPoints.Reached(KillPoint.KeyAfterRevoke);
        return new StepResult.Done(
            async (session, token) =>
            {
                if (await session.Keys.FindAsync(key.Id, token) is not { DeletedAt: null } now)
                    return;
                if (now.State == ResourceState.Deleting)
                    now.Deleted(clock.Now());
                foreach (var grant in await session.Keys.GrantsAsync(now.Id, token))
                    grant.Taken();
                now.PatternsTaken();
                // Resumed while its grants were being taken away: they are given back.
                if (!await IsSuspendedAsync(session, now, token))
                    GiveBack(session, now);
            },
            new(all.Count, all.Count, "grants", null)
        );
    }

    /// <param name="taken">The last topic whose grant was taken, with all before it; null for none.</param>
    private async Task GiveBackAsync(IPortalSession session, KeyId id, string? taken, CancellationToken cancellationToken)
    {
        if (await session.Keys.FindAsync(id, cancellationToken) is not { IsWanted: true } now)
            return;
        if (taken is not null)
        {
            foreach (var grant in await session.Keys.GrantsAsync(id, cancellationToken))
                if (string.CompareOrdinal($"{grant.TopicId}", taken) <= 0)
                    grant.Taken();
            now.PatternsTaken();
        }
        GiveBack(session, now);
    }

    private void GiveBack(IPortalSession session, PulsarKey key)
    {
        if (!key.IsWanted)
            return;
        key.Granting();
        session.Work.Add(clock, new GrantKeysWork(key.NamespaceId), GrantKeysWork.Place(key));
    }

    public async Task PostponedAsync(IPortalSession session, RevokeKeyWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Keys.FindAsync(payload.Key, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, RevokeKeyWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Keys.FindAsync(payload.Key, cancellationToken))?.Wait(problem);

    /// <summary>What to give next; a null topic is the grant for patterns. Null when nothing is left, or nothing may be given.</summary>
    private static async Task<(PulsarKey Key, Topic? Topic)?> NextAsync(
        IPortalSession session,
        NamespaceId id,
        CancellationToken cancellationToken
    )
    {
        var keys = await session.Keys.OfNamespaceAsync(id, cancellationToken);
        if (keys.Count == 0 || await IsSuspendedAsync(session, keys[0], cancellationToken))
            return null;
        if (keys.FirstOrDefault(key => key is { Patterns: true, PatternsGrantedAt: null, IsWanted: true }) is { } patterns)
            return (patterns, null);
        if (await session.Keys.NextGrantAsync(id, cancellationToken) is not { } next)
            return null;
        return await session.Topics.FindAsync(next.Topic, cancellationToken) is { } topic ? (next.Key, topic) : null;
    }

    /// <summary>Keys that wait for nothing any more: their topics were deleted, or they have none yet.</summary>
    private async Task SettleReadyAsync(IPortalSession session, NamespaceId id, CancellationToken cancellationToken)
    {
        foreach (var key in await session.Keys.OfNamespaceAsync(id, cancellationToken))
        {
            if (
                key.State != ResourceState.Creating
                || key.Patterns && key.PatternsGrantedAt is null
                || await IsSuspendedAsync(session, key, cancellationToken)
                || await IsBeingTakenAsync(session, key.Id, cancellationToken)
            )
                continue;
            if (await session.Keys.CountMissingAsync(key.Id, cancellationToken) == 0)
                key.Ready(clock.Now());
        }
    }

    /// <summary>
    /// What a suspension began to take is still being taken, although it is over: the key is ready when that has ended and all is given
    /// back.
    /// </summary>
    private static async Task<bool> IsBeingTakenAsync(IPortalSession session, KeyId key, CancellationToken cancellationToken) =>
        await session.Work.FindOpenAsync(RevokeKeyWork.LineOf(key), RevokeKeyWork.Kind, cancellationToken) is not null;

    private static async Task<bool> IsSuspendedAsync(IPortalSession session, PulsarKey key, CancellationToken cancellationToken) =>
        (await session.Organizations.FindAsync(key.OrganizationId, cancellationToken))?.State == OrganizationState.Suspended;
}

internal static class KeyWalks
{
    internal static IAsyncEnumerable<PulsarKey> AllKeysAsync(
        this IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) =>
        PageWalk.AllAsync(
            page => session.Keys.ListAsync(organization, Scope.Whole, null, null, page, cancellationToken),
            cancellationToken
        );
}
