using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// The next messages of a subscription, which stay where they are: its position does not move, and its consumers are given
/// them as if nobody had looked. They are not metered.
/// </summary>
public sealed class PeekMessages(
    AccessGuard guard,
    IPortalDatabase database,
    ISubscriptionAdmin subscriptions,
    IMessageClient messages,
    ISchemaAdmin schemas,
    SchemaCache cache
)
{
    public const int Most = 20;

    /// <param name="partition">Needed on a partitioned topic: each partition has messages of its own that come next.</param>
    /// <param name="entries">1 to <see cref="Most"/>, 10 unless given; a batch counts as one, and comes whole.</param>
    public async Task<Outcome<IReadOnlyList<Message>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? name,
        int? partition,
        int? entries,
        CancellationToken cancellationToken
    )
    {
        var operation = SubscriptionActs.Of(Permission.ReadMessages, "subscription.peek", tenant, @namespace, topic, name);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (entries is < 1 or > Most)
            return new Problem.Invalid("entries-malformed", $"Choose how many entries to look at, from 1 to {Most}.", "entries");
        var looked = await subscriptions.FindAsync(database, access.Organization.Id, tenant, @namespace, topic, name, cancellationToken);
        if (!looked.TryGet(out var found, out problem))
            return problem;
        if ((found.Fixed() ?? Misplaced(partition, found.Before.Partitions.Count)) is { } refused)
            return refused;
        var details = new Dictionary<string, string> { ["entries"] = (entries ?? 10).ToString(CultureInfo.InvariantCulture) };
        if (partition is { } number)
            details["partition"] = number.ToString(CultureInfo.InvariantCulture);
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation with
            {
                Details = details,
            },
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded.Problem;
        var peeked = await subscriptions.PeekAsync(found.Topic, found.Name, partition, entries ?? 10, cancellationToken);
        if (!peeked.TryGet(out var next, out problem))
            return problem;
        var place = await database.ReadAsync(
            session => session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!place.TryGet(out var at, out problem))
            return problem;
        var decoded = await new MessageDecoder(schemas, cache, messages, at.Topic).DecodeAsync(next, cancellationToken);
        return MessageMask.Of(at.Namespace, at.Topic.Name, access) is { } mask
            ? Outcome.Of<IReadOnlyList<Message>>([.. decoded.Select(mask.Apply)])
            : Outcome.Of(decoded);
    }

    private static Problem.Invalid? Misplaced(int? partition, int count) =>
        (partition, count) switch
        {
            (null, 0) => null,
            (null, _) => new(
                "partition-missing",
                $"Choose a partition, from 0 to {count - 1}. Each partition has its own next messages.",
                "partition"
            ),
            (_, 0) => new("partition-unknown", "This topic isn't partitioned. Leave the partition out.", "partition"),
            ({ } number, _) => number >= 0 && number < count
                ? null
                : new("partition-unknown", $"This topic has partitions 0 to {count - 1}.", "partition"),
        };
}
