using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Tenants;

/// <summary>What the portal sets on a namespace. Null means unlimited or not set.</summary>
/// <param name="RetentionSize">Bytes; together with <paramref name="RetentionTime"/>; must exceed the backlog quota.</param>
/// <param name="MaxTopics">Pulsar counts partitions.</param>
/// <param name="PublishRate">Per partition.</param>
/// <param name="MessageTtl">Whole seconds.</param>
/// <param name="WhenBacklogFull">Means nothing without a quota.</param>
/// <param name="Deduplication">Null is as the cluster has it.</param>
/// <param name="SchemaCompatibility">Null is as the cluster has it.</param>
public sealed record NamespacePolicies(
    TimeSpan? RetentionTime,
    long? RetentionSize,
    long? BacklogQuotaBytes,
    RateLimit? PublishRate,
    RateLimit? DispatchRate,
    int? MaxProducersPerTopic,
    int? MaxConsumersPerTopic,
    int? MaxSubscriptionsPerTopic,
    int? MaxTopics,
    TimeSpan? MessageTtl = null,
    BacklogFull WhenBacklogFull = BacklogFull.RefusePublishing,
    bool? Deduplication = null,
    SchemaCompatibility? SchemaCompatibility = null,
    bool SchemaValidation = false
)
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
            limits.RetentionAtMost < day ? limits.RetentionAtMost : day,
            limits.RetentionBytes ?? 10 * ByteSize.GiB,
            limits.BacklogQuotaBytes,
            limits.RatePerPartition,
            limits.RatePerPartition,
            limits.ProducersPerTopic + 2,
            limits.ConsumersPerTopic + 2,
            limits.SubscriptionsPerTopic + 2,
            limits is { TopicsPerNamespace: { } topics, PartitionsPerTopic: { } partitions }
                ? (int)Math.Min((long)topics * partitions, int.MaxValue)
                : null
        );
    }

    /// <summary>The same text for the same policies: what a namespace remembers of those that were set last.</summary>
    public string Fingerprint() =>
        string.Join(
            ';',
            new object?[]
            {
                RetentionTime?.Ticks,
                RetentionSize,
                BacklogQuotaBytes,
                PublishRate?.MessagesPerSecond,
                PublishRate?.BytesPerSecond,
                DispatchRate?.MessagesPerSecond,
                DispatchRate?.BytesPerSecond,
                MaxProducersPerTopic,
                MaxConsumersPerTopic,
                MaxSubscriptionsPerTopic,
                MaxTopics,
                MessageTtl?.Ticks,
                WhenBacklogFull,
                Deduplication,
                SchemaCompatibility,
                SchemaValidation,
            }.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))
        );
}
