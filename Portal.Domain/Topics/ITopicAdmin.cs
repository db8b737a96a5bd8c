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

    /// <summary>The schema in force; null where the topic has none, which is also so for one that is absent.</summary>
    Task<Outcome<TopicSchema?>> SchemaAsync(TopicAddress topic, CancellationToken cancellationToken);

    Task<Outcome<Done>> CreateSubscriptionAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool fromEarliest,
        CancellationToken cancellationToken
    );

    /// <summary>Conflict <c>subscription-in-use</c> while consumers are connected and force is false. Absent is deleted.</summary>
    Task<Outcome<Done>> DeleteSubscriptionAsync(TopicAddress topic, SubscriptionName name, bool force, CancellationToken cancellationToken);
}
