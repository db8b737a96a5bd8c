using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>Where a new subscription begins.</summary>
/// <param name="FromEarliest">With all that the topic holds, else with the next message. Without a target.</param>
/// <param name="Target">A time or a message; of a partitioned topic and a message, the other partitions begin at their earliest.</param>
public sealed record SubscriptionStart(bool FromEarliest, RewindTarget? Target = null)
{
    public static SubscriptionStart Earliest { get; } = new(true);

    public static SubscriptionStart Latest { get; } = new(false);

    /// <inheritdoc cref="NewTopicSubscription"/>
    public bool DeadLetters { get; init; }

    /// <inheritdoc cref="NewTopicSubscription"/>
    public bool Retries { get; init; }
}

/// <summary>Makes a durable subscription at the earliest or the latest message, at a time or at a message.</summary>
public sealed class CreateSubscription(
    AccessGuard guard,
    IPortalDatabase database,
    ITopicAdmin topics,
    ISubscriptionAdmin subscriptions,
    IMessageClient messages,
    ITopicKeys keys,
    TopicLooks looks,
    TimeProvider clock
)
{
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        SubscriptionStart start,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ManageResources, "subscription.create", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!SubscriptionName.Create(name).TryGet(out var subscription, out problem))
            return problem;
        if (start.Target?.Refusal is { } neither)
            return neither;
        var ready = await database.ReadAsync(
            session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!ready.TryGet(out var found, out problem))
            return problem;
        if (found.State != ResourceState.Ready)
            return TopicLookup.NotReady;
        // Brokers refuse it; what they say is of no help to anybody.
        if (!found.Persistent)
            return new Problem.Conflict(
                "topic-keeps-nothing",
                "A non-persistent topic doesn't store messages, so its subscriptions exist only while consumers are connected. "
                    + "Each consumer names its subscription when it connects."
            );
        var live = await topics.StatsAsync(found.OnCluster, cancellationToken);
        if (!live.TryGet(out var stats, out problem))
            return problem;
        if (stats.Subscriptions.Any(existing => existing.Name == subscription.Value))
            return new Problem.Conflict("subscription-exists", $"The topic already has a subscription named '{subscription}'.", "name");
        var plan = await database.ReadAsync(session => session.PlanOfAsync(access.Organization.Id, cancellationToken), cancellationToken);
        var used = stats.Subscriptions.Count(existing => existing.Durable);
        if (plan.RefuseOneMore(LimitKind.SubscriptionsPerTopic, "subscriptions-limit", "subscription", "on a topic", used) is { } over)
            return over;
        var target = start.Target;
        MessagePlace? place = null;
        if (target is { MessageId: { } id })
        {
            if (!target.Place(messages, found.Partitions == 0 ? 0 : stats.Partitions).TryGet(out var at, out problem))
                return problem;
            // A broker that does not know the message takes the end for it.
            var kept = await subscriptions.CountFromAsync(found.OnCluster, at, cancellationToken);
            if (!kept.IsOk)
                return kept.Problem;
            (place, operation) = (
                at,
                operation with
                {
                    Details = new Dictionary<string, string> { ["from"] = $"message {Operation.Brief(id)}" },
                }
            );
        }
        else
            operation = operation with
            {
                Details = new Dictionary<string, string>
                {
                    ["from"] =
                        target?.Time is { } time ? SubscriptionActs.Instant(time)
                        : start.FromEarliest ? "earliest"
                        : "latest",
                },
            };
        if (start is { DeadLetters: true } or { Retries: true })
            operation = operation with
            {
                Details = new Dictionary<string, string>(operation.Details ?? new Dictionary<string, string>())
                {
                    ["beside it"] = (start.Retries, start.DeadLetters) switch
                    {
                        (true, true) => "retry and dead letter topics",
                        (true, _) => "retry topic",
                        _ => "dead letter topic",
                    },
                },
            };
        // Recorded first: the cluster's answer may be lost, what was asked of it may not.
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindNamespaceAsync(found.NamespaceId, cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                return await session.AddBesideAsync(
                    inside,
                    found.Name,
                    new(subscription.Value, true, start.DeadLetters, start.Retries),
                    "name",
                    keys,
                    clock,
                    cancellationToken
                );
            },
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded;
        // Of what ends between the two, nothing is lost: it begins too early then.
        var made = await topics.CreateSubscriptionAsync(
            found.OnCluster,
            subscription,
            start.FromEarliest || target is not null,
            cancellationToken
        );
        if (made.IsOk && place is { } first)
            made = await subscriptions.RewindAsync(found.OnCluster, subscription, first, cancellationToken);
        else if (made.IsOk && target?.Time is { } since)
            made = await subscriptions.RewindAsync(found.OnCluster, subscription, since, cancellationToken);
        looks.LookNow(found.OnCluster);
        return made;
    }
}

/// <summary>Deletes a subscription with its backlog. While consumers are connected only with <c>force</c>.</summary>
public sealed class DeleteSubscription(AccessGuard guard, IPortalDatabase database, ITopicAdmin topics, TopicLooks looks)
{
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        bool force,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "subscription.delete",
            $"{tenant}/{@namespace}/{topic}/{name}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!SubscriptionName.OfExisting(name).TryGet(out var subscription, out problem))
            return problem;
        var ready = await database.ReadAsync(
            session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!ready.TryGet(out var found, out problem))
            return problem;
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation,
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded;
        var deleted = await topics.DeleteSubscriptionAsync(found.OnCluster, subscription, force, cancellationToken);
        looks.LookNow(found.OnCluster);
        return deleted;
    }
}
