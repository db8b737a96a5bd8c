namespace Portal.Domain.Topics;

/// <summary>Live figures of a topic, for people. Rates are per second.</summary>
/// <param name="Producers">Without the portal's own.</param>
/// <param name="Partitions">That the cluster has at the moment: its operator may have added some. 0 for a topic without.</param>
public sealed record TopicStats(
    double MessagesInPerSecond,
    double BytesInPerSecond,
    double MessagesOutPerSecond,
    double BytesOutPerSecond,
    long StorageBytes,
    long BacklogBytes,
    int Producers,
    IReadOnlyList<SubscriptionStats> Subscriptions,
    string? OwnerBroker,
    int Partitions = 0
)
{
    public int Consumers => Subscriptions.Sum(subscription => subscription.Consumers);

    /// <summary>Nothing was ever sent, as far as a look tells: there is nothing to read.</summary>
    public bool IsEmpty => StorageBytes == 0 && MessagesInPerSecond == 0 && Subscriptions.All(one => one.Backlog == 0);

    /// <summary>Who sends: the customer's producers by name, each once however many partitions it sends to.</summary>
    public IReadOnlyList<TopicProducer> ConnectedProducers { get; init; } = [];

    /// <summary>What the partitions that are loaded add to the sums, by number; empty for a topic without.</summary>
    public IReadOnlyList<PartitionStats> PartitionFigures { get; init; } = [];

    /// <summary>For those who may see who is connected, but not from where.</summary>
    public TopicStats WithoutAddresses() =>
        this with
        {
            ConnectedProducers = [.. ConnectedProducers.Select(one => one with { Address = null })],
            Subscriptions =
            [
                .. Subscriptions.Select(one =>
                    one with
                    {
                        ConnectedConsumers = [.. one.ConnectedConsumers.Select(consumer => consumer with { Address = null })],
                    }
                ),
            ],
        };
}

/// <summary>A producer that is connected now. Rates are per second, over all partitions that it sends to.</summary>
/// <param name="Name">As the client or its broker named it.</param>
/// <param name="Address">Host and port it connects from; null where it is not known, or not for this reader.</param>
public sealed record TopicProducer(
    string Name,
    string? Address,
    string? ClientVersion,
    DateTimeOffset? ConnectedSince,
    double MessagesPerSecond,
    double BytesPerSecond
);

/// <summary>One partition's part of the figures. Rates are per second.</summary>
/// <param name="BacklogBytes">Of all its subscriptions, as stored.</param>
public sealed record PartitionStats(
    int Partition,
    double MessagesInPerSecond,
    double BytesInPerSecond,
    double MessagesOutPerSecond,
    double BytesOutPerSecond,
    long StorageBytes,
    long BacklogBytes
);

/// <summary>The schema that a topic's clients have to fit.</summary>
/// <param name="Type">As Pulsar calls it: <c>AVRO</c>, <c>JSON</c>, <c>STRING</c>, …</param>
/// <param name="Version">From 0.</param>
public sealed record TopicSchema(string Type, long Version, DateTimeOffset? RegisteredAt);

/// <param name="Type">Exclusive, Shared, Failover, Key_Shared, or null before the first consumer.</param>
/// <param name="Backlog">In entries, as brokers count: a batch of messages is one entry.</param>
/// <param name="BacklogBytes">As stored.</param>
/// <param name="EstimatedMessages">Of the backlog, from the batches that consumers were given lately; null when there is nothing to tell it
/// from.</param>
/// <param name="Unacknowledged">Messages that consumers have and did not acknowledge. Brokers count them on Shared and Key_Shared
/// subscriptions.</param>
/// <param name="IsBlocked">No consumer is given more before some of them are acknowledged.</param>
/// <param name="BlockedConsumers">Of its consumers, those that are given no more before they acknowledge some.</param>
public sealed record SubscriptionStats(
    string Name,
    string? Type,
    int Consumers,
    long Backlog,
    double MessagesOutPerSecond,
    long Unacknowledged,
    bool Durable,
    long BacklogBytes = 0,
    long? EstimatedMessages = null,
    bool IsBlocked = false,
    int BlockedConsumers = 0
)
{
    /// <summary>Who reads, each once however many partitions it reads.</summary>
    public IReadOnlyList<SubscriptionConsumer> ConnectedConsumers { get; init; } = [];
}
