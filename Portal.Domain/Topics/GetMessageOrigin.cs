using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Who sent one message, for somebody who looks at it.</summary>
public sealed class GetMessageOrigin(AccessGuard guard, IPortalDatabase database, IMessageClient messages, IMessageOrigins origins)
{
    /// <summary>NotFound <c>message-not-stored</c> for one that is stored no longer, or never was.</summary>
    public async Task<Outcome<MessageOrigin>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string messageId,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ReadMessages,
            "message.read",
            $"{tenant}/{@namespace}/{topic}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var at, out problem))
            return problem;
        if (!messages.Locate(messageId).TryGet(out var place, out problem))
            return problem;
        if (!at.Topic.Persistent)
            return Gone;
        return (await origins.FindAsync(at.Topic.OnCluster, place, cancellationToken)).Then<MessageOrigin>(origin =>
            origin is null ? Gone : origin
        );
    }

    private static readonly Problem.NotFound Gone = new("message-not-stored", "The cluster no longer stores this message.");
}
