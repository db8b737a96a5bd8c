using System.Globalization;
using LocalPulsar.Topics;

namespace LocalPulsar.WebSockets;

/// <summary>The query of a producer's handshake. Batching and compression are accepted and not done.</summary>
internal sealed class ProducerOptions
{
    private static readonly string[] _compressions = ["NONE", "LZ4", "ZLIB", "ZSTD", "SNAPPY"];

    public ProducerOptions(IQueryCollection query)
    {
        Name = query["producerName"].FirstOrDefault();
        FirstSequence = Query.Number(query, "initialSequenceId", -1) + 1;
        RoundRobin = query["messageRoutingMode"] == "RoundRobinPartition";
        if (Query.Number(query, "sendTimeoutMillis", 0) < 0)
            throw new FormatException("sendTimeout needs to be >= 0");
        if (query["compressionType"].FirstOrDefault() is { } compression && !_compressions.Contains(compression))
            throw new FormatException($"Invalid compressionType {compression}");
        Query.Number(query, "maxPendingMessages", 0);
        Query.Number(query, "batchingMaxMessages", 1);
    }

    public string? Name { get; }
    public long FirstSequence { get; }
    public bool RoundRobin { get; }
}

/// <summary>The query of a consumer's or reader's handshake.</summary>
internal sealed class ConsumerOptions
{
    private ConsumerOptions(IQueryCollection query)
    {
        QueueSize = (int)Math.Clamp(Query.Number(query, "receiverQueueSize", 1000), 0, 1000);
        if (QueueSize == 0)
            QueueSize = 1;
        Priority = (int)Query.Number(query, "priorityLevel", 0);
        PullMode = string.Equals(query["pullMode"], "true", StringComparison.OrdinalIgnoreCase);
        RedeliveryDelay = TimeSpan.FromMilliseconds(Query.Number(query, "negativeAckRedeliveryDelay", 60_000));
        Name = query["consumerName"].FirstOrDefault() ?? WebSocketApi.RandomName();
    }

    public required string Subscription { get; init; }
    public string Name { get; private init; }
    public SubscriptionType Type { get; private init; }
    public bool Durable { get; private init; } = true;
    public bool IsReader { get; private init; }
    public Position Start { get; private init; } = Position.Latest;

    /// <summary>Of a partitioned topic, the partition that <see cref="Start"/> is of; -1: any.</summary>
    public int StartPartition { get; private init; } = -1;
    public bool StartExcluded { get; private init; }
    public int QueueSize { get; }
    public int Priority { get; }
    public bool PullMode { get; }
    public TimeSpan RedeliveryDelay { get; }

    public static ConsumerOptions ForConsumer(IQueryCollection query, string subscription)
    {
        if (query.ContainsKey("ackTimeoutMillis") && Query.Number(query, "ackTimeoutMillis", 0) is < 1000 and not 0)
            throw new FormatException("Ack timeout should be greater than 1000 ms");
        var type = query["subscriptionType"].FirstOrDefault() ?? "Exclusive";
        return new ConsumerOptions(query)
        {
            Subscription = subscription,
            Type = type switch
            {
                "Exclusive" => SubscriptionType.Exclusive,
                "Shared" => SubscriptionType.Shared,
                "Failover" => SubscriptionType.Failover,
                "Key_Shared" => SubscriptionType.KeyShared,
                _ => throw new FormatException($"Invalid subscriptionType {type}"),
            },
            Durable = query["subscriptionMode"] != "NonDurable",
            Start = query["subscriptionInitialPosition"] == "Earliest" ? Position.Earliest : Position.Latest,
        };
    }

    public static ConsumerOptions ForReader(IQueryCollection query)
    {
        var start = query["messageId"].FirstOrDefault() ?? "latest";
        MessageId? id = null;
        if (start is not ("" or "earliest" or "latest") && !MessageId.TryDecode(start.Replace(' ', '+'), out id))
            throw new FormatException("messageId is not readable");
        var options = new ConsumerOptions(query)
        {
            Subscription = "reader-" + WebSocketApi.RandomName(),
            Durable = false,
            IsReader = true,
            Start = id?.Position ?? (start == "earliest" ? Position.Earliest : Position.Latest),
            StartPartition = id?.Partition ?? -1,
            StartExcluded = id is not null,
            Name = query["readerName"].FirstOrDefault() ?? WebSocketApi.RandomName(),
        };
        return options;
    }
}

internal static class Query
{
    public static long Number(IQueryCollection query, string name, long missing) =>
        !query.TryGetValue(name, out var values) ? missing
        : long.TryParse(values[0], CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"For input string: \"{values[0]}\"");
}
