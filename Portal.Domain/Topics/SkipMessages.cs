using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>How much a skip takes, and where.</summary>
/// <param name="Partition">Needed on a partitioned topic: brokers skip a number in one partition at a time.</param>
/// <param name="SeenBacklog">What the person saw waiting, in entries; recorded and nothing more.</param>
/// <param name="WasBegun">An attempt of this very request died: it may have skipped already.</param>
public sealed record Skip(long? Entries, int? Partition = null, long? SeenBacklog = null, bool WasBegun = false);

/// <summary>Takes the oldest entries of a backlog away, unread. They stay in the topic for other subscriptions.</summary>
public sealed class SkipMessages(AccessGuard guard, IPortalDatabase database, ISubscriptionAdmin subscriptions, TopicLooks looks)
{
    /// <summary>A broker takes the number as 32 bits.</summary>
    public const int Most = int.MaxValue;

    public async Task<Outcome<SubscriptionChange>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        Skip skip,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ManageResources, "subscription.skip", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (skip.WasBegun)
            return SubscriptionActs.Interrupted;
        if (skip.Entries is not (>= 1 and <= Most and var count))
            return new Problem.Invalid(
                "entries-malformed",
                $"Enter how many entries to skip, from 1 to {Most.ToString("N0", CultureInfo.InvariantCulture)}.",
                "entries"
            );
        var looked = await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken);
        if (!looked.TryGet(out var found, out problem))
            return problem;
        if ((found.Fixed() ?? Misplaced(skip.Partition, found)) is { } refused)
            return refused;
        var details = new Dictionary<string, string> { ["skip"] = SubscriptionActs.Entries(count) };
        if (skip.Partition is { } partition)
            details["partition"] = partition.ToString(CultureInfo.InvariantCulture);
        return await subscriptions.CarryOutAsync(
            database,
            looks,
            actor,
            access.Organization.Id,
            operation,
            found,
            details,
            skip.SeenBacklog,
            () => subscriptions.SkipAsync(found.Topic, found.Name, skip.Partition, count, cancellationToken),
            cancellationToken
        );
    }

    private static Problem.Invalid? Misplaced(int? partition, FoundSubscription found) =>
        (partition, found.Before.Partitions.Count) switch
        {
            (null, 0) => null,
            (null, var count) => new(
                "partition-missing",
                $"Choose a partition, from 0 to {count - 1}. On a partitioned topic, entries are skipped in one partition at a time.",
                "partition"
            ),
            (_, 0) => new("partition-unknown", "This topic isn't partitioned. Leave the partition out.", "partition"),
            ({ } number, var count) when found.Before.Partitions.All(one => one.Partition != number) => new(
                "partition-unknown",
                $"This topic has partitions 0 to {count - 1}.",
                "partition"
            ),
            _ => null,
        };
}
