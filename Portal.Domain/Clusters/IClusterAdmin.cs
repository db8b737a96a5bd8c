using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Clusters;

/// <summary>
/// What the portal asks of a cluster's administration. Every call is idempotent: carried out twice it changes nothing
/// more. Problems are <see cref="Problem.Unavailable"/> when trying again may help (cluster away, timeout, 5xx), and
/// another case when the cluster refused for good. <c>cluster-unauthorized</c> (Unavailable) is the code for a token that the cluster does not take.
/// </summary>
public interface IClusterAdmin
{
    /// <summary>Makes the tenant with its <see cref="Tenant.AdminRole"/>. One that exists without that role is somebody else's: Conflict <c>tenant-not-ours</c>.</summary>
    Task<Outcome<Done>> EnsureTenantAsync(Tenant tenant, CancellationToken cancellationToken);

    /// <summary>Deletes a tenant that has our mark and no namespaces. One that is absent is deleted.</summary>
    Task<Outcome<Done>> DeleteTenantAsync(Tenant tenant, CancellationToken cancellationToken);

    /// <summary>Makes the namespace and sets the policies. <paramref name="afterCreation"/> is called between the two.</summary>
    Task<Outcome<Done>> EnsureNamespaceAsync(Namespace @namespace, NamespacePolicies policies, Action afterCreation, CancellationToken cancellationToken);

    /// <summary>Sets the policies of a namespace that is there. NotFound <c>namespace-not-on-cluster</c> when it is gone: it is not made again.</summary>
    Task<Outcome<Done>> SetPoliciesAsync(Namespace @namespace, NamespacePolicies policies, CancellationToken cancellationToken);

    Task<Outcome<Done>> DeleteNamespaceAsync(Namespace @namespace, CancellationToken cancellationToken);

    /// <summary>The policies in force, or null when the namespace is absent.</summary>
    Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(Namespace @namespace, CancellationToken cancellationToken);

    /// <summary>Makes the topic with its partitions; one with another number of partitions is a Conflict <c>topic-differs</c>.</summary>
    Task<Outcome<Done>> EnsureTopicAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>Conflict <c>topic-in-use</c> while clients are connected and force is false. Absent is deleted.</summary>
    Task<Outcome<Done>> DeleteTopicAsync(Topic topic, bool force, CancellationToken cancellationToken);

    /// <summary>Live figures of a topic; for a partitioned one the sum. NotFound <c>topic-not-on-cluster</c> when absent.</summary>
    Task<Outcome<TopicStats>> TopicStatsAsync(Topic topic, CancellationToken cancellationToken);

    Task<Outcome<Done>> CreateSubscriptionAsync(Topic topic, SubscriptionName name, bool fromEarliest, CancellationToken cancellationToken);

    Task<Outcome<Done>> DeleteSubscriptionAsync(Topic topic, SubscriptionName name, bool force, CancellationToken cancellationToken);

    /// <summary>Gives a role exactly these actions on the topic and reads them back. The topic must exist.</summary>
    Task<Outcome<Done>> GrantTopicAsync(Topic topic, string role, bool produce, bool consume, CancellationToken cancellationToken);

    Task<Outcome<Done>> RevokeTopicAsync(Topic topic, string role, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a role exactly these actions on the whole namespace and reads them back. Produce is for the portal's own
    /// <see cref="Namespace.MessagesRole"/> only: it opens the system topics, so customers' keys never get it here.
    /// </summary>
    Task<Outcome<Done>> GrantNamespaceAsync(Namespace @namespace, string role, bool produce, bool consume, CancellationToken cancellationToken);

    Task<Outcome<Done>> RevokeNamespaceAsync(Namespace @namespace, string role, CancellationToken cancellationToken);

    /// <summary>Unloads the topic from its broker: its counters begin again at 0.</summary>
    Task<Outcome<Done>> UnloadTopicAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>Version, brokers and the settings that the portal depends on, with a sentence for each that is wrong.</summary>
    Task<Outcome<ClusterHealth>> CheckAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>The same of a cluster that is not registered, or not like this.</summary>
    Task<Outcome<ClusterHealth>> CheckAsync(ClusterRegistration candidate, CancellationToken cancellationToken);
}

/// <summary>What the portal sets on a namespace. Null means unlimited or not set.</summary>
/// <param name="RetentionSize">Bytes; together with <paramref name="RetentionTime"/>; must exceed the backlog quota.</param>
/// <param name="MaxTopics">Pulsar counts partitions.</param>
/// <param name="PublishRate">Per partition.</param>
public sealed record NamespacePolicies(
    TimeSpan? RetentionTime, long? RetentionSize, long? BacklogQuotaBytes, RateLimit? PublishRate, RateLimit? DispatchRate,
    int? MaxProducersPerTopic, int? MaxConsumersPerTopic, int? MaxSubscriptionsPerTopic, int? MaxTopics)
{
    /// <summary>
    /// Limits as namespace policies: counts are a ceiling here (the portal's own limits are exact), two more
    /// than the limit for the portal's own producer and reader; retention begins at one day, or at less where no more is
    /// allowed.
    /// </summary>
    public static NamespacePolicies Of(PlanLimits limits)
    {
        var day = TimeSpan.FromDays(1);
        return new(
            limits.RetentionAtMost < day ? limits.RetentionAtMost : day, limits.RetentionBytes ?? 10 * ByteSize.GiB, limits.BacklogQuotaBytes, limits.RatePerPartition, limits.RatePerPartition,
            limits.ProducersPerTopic + 2, limits.ConsumersPerTopic + 2, limits.SubscriptionsPerTopic + 2,
            limits is { TopicsPerNamespace: { } topics, PartitionsPerTopic: { } partitions } ? (int)Math.Min((long)topics * partitions, int.MaxValue) : null);
    }

    /// <summary>The same text for the same policies: what a namespace remembers of those that were set last.</summary>
    public string Fingerprint() => string.Join(';', new object?[]
    {
        RetentionTime?.Ticks, RetentionSize, BacklogQuotaBytes, PublishRate?.MessagesPerSecond, PublishRate?.BytesPerSecond, DispatchRate?.MessagesPerSecond,
        DispatchRate?.BytesPerSecond, MaxProducersPerTopic, MaxConsumersPerTopic, MaxSubscriptionsPerTopic, MaxTopics,
    }.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
}

/// <summary>Live figures of a topic, for people. Rates are per second.</summary>
public sealed record TopicStats(
    double MessagesInPerSecond, double BytesInPerSecond, double MessagesOutPerSecond, double BytesOutPerSecond, long StorageBytes, long BacklogBytes,
    int Producers, IReadOnlyList<SubscriptionStats> Subscriptions, string? OwnerBroker)
{
    public int Consumers => Subscriptions.Sum(subscription => subscription.Consumers);
}

/// <param name="Type">Exclusive, Shared, Failover, Key_Shared, or null before the first consumer.</param>
public sealed record SubscriptionStats(string Name, string? Type, int Consumers, long Backlog, double MessagesOutPerSecond, long Unacknowledged, bool Durable);

/// <param name="PulsarName">The cluster's own name (<c>clusterName</c>).</param>
/// <param name="StatisticsInterval">How often its brokers refresh broker-stats.</param>
/// <param name="Warnings">Settings that lose money or open doors, each with what to do.</param>
public sealed record ClusterHealth(string Version, string PulsarName, IReadOnlyList<string> Brokers, TimeSpan StatisticsInterval, IReadOnlyList<string> Warnings);
