using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Usage;

namespace Portal.Domain.Provisioning;

/// <summary>Topics on the cluster. A topic that is ready is granted to the keys that name it and to those that cover all.</summary>
public sealed class TopicProvisioning(IPortalDatabase database, IClusterAdmin cluster, IFinalReading finalReading, IKillPoints killPoints, TimeProvider clock) : IIntentHandler
{
    private static readonly Settle Nothing = (_, _) => Task.CompletedTask;

    public bool Handles(IntentKind kind) => kind is IntentKind.CreateTopic or IntentKind.DeleteTopic;

    public Task<Outcome<Settle>> RunAsync(Intent intent, Lease lease, CancellationToken cancellationToken) => intent.Kind == IntentKind.CreateTopic
        ? CreateAsync(new(intent.Subject), cancellationToken)
        : DeleteAsync(new(intent.Subject), intent.Force, cancellationToken);

    public async Task RefuseAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken) =>
        (await session.Topics.FindAsync(new TopicId(intent.Subject), cancellationToken))?.Fail(problem);

    public async Task DelayAsync(IPortalSession session, Intent intent, Problem problem, CancellationToken cancellationToken) =>
        (await session.Topics.FindAsync(new TopicId(intent.Subject), cancellationToken))?.Wait(problem);

    private async Task<Outcome<Settle>> CreateAsync(TopicId id, CancellationToken cancellationToken)
    {
        var topic = await database.ReadAsync(session => session.Topics.FindAsync(id, cancellationToken), cancellationToken);
        if (topic is not { State: ResourceState.Creating }) return Nothing;
        killPoints.Reached(KillPoint.TopicBeforeCluster);
        var made = await cluster.EnsureTopicAsync(topic, cancellationToken);
        if (!made.IsOk) return made.Problem;
        killPoints.Reached(KillPoint.TopicAfterCluster);
        return new Settle(async (session, token) =>
        {
            if (await session.Topics.FindAsync(id, token) is not { State: ResourceState.Creating } now) return;
            now.Ready(clock.Now());
            await GrantKeysAsync(session, now, token);
        });
    }

    private async Task GrantKeysAsync(IPortalSession session, Topics.Topic topic, CancellationToken cancellationToken)
    {
        var named = (await session.Keys.GrantsOfTopicAsync(topic.Id, cancellationToken)).Select(grant => grant.KeyId).ToHashSet();
        foreach (var key in await session.Keys.CoveringAllTopicsAsync(topic.NamespaceId, cancellationToken))
            if (named.Add(key.Id)) session.Keys.Add(new KeyGrant(key.Id, topic.Id));
        foreach (var id in named)
        {
            if (await session.Keys.FindAsync(id, cancellationToken) is not { } key || key.State is ResourceState.Deleting or ResourceState.Deleted) continue;
            key.Granting();
            session.Outbox.Add(clock.GrantIntent(IntentKind.GrantKey, id.Value, topic.NamespaceId));
        }
    }

    private async Task<Outcome<Settle>> DeleteAsync(TopicId id, bool force, CancellationToken cancellationToken)
    {
        var topic = await database.ReadAsync(session => session.Topics.FindAsync(id, cancellationToken), cancellationToken);
        if (topic is null or { State: ResourceState.Deleted }) return Nothing;
        await finalReading.TakeAsync(topic, cancellationToken);
        killPoints.Reached(KillPoint.TopicBeforeDelete);
        var deleted = await cluster.DeleteTopicAsync(topic, force, cancellationToken);
        if (!deleted.IsOk) return deleted.Problem;
        killPoints.Reached(KillPoint.TopicAfterDelete);
        return new Settle(async (session, token) =>
        {
            // The broker drops a topic's grants with the topic.
            foreach (var grant in await session.Keys.GrantsOfTopicAsync(id, token)) session.Keys.Remove(grant);
            (await session.Topics.FindAsync(id, token))?.Deleted(clock.Now());
        });
    }
}
