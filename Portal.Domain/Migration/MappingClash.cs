using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>What a clash means for the move; written <c>blocks</c>, <c>changes</c>, <c>note</c>.</summary>
public enum ClashWeight
{
    /// <summary>The topic cannot move before it is settled.</summary>
    Blocks,

    /// <summary>It moves, and something is different then.</summary>
    Changes,

    /// <summary>Good to know.</summary>
    Note,
}

/// <summary>Where Kafka and Pulsar, or the plan, do not agree about a topic.</summary>
/// <param name="Code">Stable, for example <c>name-refused</c>.</param>
/// <param name="Message">What it is, and the way out.</param>
public sealed record MappingClash(string Code, ClashWeight Weight, string Message);

/// <param name="Alike">Other topics that map to the same.</param>
/// <param name="IsTaken">The target namespace has a topic of this name.</param>
public sealed record ClashContext(EffectivePlan Plan, IReadOnlyList<string> Alike, bool IsTaken);

/// <summary>Finds every clash of a topic that moves. Pure: all it needs is given.</summary>
public static class MappingClashes
{
    /// <summary>What brokers take unless they are set otherwise.</summary>
    public const long LargestMessage = 5 * ByteSize.MiB;

    public static string Text(this ClashWeight weight) =>
        weight switch
        {
            ClashWeight.Blocks => "blocks",
            ClashWeight.Changes => "changes",
            ClashWeight.Note => "note",
        };

    /// <summary>The most serious first; empty for a topic that stays.</summary>
    public static IReadOnlyList<MappingClash> Of(MigrationTopic topic, ClashContext context)
    {
        if (!topic.Moves)
            return [];
        var clashes = OfTarget(topic, context).ToList();
        if (topic.Facts is { } facts)
            clashes.AddRange(OfPlan(topic, facts, context.Plan).Concat(OfTopic(facts)));
        return [.. clashes.OrderBy(clash => clash.Weight)];
    }

    /// <summary>That the name alone blocks: what the row keeps.</summary>
    internal static bool Blocks(MigrationTopic topic, ClashContext context) =>
        Of(topic, context).Any(clash => clash.Weight == ClashWeight.Blocks);

    private static IEnumerable<MappingClash> OfTarget(MigrationTopic topic, ClashContext context)
    {
        if (TopicName.Create(topic.TargetName).Problem is { } refused)
            yield return new("name-refused", ClashWeight.Blocks, $"{refused.Message} Give it another name, or a rule that renames it.");
        if (NamespaceName.Create(topic.TargetNamespace).Problem is { } wrong)
            yield return new("namespace-refused", ClashWeight.Blocks, $"{wrong.Message} Choose another namespace.");
        if (context.Alike.Count > 0)
            yield return new(
                "maps-alike",
                ClashWeight.Blocks,
                $"{string.Join(", ", context.Alike)} would get the same name. Give one of them another name, or leave one where it is."
            );
        if (context.IsTaken)
            yield return new(
                "topic-exists",
                ClashWeight.Blocks,
                $"{topic.TargetNamespace}/{topic.TargetName} already exists. Choose another name or namespace, or delete the "
                    + "existing topic."
            );
    }

    private static IEnumerable<MappingClash> OfPlan(MigrationTopic topic, TopicFacts facts, EffectivePlan plan)
    {
        if (facts.Problem is { } problem)
            yield return new("not-readable", ClashWeight.Blocks, problem);
        else if (!facts.MayRead)
            yield return new(
                "not-readable",
                ClashWeight.Blocks,
                "The Kafka user may not read this topic. Run the commands on the connection tab, then take the inventory again."
            );
        if (plan.RefuseMore(LimitKind.PartitionsPerTopic, "partitions-limit", "partitions in a topic", facts.Partitions) is { } tooMany)
            yield return new(
                "partitions-limit",
                ClashWeight.Blocks,
                $"{tooMany.Message} Portal keeps the number of partitions, so that each key stays in order."
            );
        if (facts.Sample?.Largest > LargestMessage)
            yield return new(
                "message-too-large",
                ClashWeight.Blocks,
                $"It holds messages of {ByteSize.Text(facts.Sample.Largest)}, and Pulsar takes up to "
                    + $"{ByteSize.Text(LargestMessage)}. Ask the operator to raise maxMessageSize, or leave the topic where it is."
            );
        else if (facts.LargestMessage > LargestMessage)
            yield return new(
                "large-messages-allowed",
                ClashWeight.Changes,
                $"Its producers may send up to {ByteSize.Text(facts.LargestMessage.Value)}, and Pulsar takes up to "
                    + $"{ByteSize.Text(LargestMessage)}. Turn chunking on in producers that send more."
            );
        var limits = plan.Limits;
        if (limits.RetentionAtMost is { } most && CopyRetention.Of(topic).Time is var kept && (kept is null || kept > most))
            yield return new(
                kept is null ? "retention-forever" : "retention-time",
                ClashWeight.Changes,
                $"Kafka keeps messages {(kept is { } time ? $"for {Days((long)time.TotalMilliseconds)}" : "forever")}, and the "
                    + $"{plan.Name} plan at most "
                    + $"{LimitKind.RetentionMinutes.Words(limits[LimitKind.RetentionMinutes]!.Value)} after they are acknowledged. "
                    + "Older ones are deleted. Change the plan to keep them longer."
            );
        if (limits.RetentionBytes is { } size && topic.Bytes > size * Math.Max(1L, facts.Partitions))
            yield return new(
                "retention-size",
                ClashWeight.Changes,
                $"It holds about {ByteSize.Text(topic.Bytes.Value)}, and the {plan.Name} plan keeps {ByteSize.Text(size)} of "
                    + "acknowledged messages per partition. Create subscriptions before the copy, or change the plan."
            );
        if (
            limits.RatePerPartition is { } rate
            && topic.MessagesPerSecond is { } messages
            && rate.MessagesPerSecond * (double)Math.Max(1, facts.Partitions) < messages
        )
            yield return new(
                "rate-limit",
                ClashWeight.Changes,
                $"About {Figure(messages)} messages a second are written, more than the {plan.Name} plan lets through "
                    + $"({rate.Text()} per partition). Producers would be slowed down. Change the plan first."
            );
        if (limits.SubscriptionsPerTopic is { } readers && topic.Readers > readers)
            yield return new(
                "subscriptions-limit",
                ClashWeight.Blocks,
                $"{topic.Readers} consumer groups read it, and the {plan.Name} plan allows {readers} subscriptions per topic. "
                    + "Delete groups that are no longer used, or change the plan."
            );
    }

    private static IEnumerable<MappingClash> OfTopic(TopicFacts facts)
    {
        if (facts.IsCompacted)
            yield return new(
                "compacted",
                ClashWeight.Changes,
                "Kafka compacts this topic. In Pulsar, compaction keeps the full log beside the compacted view: "
                    + "consumers see the latest value of each key only if they read compacted, and retention still applies."
            );
        if (facts.HasAppendTime)
            yield return new(
                "append-time",
                ClashWeight.Changes,
                "Kafka stamps messages on arrival (LogAppendTime). That time is copied as each message's event time. "
                    + "For new messages, Pulsar's own arrival time is the publish time."
            );
        if (facts.Sample is not { } sample)
            yield break;
        if (sample.Tombstones > 0)
            yield return new(
                "tombstones",
                ClashWeight.Changes,
                "It has messages without a value (tombstones). They are copied as messages with a null value, which delete their "
                    + "key when Pulsar compacts the topic. Consumers must expect null, and WebSocket clients stop at one: "
                    + "Pulsar's WebSocket service can't send it."
            );
        if (sample.NullKeys > 0 && facts.Partitions > 1)
            yield return new(
                "null-keys",
                ClashWeight.Note,
                "It has messages without a key. They stay in the partition they are in, without a key."
            );
        if (sample.WithHeaders > 0)
            yield return new(
                "headers",
                ClashWeight.Note,
                "Headers become message properties. Values that aren't text are encoded in Base64 and marked."
            );
        if (sample.SchemaIds.Count > 0)
            yield return new(
                "schema-registry",
                ClashWeight.Changes,
                $"Values are Avro from a schema registry (schema {string.Join(", ", sample.SchemaIds)}). "
                    + "The bytes are copied as they are, with the registry's id in front, so consumers still need the registry."
            );
        if (sample.NullKeys < sample.Messages && facts.Partitions > 1)
            yield return new(
                "partitioner",
                ClashWeight.Note,
                "Each partition is copied to the partition of the same number, so the order of every key is kept. "
                    + "Kafka chooses partitions with murmur2 and Pulsar's Java client with its own hash: "
                    + "set hashingScheme to Murmur3_32Hash consistently in all producers, and move all producers of this topic together."
            );
    }

    private static string Days(long milliseconds) =>
        milliseconds >= 86_400_000 ? Count(milliseconds / 86_400_000d, "day") : Count(milliseconds / 3_600_000d, "hour");

    private static string Count(double value, string unit) =>
        $"{value.ToString("0.#", CultureInfo.InvariantCulture)} {unit}{(value is 1 ? "" : "s")}";

    private static string Figure(double value) => value.ToString(value < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
