using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Which subscriptions of a topic have acknowledged one message, for as long as somebody looks.</summary>
public sealed class WatchAcknowledgements(
    AccessGuard guard,
    IPortalDatabase database,
    IMessageClient messages,
    ISubscriptionCursors cursors,
    TimeProvider clock
)
{
    /// <summary>Conflict <c>topic-keeps-nothing</c> for a non-persistent topic, where brokers note no acknowledgements.</summary>
    public async Task<Outcome<AcknowledgementWatch>> RunAsync(
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
            Permission.ViewResources,
            "message.view-acknowledgements",
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
        if (!at.Topic.Persistent)
            return new Problem.Conflict(
                "topic-keeps-nothing",
                "A non-persistent topic doesn't store messages, so the cluster doesn't record which ones were acknowledged. "
                    + "Use a persistent topic to test this."
            );
        if (!messages.Locate(messageId).TryGet(out var place, out problem))
            return problem;
        if (
            place.Partition is null != at.Topic.Partitions is 0
            || place.Partition >= Math.Max(at.Topic.Partitions, 1) && at.Topic.Partitions > 0
        )
            return NotOfTopic;
        return new AcknowledgementWatch(cursors, at.Topic.OnCluster, place, clock);
    }

    private static readonly Problem.Invalid NotOfTopic = new(
        "message-id-unknown",
        "This isn't a message ID of this topic. Copy one from the list of messages.",
        "messageId"
    );
}

/// <summary>Whether a durable subscription is through with a message.</summary>
public sealed record Acknowledgement(string Subscription, bool IsDone);

/// <summary>One person's look at who acknowledges a message. The cluster is asked only while somebody waits for news.</summary>
public sealed class AcknowledgementWatch
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly ISubscriptionCursors _cursors;
    private readonly TopicAddress _topic;
    private readonly MessagePlace _place;
    private readonly TimeProvider _clock;
    private IReadOnlyList<Acknowledgement>? _seen;

    internal AcknowledgementWatch(ISubscriptionCursors cursors, TopicAddress topic, MessagePlace place, TimeProvider clock) =>
        (_cursors, _topic, _place, _clock) = (cursors, topic, place, clock);

    /// <summary>
    /// Every durable subscription, at once the first time, then as soon as one is another than before; as they were when the time is over.
    /// </summary>
    public async Task<Outcome<IReadOnlyList<Acknowledgement>>> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var begun = _clock.GetTimestamp();
        while (true)
        {
            if (!(await _cursors.ReadAsync(_topic, _place.Partition, cancellationToken)).TryGet(out var found, out var problem))
                return problem;
            IReadOnlyList<Acknowledgement> now =
            [
                .. found.Select(one => new Acknowledgement(one.Subscription, one.IsThrough(_place.Position))),
            ];
            if (_seen is null || !_seen.SequenceEqual(now))
                return Outcome.Of(_seen = now);
            var left = patience - _clock.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                return Outcome.Of(now);
            await Task.Delay(left < Every ? left : Every, _clock, cancellationToken);
        }
    }
}
