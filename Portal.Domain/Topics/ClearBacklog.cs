using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Takes all of a backlog away, unread, in every partition. It stays in the topic for other subscriptions.</summary>
public sealed class ClearBacklog(AccessGuard guard, IPortalDatabase database, ISubscriptionAdmin subscriptions, TopicLooks looks)
{
    /// <param name="seenBacklog">What the person saw waiting, in entries; recorded and nothing more.</param>
    public async Task<Outcome<SubscriptionChange>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        long? seenBacklog,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ManageResources, "subscription.clear", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var looked = await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken);
        if (!looked.TryGet(out var found, out problem))
            return problem;
        if (found.Fixed() is { } refused)
            return refused;
        return await subscriptions.CarryOutAsync(
            database,
            looks,
            actor,
            access.Organization.Id,
            operation,
            found,
            new Dictionary<string, string>(),
            seenBacklog,
            () => subscriptions.ClearAsync(found.Topic, found.Name, cancellationToken),
            cancellationToken
        );
    }
}
