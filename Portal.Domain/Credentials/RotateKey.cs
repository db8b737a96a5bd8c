using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>
/// Puts a new key beside an old one: the same name, topics and permissions, a role and a token of its own. The old one works
/// on for the overlap, so that clients can change over one after another, and then ends as a deleted key does.
/// </summary>
public sealed class RotateKey(AccessGuard guard, IPortalDatabase database, ITokenSigner signer, TimeProvider clock)
{
    private static readonly Problem.Conflict Rotated = new(
        "key-rotated",
        "This key has already been rotated. Rotate the key that replaced it."
    );

    /// <param name="overlapHours">0 to 720; 24 unless given. With 0 the old key ends at once.</param>
    /// <returns>NotFound <c>key-not-found</c>, Conflict <c>key-rotated</c> or <c>key-ending</c>, OverLimit <c>grants-limit</c>.</returns>
    public async Task<Outcome<NewKey>> RunAsync(
        Actor actor,
        string organization,
        KeyId id,
        int? overlapHours,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageKeys, "key.rotate", $"{id}", Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!ApiKeyRules.Overlap(overlapHours).TryGet(out var overlap, out problem))
            return problem;
        return await database.WriteAsync<NewKey>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var found = await session.Keys.FindAsync(access.Organization.Id, id, cancellationToken);
                if (found is not { DeletedAt: null } old || !access.Scope.Covers(new(found.TenantName, found.NamespaceName)))
                    return DeleteKey.NoKey;
                if (old.State == ResourceState.Deleting || old.HasExpired(clock.Now()))
                    return new Problem.Conflict(
                        "key-ending",
                        "This key has ended or is being deleted, so it can't be rotated. Create a new one."
                    );
                if (old.ReplacedBy is not null)
                    return Rotated;
                var inside = (await session.Tenants.FindNamespaceAsync(old.NamespaceId, cancellationToken))!;
                if (inside.State == ResourceState.Deleting)
                    return TenantProblems.Deleting("namespace");
                var topics = await TopicsOfAsync(session, old, cancellationToken);
                var used = await session.Keys.CountGrantsAsync(inside.Id, cancellationToken);
                if (CreateKey.RefuseGrants(used, topics.Count) is { } full)
                    return full;

                var next = old.Rotate(new KeyId(clock.NewUuid()), inside, overlap, clock.Now(), actor.Maker, actor.Name, actor.ApiKey);
                if (!signer.Sign(inside.Cluster, next.Role, next.ExpiresAt).TryGet(out var token, out var unsigned))
                    return unsigned;
                session.Keys.Add(next);
                foreach (var topic in topics)
                    session.Keys.Add(new KeyGrant(next.Id, topic));
                session.Work.Add(clock, new GrantKeysWork(inside.Id), GrantKeysWork.Place(inside));
                if (overlap == TimeSpan.Zero)
                    session.EndKey(old, clock);
                return new NewKey(next, token);
            },
            cancellationToken
        );
    }

    /// <summary>What the old key opens and is still there.</summary>
    private static async Task<IReadOnlyList<TopicId>> TopicsOfAsync(
        IPortalSession session,
        PulsarKey key,
        CancellationToken cancellationToken
    )
    {
        var topics = new List<TopicId>();
        if (key.AllTopics)
        {
            await foreach (var topic in session.AllTopicsAsync(key.NamespaceId, cancellationToken))
                if (topic.State != ResourceState.Deleting)
                    topics.Add(topic.Id);
            return topics;
        }
        var grants = await session.Keys.GrantsAsync(key.Id, cancellationToken);
        foreach (var topic in await session.Topics.FindManyAsync([.. grants.Select(grant => grant.TopicId)], cancellationToken))
            if (topic.State is not (ResourceState.Deleting or ResourceState.Deleted))
                topics.Add(topic.Id);
        return topics;
    }
}

/// <summary>The work that comes back for ever and ends keys whose time is over.</summary>
public sealed record EndKeysWork : IWorkPayload
{
    public static string Kind => "keys.end";
}

/// <summary>
/// Ends keys that have expired, by their own date or after a rotation, and those that an API key made which was revoked
/// with what it made, those included that it made while it was being revoked. A broker looks at a token when its client connects and
/// lets it stay; so the grants are taken away and the clients are cut off as they are for a deleted key.
/// </summary>
public sealed class EndExpiredKeys(IPortalDatabase database, TimeProvider clock) : IWorkStep<EndKeysWork>
{
    private const int AtOnce = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly Actor Worker = Actor.Worker("key-expiry");

    public async Task<StepResult> RunAsync(EndKeysWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var over = await database.ReadAsync(
            session => session.Keys.ExpiredAsync(clock.Now(), AtOnce, cancellationToken),
            cancellationToken
        );
        var failures = new List<Exception>();
        var left = await database.ReadAsync(session => session.Keys.LeftByApiKeysAsync(AtOnce, cancellationToken), cancellationToken);
        var ending = over.Select(key => (Key: key, Why: "key.expire"))
            .Concat(left.Where(key => over.All(one => one.Id != key.Id)).Select(key => (Key: key, Why: "key.end-with-api-key")))
            .ToList();
        foreach (var (key, why) in ending)
        {
            try
            {
                await EndAsync(key, why, cancellationToken);
            }
            // One key's trouble keeps no other key alive; the engine says what it was and comes back.
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                failures.Add(failure);
            }
        }
        return failures.Count > 0
            ? throw new AggregateException($"{failures.Count} of {ending.Count} keys could not be ended.", failures)
            : Recurring.Again(over.Count == AtOnce || left.Count == AtOnce ? TimeSpan.Zero : Every);
    }

    private Task<Outcome<Done>> EndAsync(PulsarKey key, string why, CancellationToken cancellationToken) =>
        database.WriteAsync<Done>(
            Worker,
            key.OrganizationId,
            new(Permission.ManageKeys, why, $"{key.Id}"),
            async session =>
            {
                // Deleted by somebody meanwhile.
                if (
                    await session.Keys.FindAsync(key.Id, cancellationToken)
                    is not { State: not (ResourceState.Deleting or ResourceState.Deleted) } now
                )
                    return DeleteKey.NoKey;
                session.EndKey(now, clock);
                return Outcome.Done;
            },
            cancellationToken
        );
}
