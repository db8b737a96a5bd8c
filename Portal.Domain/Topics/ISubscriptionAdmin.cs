using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Where a message lies in its topic.</summary>
/// <param name="Partition">Null in a topic without partitions.</param>
public readonly record struct MessagePlace(MessagePosition Position, int? Partition);

/// <summary>A subscription as its brokers see it, with what costs them a closer look.</summary>
/// <param name="OldestUnacknowledged">When the oldest message of the backlog was published; null without one, or where brokers do not
/// say.</param>
/// <param name="Partitions">Empty for a topic without.</param>
/// <param name="Consumers">Connected now, each once however many partitions it reads.</param>
public sealed record SubscriptionDetail(
    SubscriptionStats Figures,
    DateTimeOffset? OldestUnacknowledged,
    IReadOnlyList<PartitionBacklog> Partitions,
    IReadOnlyList<SubscriptionConsumer> Consumers
)
{
    /// <summary>For those who may see who is connected, but not from where.</summary>
    public SubscriptionDetail WithoutAddresses() => this with { Consumers = [.. Consumers.Select(one => one with { Address = null })] };
}

/// <summary>What waits in one partition, in entries and bytes.</summary>
public sealed record PartitionBacklog(
    int Partition,
    long Backlog,
    long BacklogBytes,
    long Unacknowledged,
    DateTimeOffset? OldestUnacknowledged
);

/// <param name="Address">Where it connects from; null where brokers do not say, or it is not for this reader.</param>
/// <param name="Unacknowledged">Messages that were sent to it and not acknowledged. Brokers count them on Shared and Key_Shared
/// subscriptions.</param>
/// <param name="IsBlocked">It gets no more before it acknowledges some of them.</param>
/// <param name="Permits">Messages that it is ready to take at once; below zero while a batch took more than was left.</param>
public sealed record SubscriptionConsumer(
    string Name,
    string? Address,
    string? ClientVersion,
    DateTimeOffset? ConnectedSince,
    long Unacknowledged,
    bool IsBlocked,
    double MessagesPerSecond,
    long Permits = 0
);

/// <summary>A backlog that was read through and counted.</summary>
/// <param name="Markers">Entries that are no messages: marks of transactions. Null where brokers do not say.</param>
/// <param name="IsComplete">False where a broker stopped at its limit; then there is more than was counted.</param>
/// <param name="First">The oldest message, <c>ledger:entry</c>, or with its partition as a third part. Null without a backlog.</param>
/// <param name="Last">The newest one, of the partition read last.</param>
public sealed record BacklogAnalysis(long Entries, long Messages, long? Markers, bool IsComplete, string? First, string? Last);

/// <summary>
/// What is done to the position of a subscription. All of it may be repeated, but for skipping a number. The problems are
/// those of <see cref="ITopicAdmin"/>, and NotFound <c>subscription-not-found</c>.
/// </summary>
public interface ISubscriptionAdmin
{
    Task<Outcome<SubscriptionDetail>> LookAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken);

    /// <summary>
    /// How many entries a topic keeps that were published at a time or later, with their bytes: what a rewind to that time
    /// delivers again.
    /// </summary>
    Task<Outcome<EntryCount>> CountSinceAsync(TopicAddress topic, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>The same from a message on. Invalid <c>message-gone</c> when the topic does not keep it, or never did.</summary>
    Task<Outcome<EntryCount>> CountFromAsync(TopicAddress topic, MessagePlace message, CancellationToken cancellationToken);

    /// <summary>
    /// The next messages, at most so many entries, whose batches come whole; fewer at the end, and once they fill
    /// <see cref="MessagesRead.LargestPage"/>. Ask only for a subscription that was seen: brokers make one that is not there.
    /// </summary>
    /// <param name="partition">Null for a topic without.</param>
    Task<Outcome<IReadOnlyList<Message>>> PeekAsync(
        TopicAddress topic,
        SubscriptionName name,
        int? partition,
        int entries,
        CancellationToken cancellationToken
    );

    /// <summary>Takes the oldest entries from the backlog; more than there are is all.</summary>
    /// <param name="partition">Null for a topic without: brokers skip a number in one partition only.</param>
    Task<Outcome<Done>> SkipAsync(
        TopicAddress topic,
        SubscriptionName name,
        int? partition,
        long entries,
        CancellationToken cancellationToken
    );

    Task<Outcome<Done>> ClearAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken);

    /// <summary>
    /// To the first message published at a time or later, backward or forward, in each partition. Disconnects its consumers.
    /// Conflict <c>subscription-busy</c> while another move of it is under way.
    /// </summary>
    Task<Outcome<Done>> RewindAsync(TopicAddress topic, SubscriptionName name, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>
    /// To a message, which is the next one delivered, with those of its batch before it on older brokers; other partitions stay
    /// where they are.
    /// </summary>
    Task<Outcome<Done>> RewindAsync(TopicAddress topic, SubscriptionName name, MessagePlace to, CancellationToken cancellationToken);

    /// <summary>
    /// As to a message, but delivery goes on behind it: at the end of a partition nothing is delivered before the next message comes.
    /// </summary>
    Task<Outcome<Done>> RewindBehindAsync(
        TopicAddress topic,
        SubscriptionName name,
        MessagePlace last,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Begins to take what was published longer ago from the backlog; brokers go on with it after they answered. Nothing so
    /// old is done, and so is what they are at already.
    /// </summary>
    Task<Outcome<Done>> ExpireAsync(TopicAddress topic, SubscriptionName name, TimeSpan olderThan, CancellationToken cancellationToken);

    /// <summary>Reads the backlog through at the brokers, who may take up to minutes.</summary>
    Task<Outcome<BacklogAnalysis>> AnalyzeAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken);
}

/// <summary>Entries as brokers store them, a batch being one, and their bytes.</summary>
public readonly record struct EntryCount(long Entries, long Bytes);
