using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>Grants follow topics.</summary>
public sealed class KeysOfTopics(TimeProvider clock) : ITopicKeys
{
    public async Task ReadyAsync(IPortalSession session, Topic topic, CancellationToken cancellationToken)
    {
        var named = (await session.Keys.GrantsOfTopicAsync(topic.Id, cancellationToken)).Select(grant => grant.KeyId).ToHashSet();
        foreach (var key in await session.Keys.CoveringAllTopicsAsync(topic.NamespaceId, cancellationToken))
            if (key.State != ResourceState.Deleting && named.Add(key.Id))
                session.Keys.Add(new KeyGrant(key.Id, topic.Id));
        if (
            topic.Beside is { } consumed
            && await session.Topics.FindAsync(topic.NamespaceId, consumed, null, cancellationToken) is { } beside
        )
        {
            foreach (var grant in await session.Keys.GrantsOfTopicAsync(beside.Id, cancellationToken))
                if (
                    await session.Keys.FindAsync(grant.KeyId, cancellationToken) is { IsWanted: true } key
                    && key.Permissions.HasFlag(KeyPermissions.Consume)
                    && named.Add(key.Id)
                )
                    session.Keys.Add(new KeyGrant(key.Id, topic.Id));
        }
        var any = false;
        foreach (var id in named)
        {
            if (
                await session.Keys.FindAsync(id, cancellationToken) is not { } key
                || key.State is ResourceState.Deleting or ResourceState.Deleted
            )
                continue;
            key.Granting();
            any = true;
        }
        if (any)
            session.Work.Add(clock, new GrantKeysWork(topic.NamespaceId), GrantKeysWork.Place(topic));
    }

    public async Task ReplacedAsync(IPortalSession session, TopicId lost, TopicId replacement, CancellationToken cancellationToken)
    {
        foreach (var grant in await session.Keys.GrantsOfTopicAsync(lost, cancellationToken))
        {
            session.Keys.Remove(grant);
            session.Keys.Add(new KeyGrant(grant.KeyId, replacement));
        }
    }

    public async Task DeletedAsync(IPortalSession session, TopicId topic, CancellationToken cancellationToken)
    {
        foreach (var grant in await session.Keys.GrantsOfTopicAsync(topic, cancellationToken))
            session.Keys.Remove(grant);
    }

    public async Task NamespaceDeletedAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken)
    {
        foreach (var key in await session.Keys.OfNamespaceAsync(@namespace, cancellationToken))
            key.Deleted(clock.Now());
    }
}
