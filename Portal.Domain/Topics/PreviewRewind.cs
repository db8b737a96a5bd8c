using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>What a rewind would leave waiting.</summary>
/// <param name="Before">As it stands.</param>
/// <param name="Backlog">What would wait afterwards.</param>
/// <param name="Partition">The one that it is about, for a message of a partitioned topic; else all of the topic.</param>
public sealed record RewindPreview(SubscriptionDetail Before, EntryCount Backlog, int? Partition = null)
{
    /// <summary>What waits now, of the same partition or the topic.</summary>
    public EntryCount BacklogBefore =>
        Before.Partitions.FirstOrDefault(one => one.Partition == Partition) is { } part
            ? new(part.Backlog, part.BacklogBytes)
            : new(Before.Figures.Backlog, Before.Figures.BacklogBytes);
}

/// <summary>How many entries a rewind concerns, before it is done.</summary>
public sealed class PreviewRewind(AccessGuard guard, IPortalDatabase database, ISubscriptionAdmin subscriptions, IMessageClient messages)
{
    public async Task<Outcome<RewindPreview>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        RewindTarget to,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ViewResources, "subscription.preview", tenant, @namespace, topic, name);
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
            return (await subscriptions.CountSinceAsync(found.Topic, time, cancellationToken)).Map(count => new RewindPreview(
                found.Before,
                count
            ));
        if (!to.Place(messages, found.Before.Partitions.Count).TryGet(out var place, out problem))
            return problem;
        return (await subscriptions.CountFromAsync(found.Topic, place, cancellationToken)).Map(count => new RewindPreview(
            found.Before,
            count,
            place.Partition
        ));
    }
}
