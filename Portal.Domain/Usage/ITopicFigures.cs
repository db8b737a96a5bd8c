namespace Portal.Domain.Usage;

/// <summary>
/// What a broker's statistics say of one topic-partition, for whoever watches it: rates, what it stores, who is connected.
/// </summary>
/// <param name="Partition">The full name: <c>persistent://tenant/namespace/topic</c>, with <c>-partition-N</c> if it is one.</param>
/// <param name="Producers">Without the portal's own.</param>
/// <param name="Subscriptions">Without readers of the portal's own.</param>
public sealed record TopicFigures(string Partition, int Producers, IReadOnlyList<SubscriptionFigures> Subscriptions)
{
    /// <summary>Messages a second.</summary>
    public double RateIn { get; init; }

    public double RateOut { get; init; }

    /// <summary>Bytes a second.</summary>
    public double ThroughputIn { get; init; }

    public double ThroughputOut { get; init; }

    /// <summary>Bytes, of the messages of the last interval.</summary>
    public double AverageSize { get; init; }

    /// <summary>Since the topic was loaded, as the other counters.</summary>
    public long MessagesIn { get; init; }

    public long BytesIn { get; init; }

    public long MessagesOut { get; init; }

    public long BytesOut { get; init; }

    /// <summary>Logical bytes.</summary>
    public long StorageBytes { get; init; }

    /// <summary>Of the subscription that is furthest behind.</summary>
    public long BacklogBytes { get; init; }

    public int Consumers => Subscriptions.Sum(one => one.Consumers);

    /// <summary>Entries that wait, of all subscriptions together, as brokers add them up.</summary>
    public long Backlog => Subscriptions.Sum(one => one.Backlog);
}

/// <param name="Backlog">In entries.</param>
/// <param name="Unacknowledged">Messages that consumers have and did not acknowledge; brokers count them on Shared and Key_Shared
/// subscriptions.</param>
public sealed record SubscriptionFigures(string Name, int Consumers, long Backlog, long Unacknowledged, bool IsBlocked)
{
    public double RateOut { get; init; }

    public double ThroughputOut { get; init; }

    public double RateRedelivered { get; init; }

    public double RateExpired { get; init; }

    public double RateAcknowledged { get; init; }
}

/// <summary>Figures of all topics that a broker has loaded, which it refreshes at its own interval.</summary>
public interface ITopicFigures
{
    /// <exception cref="BrokerSilentException">It does not answer, or not to the end: what came before does not count.</exception>
    IAsyncEnumerable<TopicFigures> ReadAsync(string cluster, string broker, CancellationToken cancellationToken);
}
