using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Sets where a subscription goes on, back to have messages delivered again or forward to pass some over. Its consumers are
/// disconnected and connect again by themselves.
/// </summary>
public sealed class RewindSubscription(
    AccessGuard guard,
    IPortalDatabase database,
    ISubscriptionAdmin subscriptions,
    IMessageClient messages,
    TopicLooks looks
)
{
    /// <param name="seenBacklog">What the person saw waiting, in entries; recorded and nothing more.</param>
    public async Task<Outcome<SubscriptionChange>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        RewindTarget to,
        long? seenBacklog,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ManageResources, "subscription.rewind", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (to.Refusal is { } neither)
            return neither;
        var looked = await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken);
        if (!looked.TryGet(out var found, out problem))
            return problem;
        if (found.Fixed() is { } refused)
            return refused;
        if (to.Time is { } time)
            return await CarryOutAsync(
                SubscriptionActs.Instant(time),
                () => subscriptions.RewindAsync(found.Topic, found.Name, time, cancellationToken)
            );
        if (!to.Place(messages, found.Before.Partitions.Count).TryGet(out var place, out problem))
            return problem;
        // A broker that does not know the message moves to the end and says nothing: the whole backlog would be gone.
        var kept = await subscriptions.CountFromAsync(found.Topic, place, cancellationToken);
        if (!kept.IsOk)
            return kept.Problem;
        return await CarryOutAsync(
            $"message {Operation.Brief(to.MessageId)}",
            () => subscriptions.RewindAsync(found.Topic, found.Name, place, cancellationToken)
        );

        Task<Outcome<SubscriptionChange>> CarryOutAsync(string words, Func<Task<Outcome<Done>>> rewind) =>
            subscriptions.CarryOutAsync(
                database,
                looks,
                actor,
                access.Organization.Id,
                operation,
                found,
                new Dictionary<string, string> { ["to"] = words },
                seenBacklog,
                rewind,
                cancellationToken
            );
    }
}
