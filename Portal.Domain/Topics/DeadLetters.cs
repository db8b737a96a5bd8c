using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>What a topic beside another one is for.</summary>
public enum AsideKind
{
    DeadLetters,
    Retries,
}

/// <summary>A topic that takes what a subscription's consumers give up on or want again later.</summary>
/// <param name="Waiting">Entries that nobody has dealt with; null where the cluster doesn't tell.</param>
public sealed record AsideTopic(string Subscription, AsideKind Kind, Topic Topic, long? Waiting, long? WaitingBytes);

/// <summary>How dead letter and retry topics belong to others: by their names, as Pulsar's clients find them.</summary>
internal static class AsideTopics
{
    private const string DeadLetterEnd = "-DLQ";

    /// <summary>Of which topic's consumers these are the dead letters; null for a topic of another kind, or without that topic.</summary>
    internal static async Task<Topic?> SourceOfAsync(this IPortalSession session, Topic letters, CancellationToken cancellationToken)
    {
        if (!letters.Name.EndsWith(DeadLetterEnd, StringComparison.Ordinal))
            return null;
        if (letters.Beside is { } named)
            return await session.Topics.FindAsync(letters.NamespaceId, named, null, cancellationToken);
        // One that somebody made by hand: topic and subscription may both have dashes, and the longest topic that there is counts.
        var rest = letters.Name[..^DeadLetterEnd.Length];
        for (var dash = rest.LastIndexOf('-'); dash > 0; dash = rest.LastIndexOf('-', dash - 1))
            if (await session.Topics.FindAsync(letters.NamespaceId, rest[..dash], null, cancellationToken) is { } found)
                return found;
        return null;
    }

    /// <summary>Of a topic's dead letter topic, the subscription.</summary>
    internal static string SubscriptionOf(Topic source, Topic letters) => letters.Name[(source.Name.Length + 1)..^DeadLetterEnd.Length];

    /// <summary>Those of the subscription that are there.</summary>
    internal static async Task<IReadOnlyList<(AsideKind Kind, Topic Topic)>> OfAsync(
        this IPortalSession session,
        Topic topic,
        string subscription,
        CancellationToken cancellationToken
    )
    {
        var found = new List<(AsideKind, Topic)>();
        foreach (
            var (kind, name) in new[]
            {
                (AsideKind.DeadLetters, NewTopicSubscription.DeadLetterTopic(topic.Name, subscription)),
                (AsideKind.Retries, NewTopicSubscription.RetryTopic(topic.Name, subscription)),
            }
        )
            if (
                await session.Topics.FindAsync(topic.NamespaceId, CanonicalText.Compose(name), null, cancellationToken) is
                { State: not ResourceState.Deleting } there
            )
                found.Add((kind, there));
        return found;
    }
}

/// <summary>The dead letter and retry topics of a subscription, with what lies there.</summary>
public sealed class ListAsideTopics(AccessGuard guard, IPortalDatabase database, ITopicAdmin topics)
{
    public async Task<Outcome<IReadOnlyList<AsideTopic>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? subscription,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ViewResources, "subscription.view", tenant, @namespace, topic, subscription);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!SubscriptionName.OfExisting(subscription).TryGet(out var name, out problem))
            return problem;
        var read = await database.ReadAsync<Outcome<IReadOnlyList<(AsideKind Kind, Topic Topic)>>>(
            async session =>
                (await session.FindTopicAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                    out var found,
                    out var missing
                )
                    ? Outcome.Of(await session.OfAsync(found, name.Value, cancellationToken))
                    : missing,
            cancellationToken
        );
        if (!read.TryGet(out var there, out problem))
            return problem;
        return Outcome.Of<IReadOnlyList<AsideTopic>>(await Task.WhenAll(there.Select(LookAsync)));

        async Task<AsideTopic> LookAsync((AsideKind Kind, Topic Topic) aside)
        {
            // A cluster that doesn't answer takes only the numbers away.
            if (
                aside.Topic.State != ResourceState.Ready
                || !(await topics.StatsAsync(aside.Topic.OnCluster, cancellationToken)).TryGet(out var stats, out _)
            )
                return new(name.Value, aside.Kind, aside.Topic, null, null);
            var reader = aside.Kind == AsideKind.Retries ? name.Value : NewTopicSubscription.DeadLetterSubscription;
            var durable = stats.Subscriptions.Where(one => one.Durable).ToList();
            // Where the customer reads dead letters with a subscription of another name, the one that is furthest behind says how many lie
            // there.
            var waiting =
                durable.FirstOrDefault(one => one.Name == reader) ?? durable.OrderByDescending(one => one.Backlog).FirstOrDefault();
            return new(name.Value, aside.Kind, aside.Topic, waiting?.Backlog, waiting?.BacklogBytes);
        }
    }
}
