using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>What an action on a subscription met and what it left.</summary>
/// <param name="After">Null when the cluster did not answer the look afterwards; the action itself was carried out.</param>
/// <param name="IsFinished">False while brokers are still at it.</param>
public sealed record SubscriptionChange(SubscriptionDetail Before, SubscriptionDetail? After, bool IsFinished = true);

/// <summary>The subscription that an action is about, and how it stood just before.</summary>
internal readonly record struct FoundSubscription(TopicAddress Topic, SubscriptionName Name, SubscriptionDetail Before);

/// <summary>What the actions on subscriptions share: the look before, the record with what was met, the look after.</summary>
internal static class SubscriptionActs
{
    private static readonly Problem.Conflict KeepsNothing = new(
        "topic-keeps-nothing",
        "A non-persistent topic doesn't store messages, so its subscriptions have no backlog to skip, rewind or analyze."
    );

    private static readonly Problem.Conflict NotDurable = new(
        "subscription-not-durable",
        "This subscription belongs to a reader and ends when the reader disconnects. Set where the reader starts in your client instead."
    );

    internal static readonly Problem.Conflict Interrupted = new(
        "skip-uncertain",
        "An earlier attempt of this request was interrupted, and we can't tell whether it skipped messages. "
            + "Look at the backlog, then send a new request with a new Idempotency-Key."
    );

    /// <summary>As a subscription is named in the audit log, and where the role has to reach.</summary>
    internal static Operation Of(
        Permission permission,
        string name,
        string tenant,
        string @namespace,
        string topic,
        string? subscription
    ) => new(permission, name, $"{tenant}/{@namespace}/{topic}/{subscription}", Within: new(tenant, @namespace));

    /// <summary>The subscription as it stands, of a topic that keeps messages.</summary>
    internal static async Task<Outcome<FoundSubscription>> FindAsync(
        this ISubscriptionAdmin subscriptions,
        IPortalDatabase database,
        OrganizationId organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        CancellationToken cancellationToken
    )
    {
        if (!SubscriptionName.OfExisting(name).TryGet(out var subscription, out var problem))
            return problem;
        var read = await database.ReadAsync(
            session => session.FindTopicAsync(organization, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!read.TryGet(out var found, out problem))
            return problem;
        if (found.State != ResourceState.Ready)
            return TopicLookup.NotReady;
        return (await subscriptions.LookAsync(found.OnCluster, subscription, cancellationToken)).Map(before => new FoundSubscription(
            found.OnCluster,
            subscription,
            before
        ));
    }

    /// <summary>Null when its position can be moved.</summary>
    internal static Problem? Fixed(this FoundSubscription found) =>
        !found.Topic.Persistent ? KeepsNothing
        : found.Before.Figures.Durable ? null
        : NotDurable;

    /// <summary>
    /// Records what is about to happen with the backlog that it meets, then does it and looks again. Recorded first: the
    /// cluster's answer may be lost, what was asked of it may not.
    /// </summary>
    /// <param name="details">What was asked for, in words.</param>
    /// <param name="seen">The backlog that was shown to whoever asked, in entries; for the record alone.</param>
    internal static async Task<Outcome<SubscriptionChange>> CarryOutAsync(
        this ISubscriptionAdmin subscriptions,
        IPortalDatabase database,
        TopicLooks looks,
        Actor actor,
        OrganizationId organization,
        Operation operation,
        FoundSubscription found,
        IReadOnlyDictionary<string, string> details,
        long? seen,
        Func<Task<Outcome<Done>>> act,
        CancellationToken cancellationToken
    )
    {
        var all = new Dictionary<string, string>(details)
        {
            ["backlog"] = Entries(found.Before.Figures.Backlog, found.Before.Figures.BacklogBytes),
        };
        if (seen is { } shown)
            all["backlog shown"] = Entries(shown);
        var recorded = await database.WriteAsync(
            actor,
            organization,
            operation with
            {
                Details = all,
            },
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded.Problem;
        var done = await act();
        looks.LookNow(found.Topic);
        if (!done.IsOk)
            return done.Problem;
        return new SubscriptionChange(
            found.Before,
            (await subscriptions.LookAsync(found.Topic, found.Name, cancellationToken)) is { IsOk: true, Value: var after } ? after : null
        );
    }

    internal static string Entries(long count, long? bytes = null) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} "
        + $"{(count == 1 ? "entry" : "entries")}{(bytes > 0 ? $" ({ByteSize.Text(bytes.Value)})" : "")}";

    internal static string Instant(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
