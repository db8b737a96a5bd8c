using System.Globalization;
using Portal.Domain.Clusters;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// A broker's statistics of a topic as live figures for people. The portal's own producers and readers are none of the
/// customer's: they are told by their names, which of a partitioned topic only the partitions give.
/// </summary>
internal static class LiveFigures
{
    // Of year 9999, in milliseconds: no answer makes an instant that is none.
    private const long LastInstant = 253_402_300_799_999;

    /// <param name="known">How many partitions the portal made.</param>
    public static TopicStats Of(StatsDocument stats, bool partitioned, int known)
    {
        IReadOnlyList<StatsDocument> parts = partitioned ? [.. stats.Partitions?.Values ?? Enumerable.Empty<StatsDocument>()] : [stats];
        return new(
            stats.MsgRateIn,
            stats.MsgThroughputIn,
            stats.MsgRateOut,
            stats.MsgThroughputOut,
            stats.StorageSize,
            stats.BacklogSize,
            Producers(parts),
            [
                .. (stats.Subscriptions ?? [])
                    .OrderBy(one => one.Key, StringComparer.Ordinal)
                    .Select(one => Subscription(one.Key, one.Value, parts))
                    .OfType<SubscriptionStats>(),
            ],
            stats.OwnerBroker,
            known == 0 ? 0 : Math.Max(known, parts.Count)
        )
        {
            ConnectedProducers = [.. Clients(parts)],
            PartitionFigures = known == 0 ? [] : [.. Partitions(stats)],
        };
    }

    /// <summary>One subscription of a topic; null when there is none of the name, or it is a reader of the portal's own.</summary>
    public static SubscriptionDetail? Of(StatsDocument stats, TopicAddress topic, string name)
    {
        var partitioned = PulsarTopics.PartitionsOnCluster(topic) > 0;
        IReadOnlyList<StatsDocument> parts = partitioned ? [.. stats.Partitions?.Values ?? Enumerable.Empty<StatsDocument>()] : [stats];
        if (stats.Subscriptions?.GetValueOrDefault(name) is not { } sum || Subscription(name, sum, parts) is not { } figures)
            return null;
        var inParts = parts.Select(part => part.Subscriptions?.GetValueOrDefault(name)).OfType<SubscriptionDocument>().ToList();
        return new(
            figures,
            inParts.Select(Oldest).Min(),
            topic.Partitions == 0 ? [] : [.. Partitions(stats, name)],
            [.. Consumers(inParts)]
        );
    }

    /// <summary>Null without one, which brokers also say of a topic whose messages are plain bytes.</summary>
    public static TopicSchema? Of(SchemaDocument? schema) =>
        schema is null or { Type: null or "NONE" or "BYTES" } ? null : new(schema.Type, schema.Version, Registered(schema));

    /// <summary>Null where the broker gives no time, or none that there is.</summary>
    public static DateTimeOffset? Registered(SchemaDocument schema) =>
        schema.Timestamp is > 0 and < LastInstant ? DateTimeOffset.FromUnixTimeMilliseconds(schema.Timestamp) : null;

    private static IEnumerable<(int Number, StatsDocument Stats)> Numbered(StatsDocument stats) =>
        from part in stats.Partitions ?? []
        let number = int.TryParse(part.Key.AsSpan(part.Key.LastIndexOf('-') + 1), CultureInfo.InvariantCulture, out var parsed)
            ? parsed
            : -1
        where number >= 0
        orderby number
        select (number, part.Value);

    private static IEnumerable<PartitionStats> Partitions(StatsDocument stats) =>
        from part in Numbered(stats)
        let here = part.Stats
        select new PartitionStats(
            part.Number,
            here.MsgRateIn,
            here.MsgThroughputIn,
            here.MsgRateOut,
            here.MsgThroughputOut,
            here.StorageSize,
            here.BacklogSize
        );

    private static IEnumerable<PartitionBacklog> Partitions(StatsDocument stats, string name) =>
        from part in Numbered(stats)
        let here = part.Stats.Subscriptions?.GetValueOrDefault(name)
        select new PartitionBacklog(
            part.Number,
            here?.MsgBacklog ?? 0,
            here?.BacklogSize ?? 0,
            here?.UnackedMessages ?? 0,
            here is null ? null : Oldest(here)
        );

    private static DateTimeOffset? Oldest(SubscriptionDocument one) =>
        one is { MsgBacklog: > 0, EarliestMsgPublishTimeInBacklog: > 0 and < LastInstant and var at }
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    /// <summary>A client that reads several partitions has a consumer of one name in each.</summary>
    private static IEnumerable<SubscriptionConsumer> Consumers(IReadOnlyList<SubscriptionDocument> parts) =>
        from consumer in parts.SelectMany(part => part.Consumers ?? [])
        group consumer by consumer.ConsumerName ?? "" into one
        orderby one.Key
        select new SubscriptionConsumer(
            one.Key,
            one.First().Address?.TrimStart('/'),
            one.First().ClientVersion,
            one.Select(part => Since(part.ConnectedSince)).Min(),
            one.Sum(part => part.UnackedMessages),
            one.Any(part => part.BlockedConsumerOnUnackedMsgs),
            one.Sum(part => part.MsgRateOut),
            one.Sum(part => part.AvailablePermits)
        );

    /// <summary>A client that sends to several partitions has a producer of one name in each.</summary>
    private static IEnumerable<TopicProducer> Clients(IReadOnlyList<StatsDocument> parts) =>
        from publisher in parts.SelectMany(part => part.Publishers ?? [])
        where !IsOwn(publisher)
        group publisher by publisher.ProducerName ?? "" into one
        orderby one.Key
        select new TopicProducer(
            one.Key,
            one.First().Address?.TrimStart('/'),
            one.First().ClientVersion,
            one.Select(part => Since(part.ConnectedSince)).Min(),
            one.Sum(part => part.MsgRateIn),
            one.Sum(part => part.MsgThroughputIn)
        );

    private static DateTimeOffset? Since(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUniversalTime()
            : null;

    /// <summary>As a broker adds them up: a producer has a connection in each partition, or in some of them under one name.</summary>
    private static int Producers(IReadOnlyList<StatsDocument> parts)
    {
        var theirs = parts.Select(part => (part.Publishers ?? []).Where(publisher => !IsOwn(publisher)).ToList()).ToList();
        var some = theirs
            .SelectMany(one => one)
            .Where(publisher => publisher.SupportsPartialProducer)
            .Select(publisher => publisher.ProducerName)
            .Distinct(StringComparer.Ordinal)
            .Count();
        return some + theirs.Select(one => one.Count(publisher => !publisher.SupportsPartialProducer)).DefaultIfEmpty(0).Max();
    }

    /// <summary>Null for a reader of the portal's own.</summary>
    private static SubscriptionStats? Subscription(string name, SubscriptionDocument sum, IReadOnlyList<StatsDocument> parts)
    {
        var inParts = parts.Select(part => part.Subscriptions?.GetValueOrDefault(name)).OfType<SubscriptionDocument>().ToList();
        var durable = sum.IsDurable ?? sum.Durable ?? true;
        // One that lost its consumer is what a reader leaves for a moment.
        if (!durable && inParts.SelectMany(part => part.Consumers ?? []).All(IsOwn))
            return null;
        var consumers = inParts.Select(part => part.Consumers?.Length ?? 0).DefaultIfEmpty(0).Max();
        return new(
            name,
            sum.Type is "None" ? null : sum.Type,
            consumers,
            sum.MsgBacklog,
            sum.MsgRateOut,
            sum.UnackedMessages,
            durable,
            sum.BacklogSize ?? 0,
            Estimate(inParts),
            inParts.Any(part => part.BlockedSubscriptionOnUnackedMsgs),
            inParts
                .SelectMany(part => part.Consumers ?? [])
                .Where(consumer => consumer.BlockedConsumerOnUnackedMsgs)
                .Select(consumer => consumer.ConsumerName)
                .Distinct(StringComparer.Ordinal)
                .Count()
        )
        {
            ConnectedConsumers = [.. Consumers(inParts)],
        };
    }

    /// <summary>Messages in the backlog, by what consumers were given for an entry lately; null while nobody was given any.</summary>
    private static long? Estimate(IReadOnlyList<SubscriptionDocument> parts)
    {
        long messages = 0;
        foreach (var part in parts.Where(part => part.MsgBacklog > 0))
        {
            var rates = (part.Consumers ?? [])
                .Where(consumer => consumer.AvgMessagesPerEntry > 0)
                .Select(consumer => consumer.AvgMessagesPerEntry)
                .ToList();
            if (rates.Count == 0)
                return null;
            messages += (long)(part.MsgBacklog * rates.Average());
        }
        return messages;
    }

    private static bool IsOwn(PublisherDocument publisher) =>
        publisher.ProducerName?.StartsWith(Cluster.OwnProducerPrefix, StringComparison.Ordinal) == true;

    private static bool IsOwn(ConsumerDocument consumer) =>
        consumer.ConsumerName?.StartsWith(Cluster.OwnReaderPrefix, StringComparison.Ordinal) == true;
}
