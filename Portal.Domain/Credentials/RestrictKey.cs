using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>Takes from a key's grants what it may not do while its organization's publishing is blocked.</summary>
public sealed record RestrictKeyWork(KeyId Key) : IWorkPayload
{
    public static string Kind => "key.restrict";

    /// <summary>
    /// Not in the line of the key's end: a restriction that takes long, or keeps failing, must not hold up a leaked key's deletion.
    /// </summary>
    public static WorkPlace Place(PulsarKey key) => RevokeKeyWork.Place(key) with { Line = $"restrict:{key.Id}" };
}

/// <summary>
/// Takes the right to produce away from one key, topic by topic, and leaves the right to consume. The broker closes the
/// producers that lose theirs within a moment; consumers stay connected. Written when publishing is blocked; when that is
/// over before it ran, nothing is taken.
/// </summary>
public sealed class RestrictKey(IPortalDatabase database, IGrantAdmin grants, TimeProvider clock) : IWorkStep<RestrictKeyWork>
{
    private const int TakenAtOnce = 10;
    private static readonly TimeSpan BetweenGrants = TimeSpan.FromSeconds(1);

    public async Task<StepResult> RunAsync(RestrictKeyWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var view = await database.ReadAsync(
            async session =>
            {
                if (await session.Keys.FindAsync(payload.Key, cancellationToken) is not { IsWanted: true } found)
                    return null;
                if (!await session.IsPublishingBlockedAsync(found.OrganizationId, cancellationToken))
                    return null;
                var given = await session.Keys.GrantsAsync(found.Id, cancellationToken);
                var topics = await session.Topics.FindManyAsync([.. given.Select(grant => grant.TopicId)], cancellationToken);
                // What only consumes sends all the same where its dead letters go.
                if (!found.Permissions.HasFlag(KeyPermissions.Produce))
                {
                    var beside = BesideTopics.Of(found, topics);
                    topics = [.. topics.Where(topic => beside.Contains(topic.Id))];
                    if (topics.Count == 0)
                        return null;
                }
                // Topics that are still to be made are granted what is right by then.
                return new View(
                    found,
                    [
                        .. topics
                            .Where(topic => topic is { ReadyAt: not null, State: not ResourceState.Deleted })
                            .OrderBy(topic => $"{topic.Id}", StringComparer.Ordinal),
                    ]
                );
            },
            cancellationToken
        );
        if (view is null)
            return StepResult.Finished;
        // By id and not by number: grants go away with their topics meanwhile.
        var left = view
            .Topics.Where(topic => turn.Checkpoint is null || string.CompareOrdinal($"{topic.Id}", turn.Checkpoint) > 0)
            .ToList();
        var actions = view.Key.Grants(blocked: true);
        // A grant a second is all that a broker bears; taking away is quick.
        foreach (var topic in left.Take(actions is null ? TakenAtOnce : 1))
        {
            var changed = actions is { } consume
                ? await grants.GrantAsync(topic.OnCluster, view.Key.Role, consume, cancellationToken)
                : await grants.RevokeAsync(topic.OnCluster, view.Key.Role, cancellationToken);
            if (!changed.IsOk && changed.Problem is not Problem.NotFound)
                return StepResult.Of(changed.Problem);
            turn = turn with { Checkpoint = $"{topic.Id}" };
        }
        var done = view.Topics.Count(topic => string.CompareOrdinal($"{topic.Id}", turn.Checkpoint) <= 0);
        WorkProgress progress = new(done, view.Topics.Count, "grants", null);
        Settle? settle =
            actions is null || left.Count == 0 ? null : (session, token) => SettleAsync(session, view.Key.Id, left[0].Id, token);
        return done >= view.Topics.Count
            ? new StepResult.Done(settle, progress)
            : new StepResult.GoOn(turn.Checkpoint, actions is null ? TimeSpan.Zero : BetweenGrants, settle, progress);
    }

    /// <summary>
    /// The right to consume was written during something that took it away, or gave more: that may be over already, so it is done again.
    /// </summary>
    private async Task SettleAsync(IPortalSession session, KeyId id, TopicId topic, CancellationToken cancellationToken)
    {
        if (await session.Keys.FindAsync(id, cancellationToken) is not { } key)
            return;
        var owner = await session.Organizations.FindAsync(key.OrganizationId, cancellationToken);
        if (!key.IsWanted || owner?.State == OrganizationState.Suspended)
        {
            session.Work.Add(clock, new RevokeKeyWork(id), RevokeKeyWork.Place(key));
            return;
        }
        if (owner?.Publishing == Publishing.Blocked)
            return;
        foreach (var grant in await session.Keys.GrantsAsync(id, cancellationToken))
            if (grant.TopicId == topic)
                grant.Taken();
        key.Granting();
        session.Work.Add(clock, new GrantKeysWork(key.NamespaceId), GrantKeysWork.Place(key));
    }

    private sealed record View(PulsarKey Key, IReadOnlyList<Topic> Topics);
}

/// <summary>Blocking the publishing of an organization's keys, and the end of it.</summary>
public static class PublishingOfKeys
{
    internal static async Task<bool> IsPublishingBlockedAsync(
        this IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) => (await session.Organizations.FindAsync(organization, cancellationToken))?.Publishing == Publishing.Blocked;

    /// <summary>Written with the change of what the organization may: its keys follow.</summary>
    public static async Task SettleProducersAsync(
        this IPortalSession session,
        Organization organization,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var namespaces = new HashSet<NamespaceId>();
        await foreach (var key in session.AllKeysAsync(organization.Id, cancellationToken))
        {
            if (!key.IsWanted)
                continue;
            var beside = key.Permissions.HasFlag(KeyPermissions.Produce) ? null : await session.BesideAsync(key, cancellationToken);
            if (beside is { Count: 0 })
                continue;
            // While suspended nothing is granted; when that ends, what is right by then is.
            if (organization.State != OrganizationState.Active)
                continue;
            if (organization.Publishing == Publishing.Blocked)
            {
                session.Work.Add(clock, new RestrictKeyWork(key.Id), RestrictKeyWork.Place(key));
                continue;
            }
            foreach (var grant in await session.Keys.GrantsAsync(key.Id, cancellationToken))
                if (beside?.Contains(grant.TopicId) != false)
                    grant.Taken();
            key.Granting();
            if (namespaces.Add(key.NamespaceId))
                session.Work.Add(clock, new GrantKeysWork(key.NamespaceId), GrantKeysWork.Place(key));
        }
    }
}
