using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>Live figures of a topic for as long as somebody looks at them, shared with all who look at the same topic.</summary>
public sealed class WatchTopicLive(AccessGuard guard, IPortalDatabase database, TopicLooks looks)
{
    /// <summary>Conflict <c>topic-not-ready</c> while the topic is not on its cluster.</summary>
    /// <returns>Whoever asked disposes it.</returns>
    public async Task<Outcome<TopicWatch>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "topic.view-live",
            $"{tenant}/{@namespace}/{topic}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var one, out problem))
            return problem;
        return one.State == ResourceState.Ready
            ? looks.Watch(one.OnCluster, access.SeesAddresses(tenant, @namespace))
            : TopicLookup.NotReady;
    }
}
