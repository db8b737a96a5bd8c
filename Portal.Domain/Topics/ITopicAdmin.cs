using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>Where a topic lives, as a cluster is told: values alone, no row of the database.</summary>
/// <param name="Partitions">0 = not partitioned.</param>
public sealed record TopicAddress(NamespaceAddress Namespace, string Name, bool Persistent, int Partitions)
{
    public string Cluster => Namespace.Cluster;

    /// <summary>As Pulsar writes it: <c>persistent://tenant/namespace/name</c>.</summary>
    public string FullName => $"{(Persistent ? "persistent" : "non-persistent")}://{Namespace.Path}/{Name}";
}

/// <summary>Topics and their subscriptions on a cluster. Idempotent, with the problems of <see cref="IClusterHealth"/>.</summary>
public interface ITopicAdmin
{
    /// <summary>Makes the topic with its partitions; one with another number of partitions is a Conflict <c>topic-differs</c>.</summary>
    Task<Outcome<Done>> EnsureAsync(TopicAddress topic, CancellationToken cancellationToken);

    /// <summary>Conflict <c>topic-in-use</c> while clients are connected and force is false. Absent is deleted.</summary>
    Task<Outcome<Done>> DeleteAsync(TopicAddress topic, bool force, CancellationToken cancellationToken);

    /// <summary>Live figures of a topic; for a partitioned one the sum. NotFound <c>topic-not-on-cluster</c> when absent.</summary>
    Task<Outcome<TopicStats>> StatsAsync(TopicAddress topic, CancellationToken cancellationToken);

    Task<Outcome<Done>> CreateSubscriptionAsync(TopicAddress topic, SubscriptionName name, bool fromEarliest, CancellationToken cancellationToken);

    /// <summary>Conflict <c>subscription-in-use</c> while consumers are connected and force is false. Absent is deleted.</summary>
    Task<Outcome<Done>> DeleteSubscriptionAsync(TopicAddress topic, SubscriptionName name, bool force, CancellationToken cancellationToken);
}

/// <summary>Live figures of a topic, for people. Rates are per second.</summary>
/// <param name="Producers">Without the portal's own.</param>
/// <param name="Partitions">That the cluster has at the moment: its operator may have added some. 0 for a topic without.</param>
public sealed record TopicStats(
    double MessagesInPerSecond, double BytesInPerSecond, double MessagesOutPerSecond, double BytesOutPerSecond, long StorageBytes, long BacklogBytes,
    int Producers, IReadOnlyList<SubscriptionStats> Subscriptions, string? OwnerBroker, int Partitions = 0)
{
    public int Consumers => Subscriptions.Sum(subscription => subscription.Consumers);
}

/// <param name="Type">Exclusive, Shared, Failover, Key_Shared, or null before the first consumer.</param>
/// <param name="Backlog">In entries, as brokers count: a batch of messages is one entry.</param>
/// <param name="BacklogBytes">As stored.</param>
/// <param name="EstimatedMessages">Of the backlog, from the batches that consumers were given lately; null when there is nothing to tell it from.</param>
/// <param name="Unacknowledged">Messages that consumers have and did not acknowledge. Brokers count them on Shared and Key_Shared subscriptions.</param>
/// <param name="IsBlocked">No consumer is given more before some of them are acknowledged.</param>
/// <param name="BlockedConsumers">Of its consumers, those that are given no more before they acknowledge some.</param>
public sealed record SubscriptionStats(
    string Name, string? Type, int Consumers, long Backlog, double MessagesOutPerSecond, long Unacknowledged, bool Durable, long BacklogBytes = 0, long? EstimatedMessages = null,
    bool IsBlocked = false, int BlockedConsumers = 0);
