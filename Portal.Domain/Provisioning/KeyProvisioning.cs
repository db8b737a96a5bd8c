using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Provisioning;

/// <summary>
/// Grants and revocations of keys. Grants take a second each, so a key may be deleted, or its organisation suspended, while
/// it is being granted: after every grant both are looked at again, and what was given is taken back.
/// </summary>
public sealed class KeyProvisioning(IPortalDatabase database, IClusterAdmin cluster, IKillPoints killPoints, TimeProvider clock) : IIntentHandler
{
    private static readonly Settle Nothing = (_, _) => Task.CompletedTask;

    private sealed record View(PulsarKey Key, Namespace Namespace, IReadOnlyList<KeyGrant> Grants, IReadOnlyDictionary<TopicId, Topic> Topics, bool Suspended);

    public bool Handles(IntentKind kind) => kind is IntentKind.GrantKey or IntentKind.SuspendKey or IntentKind.RevokeKey;

    public async Task<Outcome<Settle>> RunAsync(Intent intent, Lease lease, CancellationToken cancellationToken)
    {
        if (await ReadAsync(new(intent.Subject), cancellationToken) is not { } view) return Nothing;
        var ending = view.Key.State is ResourceState.Deleting or ResourceState.Deleted;
        if (intent.Kind == IntentKind.RevokeKey || ending) return await RevokeAsync(view, cancellationToken);
        if (view.Suspended) return await SuspendAsync(view, cancellationToken);
        // Resumed before the suspension was carried out: the intent that follows grants what is missing.
        if (intent.Kind == IntentKind.SuspendKey) return Nothing;
        return await GrantAsync(view, lease, cancellationToken);
    }

    public async Task RefuseAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken) =>
        (await session.Keys.FindAsync(new KeyId(intent.Subject), cancellationToken))?.Fail(problem);

    public async Task DelayAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken) =>
        (await session.Keys.FindAsync(new KeyId(intent.Subject), cancellationToken))?.Wait(problem);

    private async Task<Outcome<Settle>> GrantAsync(View view, Lease lease, CancellationToken cancellationToken)
    {
        var key = view.Key;
        killPoints.Reached(KillPoint.KeyBeforeGrant);
        if (key.Patterns)
        {
            var opened = await cluster.GrantNamespaceAsync(view.Namespace, key.Role, produce: false, consume: true, cancellationToken);
            if (!opened.IsOk) return opened.Problem;
        }
        foreach (var grant in view.Grants.Where(grant => grant.GrantedAt is null))
        {
            // A topic that is not there yet grants its keys itself when it is.
            if (!view.Topics.TryGetValue(grant.TopicId, out var topic) || topic.State != ResourceState.Ready) continue;
            var granted = await cluster.GrantTopicAsync(
                topic, key.Role, key.Permissions.HasFlag(KeyPermissions.Produce), key.Permissions.HasFlag(KeyPermissions.Consume), cancellationToken);
            if (!granted.IsOk && granted.Problem is not Problem.NotFound) return granted.Problem;
            killPoints.Reached(KillPoint.KeyAfterGrant);
            if (await NoteAsync(key.Id, grant.TopicId, lease, cancellationToken)) continue;
            return await ReadAsync(key.Id, cancellationToken) is { Suspended: true, Key.State: not (ResourceState.Deleting or ResourceState.Deleted) } now
                ? await SuspendAsync(now, cancellationToken)
                : await RevokeAsync(view, cancellationToken);
        }
        return new Settle(async (session, token) =>
        {
            if (await session.Keys.FindAsync(key.Id, token) is not { State: ResourceState.Creating } now) return;
            var waiting = await session.Keys.GrantsAsync(key.Id, token);
            var ready = (await session.Topics.FindManyAsync([.. waiting.Where(grant => grant.GrantedAt is null).Select(grant => grant.TopicId)], token))
                .All(topic => topic.State is not (ResourceState.Ready or ResourceState.Creating));
            if (ready) now.Ready();
        });
    }

    /// <summary>False when the key is being deleted, or its organisation was suspended, meanwhile.</summary>
    private Task<bool> NoteAsync(KeyId id, TopicId topic, Lease lease, CancellationToken cancellationToken) => database.UpdateAsync(lease, async session =>
    {
        var key = await session.Keys.FindAsync(id, cancellationToken);
        if (key is null or { State: ResourceState.Deleting or ResourceState.Deleted } || await IsSuspendedAsync(session, key, cancellationToken)) return false;
        foreach (var grant in await session.Keys.GrantsAsync(id, cancellationToken))
            if (grant.TopicId == topic) grant.Granted(clock.Now());
        return true;
    }, cancellationToken);

    private async Task<Outcome<Settle>> RevokeAsync(View view, CancellationToken cancellationToken)
    {
        var key = view.Key;
        killPoints.Reached(KillPoint.KeyBeforeRevoke);
        if ((await TakeAsync(view, cancellationToken)).Problem is { } problem) return problem;
        killPoints.Reached(KillPoint.KeyAfterRevoke);
        return new Settle(async (session, token) =>
        {
            if (await session.Keys.FindAsync(key.Id, token) is { DeletedAt: null } now) now.Deleted(clock.Now());
        });
    }

    /// <summary>The key stays as it is, without its grants: a resumption gives them back.</summary>
    private async Task<Outcome<Settle>> SuspendAsync(View view, CancellationToken cancellationToken)
    {
        if ((await TakeAsync(view, cancellationToken)).Problem is { } problem) return problem;
        return new Settle(async (session, token) =>
        {
            foreach (var grant in await session.Keys.GrantsAsync(view.Key.Id, token)) grant.Taken();
        });
    }

    private async Task<Outcome<Done>> TakeAsync(View view, CancellationToken cancellationToken)
    {
        var key = view.Key;
        if (view.Namespace.State != ResourceState.Deleted)
        {
            if (key.Patterns)
            {
                var closed = await cluster.RevokeNamespaceAsync(view.Namespace, key.Role, cancellationToken);
                if (!closed.IsOk && closed.Problem is not Problem.NotFound) return closed.Problem;
            }
            foreach (var topic in view.Grants.Select(grant => view.Topics.GetValueOrDefault(grant.TopicId)).OfType<Topic>())
            {
                if (topic.State == ResourceState.Deleted) continue;
                var revoked = await cluster.RevokeTopicAsync(topic, key.Role, cancellationToken);
                if (!revoked.IsOk && revoked.Problem is not Problem.NotFound) return revoked.Problem;
            }
        }
        return Outcome.Done;
    }

    private static async Task<bool> IsSuspendedAsync(IPortalSession session, PulsarKey key, CancellationToken cancellationToken) =>
        (await session.Organizations.FindAsync(key.OrganizationId, cancellationToken))?.State == OrganizationState.Suspended;

    private Task<View?> ReadAsync(KeyId id, CancellationToken cancellationToken) => database.ReadAsync<View?>(async session =>
    {
        if (await session.Keys.FindAsync(id, cancellationToken) is not { } key) return null;
        var @namespace = (await session.Tenants.FindNamespaceAsync(key.NamespaceId, cancellationToken))!;
        var grants = await session.Keys.GrantsAsync(id, cancellationToken);
        var topics = await session.Topics.FindManyAsync([.. grants.Select(grant => grant.TopicId)], cancellationToken);
        return new(key, @namespace, grants, topics.ToDictionary(topic => topic.Id), await IsSuspendedAsync(session, key, cancellationToken));
    }, cancellationToken);
}
