using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Topics;

/// <summary>
/// Makes a topic with its schema, its first subscriptions and the topics for their dead letters: one transaction, and one
/// piece of work for each topic. The cluster follows, and grants of keys that cover all topics after it.
/// </summary>
public sealed class CreateTopic(AccessGuard guard, IPortalDatabase database, ITopicKeys keys, TimeProvider clock)
{
    public async Task<Outcome<Topic>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        NewTopic wanted,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "topic.create",
            $"{tenant}/{@namespace}/{wanted.Name}",
            Details(wanted),
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!TopicName.Create(wanted.Name).TryGet(out var name, out problem))
            return problem;
        if (wanted.Partitions < 0)
            return new Problem.Invalid("partitions-negative", "Use 0 partitions (not partitioned) or more.", "partitions");
        if (!TopicStart.Of(wanted).TryGet(out var start, out problem))
            return problem;

        return await database.WriteAsync<Topic>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                var aside = wanted.Subscriptions.Sum(one => one.Aside);
                if (
                    !(
                        await session.AddTopicAsync(
                            inside,
                            name,
                            wanted.Persistent,
                            wanted.Partitions,
                            start,
                            aside,
                            keys,
                            clock,
                            cancellationToken
                        )
                    ).TryGet(out var topic, out var refused)
                )
                    return refused;
                foreach (var one in wanted.Subscriptions)
                    if (
                        await session.AddBesideAsync(inside, name.Value, one, "subscriptions", keys, clock, cancellationToken) is
                        { IsOk: false, Problem: { } without }
                    )
                        return without;
                return topic;
            },
            cancellationToken
        );
    }

    private static Dictionary<string, string> Details(NewTopic wanted)
    {
        var details = new Dictionary<string, string>
        {
            ["partitions"] = $"{wanted.Partitions}",
            ["persistent"] = wanted.Persistent ? "true" : "false",
        };
        if (wanted.Schema?.Type is { } type)
            details["schema"] = Operation.Brief(type);
        if (wanted.Subscriptions.Count > 0)
            details["subscriptions"] = Operation.Brief(string.Join(", ", wanted.Subscriptions.Select(one => one.Name)));
        if (wanted.Subscriptions.Count(one => one.DeadLetters) is > 0 and var letters)
            details["dead letter topics"] = $"{letters}";
        if (wanted.Subscriptions.Count(one => one.Retries) is > 0 and var retries)
            details["retry topics"] = $"{retries}";
        return details;
    }
}

internal static class NewTopics
{
    /// <summary>Asks for a topic within the plan, for whoever may: other things are made together with their topics.</summary>
    /// <param name="start">What it begins with; null for nothing.</param>
    /// <param name="aside">Topics that come with it: a plan has room for all of them or for none.</param>
    /// <param name="beside">The topic whose retries or dead letters it takes.</param>
    internal static async Task<Outcome<Topic>> AddTopicAsync(
        this IPortalSession session,
        Namespace inside,
        TopicName name,
        bool persistent,
        int partitions,
        TopicStart? start,
        int aside,
        ITopicKeys keys,
        TimeProvider clock,
        CancellationToken cancellationToken,
        string? beside = null
    )
    {
        if (inside.State == ResourceState.Deleting)
            return TenantProblems.Deleting("namespace");
        if (await CheckTopicName.RefuseAsync(session, inside, name, cancellationToken) is { } taken)
            return taken;
        var plan = await session.PlanOfAsync(inside.OrganizationId, cancellationToken);
        var used = await session.Topics.CountAsync(inside.Id, cancellationToken);
        if (plan.RefuseOneMore(LimitKind.TopicsPerNamespace, "topics-limit", "topic", "in a namespace", used) is { } over)
            return over;
        if (
            aside > 0
            && plan.RefuseMore(
                LimitKind.TopicsPerNamespace,
                "topics-limit",
                "topics in a namespace, retry and dead letter topics included",
                used + 1 + aside
            )
                is { } crowded
        )
            return crowded;
        if (plan.RefuseMore(LimitKind.PartitionsPerTopic, "partitions-limit", "partitions in a topic", partitions) is { } tooMany)
            return tooMany;
        if (
            plan.RefuseMore(
                LimitKind.SubscriptionsPerTopic,
                "subscriptions-limit",
                "subscriptions on a topic",
                start?.Subscriptions.Count ?? 0
            ) is
            { } most
        )
            return most;

        if (await session.Topics.FindAsync(inside.Id, name.Value, null, cancellationToken) is { IsLost: true } lost)
            return await lost.ReplaceAsync(session, inside, persistent, partitions, start, keys, clock, cancellationToken, beside);
        var topic = new Topic(new TopicId(clock.NewUuid()), inside, name, persistent, partitions, clock.Now(), start, beside);
        session.Topics.Add(topic);
        session.Work.Add(clock, new CreateTopicWork(topic.Id), topic.Place());
        return topic;
    }

    /// <summary>The topics for what a subscription's consumers retry or give up on. Those that are there already stay.</summary>
    /// <param name="field">Where the subscription was named.</param>
    internal static async Task<Outcome<Done>> AddBesideAsync(
        this IPortalSession session,
        Namespace inside,
        string topic,
        NewTopicSubscription subscription,
        string field,
        ITopicKeys keys,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        foreach (var (name, words, start) in subscription.Topics(topic, CanonicalText.Compose(subscription.Name ?? "")))
        {
            if (!TopicName.Create(name).TryGet(out var valid, out var refused))
                return new Problem.Invalid(
                    refused.Code,
                    $"The {words} of “{subscription.Name}” would be called {name}. {refused.Message} Choose a shorter name.",
                    field
                );
            if (
                await session.Topics.FindAsync(inside.Id, name, null, cancellationToken)
                    is { IsLost: false, State: not ResourceState.Deleting } there
                && there.Beside == topic
            )
                continue;
            var made = await session.AddTopicAsync(
                inside,
                valid,
                persistent: true,
                partitions: 0,
                start,
                aside: 0,
                keys,
                clock,
                cancellationToken,
                topic
            );
            if (!made.IsOk)
                return made.Problem is Problem.Conflict { Field: not null } taken
                    ? new Problem.Conflict(taken.Code, taken.Message, field)
                    : made.Problem;
        }
        return Outcome.Done;
    }
}

/// <summary>Whether a topic's name can be taken, while it is typed.</summary>
public sealed class CheckTopicName(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ManageResources, "topic.check-name", $"{tenant}/{@namespace}/{name}", Within: new(tenant, @namespace)),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!TopicName.Create(name).TryGet(out var topicName, out problem))
            return problem;
        return await database.ReadAsync<Outcome<Done>>(
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
                    return TenantProblems.NoNamespace;
                return await RefuseAsync(session, inside, topicName, cancellationToken) is { } refusal ? refusal : Outcome.Done;
            },
            cancellationToken
        );
    }

    // One name serves one topic in the portal, whether persistent or not: addresses of pages do not tell the two apart.
    internal static async Task<Problem?> RefuseAsync(
        IPortalSession session,
        Namespace @namespace,
        TopicName name,
        CancellationToken cancellationToken
    ) =>
        await session.Topics.FindAsync(@namespace.Id, name.Value, null, cancellationToken) is { IsLost: false } existing
            ? new Problem.Conflict(
                "topic-exists",
                existing.State == ResourceState.Deleting
                    ? $"Topic '{name}' is still being deleted. Try again in a moment."
                    : $"Namespace '{@namespace.Path}' already has a topic named '{name}'.",
                "name"
            )
            : null;
}

/// <summary>Deletes a topic with its messages and its grants. While clients are connected only with <c>force</c>.</summary>
public sealed class DeleteTopic(AccessGuard guard, IPortalDatabase database, TopicsInUse inUse, TimeProvider clock)
{
    public async Task<Outcome<Topic>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        bool force,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "topic.delete",
            $"{tenant}/{@namespace}/{topic}",
            new Dictionary<string, string> { ["force"] = force ? "true" : "false" },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;

        if (!force)
        {
            // Asked before, so that the refusal comes at once; the broker is asked again when it deletes, which cannot be raced.
            var found = await database.ReadAsync(
                session => session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
                cancellationToken
            );
            if (!found.TryGet(out var live, out problem))
                return problem;
            if (await inUse.FindAsync([live], cancellationToken) is { } refusal)
                return refusal;
        }
        return await database.WriteAsync<Topic>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var found = await session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken);
                // Deleted with force after it was deleted without is deleted with force.
                if (found.IsOk)
                    found.Value.StartDeleting(session, force, clock);
                return found;
            },
            cancellationToken
        );
    }
}
