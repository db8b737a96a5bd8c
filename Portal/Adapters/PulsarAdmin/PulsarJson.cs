using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Pulsar's JSON: camelCase, with exceptions that are named. Unknown fields grow every release and are ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(PackageDocument))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(TenantDocument))]
[JsonSerializable(typeof(NewNamespaceDocument))]
[JsonSerializable(typeof(PoliciesDocument))]
[JsonSerializable(typeof(PartitionsDocument))]
[JsonSerializable(typeof(RetentionDocument))]
[JsonSerializable(typeof(QuotaDocument))]
[JsonSerializable(typeof(PublishRateDocument))]
[JsonSerializable(typeof(DispatchRateDocument))]
[JsonSerializable(typeof(AutoTopicCreationDocument))]
[JsonSerializable(typeof(InactiveTopicsDocument))]
[JsonSerializable(typeof(StatsDocument))]
[JsonSerializable(typeof(SchemaDocument))]
[JsonSerializable(typeof(NewSchemaDocument))]
[JsonSerializable(typeof(RegisteredSchemaDocument))]
[JsonSerializable(typeof(CompatibilityDocument))]
[JsonSerializable(typeof(ConnectedDocument))]
[JsonSerializable(typeof(MessageIdDocument))]
[JsonSerializable(typeof(ResetCursorDocument))]
[JsonSerializable(typeof(AnalysisDocument))]
[JsonSerializable(typeof(InternalStatsDocument))]
[JsonSerializable(typeof(ConnectorDocument[]))]
[JsonSerializable(typeof(FieldDocument[]))]
[JsonSerializable(typeof(ConnectorStatusDocument))]
[JsonSerializable(typeof(FunctionStatsDocument))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(string))]
internal sealed partial class PulsarJson : JsonSerializerContext
{
    /// <summary>The document in UTF-8.</summary>
    public static byte[] Bytes<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), Default);
}

internal sealed record TenantDocument(string[]? AdminRoles, string[]? AllowedClusters);

internal sealed record PartitionsDocument(int Partitions);

/// <summary>What a namespace is created with: its marks at once, so that a crash leaves none without.</summary>
internal sealed record NewNamespaceDocument(Dictionary<string, string> Properties);

internal sealed record RetentionDocument(
    int RetentionTimeInMinutes,
    [property: JsonPropertyName("retentionSizeInMB")] int RetentionSizeInMegabytes
);

internal sealed record QuotaDocument(long LimitSize, int LimitTime, string? Policy);

internal sealed record PublishRateDocument(int PublishThrottlingRateInMsg, long PublishThrottlingRateInByte);

internal sealed record DispatchRateDocument(
    int DispatchThrottlingRateInMsg,
    long DispatchThrottlingRateInByte,
    bool RelativeToPublishRate,
    int RatePeriodInSecond
);

internal sealed record AutoTopicCreationDocument(bool AllowAutoTopicCreation);

internal sealed record InactiveTopicsDocument(string? InactiveTopicDeleteMode, int MaxInactiveDurationSeconds, bool DeleteWhileInactive);

internal sealed record AuthPoliciesDocument(
    [property: JsonPropertyName("namespace_auth")] Dictionary<string, string[]>? NamespaceAuth,
    [property: JsonPropertyName("destination_auth")] Dictionary<string, Dictionary<string, string[]>>? DestinationAuth
);

/// <summary>A namespace's policies, as far as the portal sets or reads them. Rates are kept by cluster.</summary>
internal sealed record PoliciesDocument
{
    [JsonPropertyName("auth_policies")]
    public AuthPoliciesDocument? AuthPolicies { get; init; }

    [JsonPropertyName("backlog_quota_map")]
    public Dictionary<string, QuotaDocument>? BacklogQuotaMap { get; init; }

    [JsonPropertyName("retention_policies")]
    public RetentionDocument? Retention { get; init; }

    public Dictionary<string, PublishRateDocument>? PublishMaxMessageRate { get; init; }

    public Dictionary<string, DispatchRateDocument>? TopicDispatchRate { get; init; }

    public AutoTopicCreationDocument? AutoTopicCreationOverride { get; init; }

    [JsonPropertyName("inactive_topic_policies")]
    public InactiveTopicsDocument? InactiveTopics { get; init; }

    [JsonPropertyName("max_producers_per_topic")]
    public int? MaxProducersPerTopic { get; init; }

    [JsonPropertyName("max_consumers_per_topic")]
    public int? MaxConsumersPerTopic { get; init; }

    [JsonPropertyName("max_subscriptions_per_topic")]
    public int? MaxSubscriptionsPerTopic { get; init; }

    [JsonPropertyName("max_topics_per_namespace")]
    public int? MaxTopicsPerNamespace { get; init; }

    [JsonPropertyName("message_ttl_in_seconds")]
    public int? MessageTtlInSeconds { get; init; }

    public bool? DeduplicationEnabled { get; init; }

    [JsonPropertyName("schema_compatibility_strategy")]
    public string? SchemaCompatibilityStrategy { get; init; }

    [JsonPropertyName("schema_validation_enforced")]
    public bool SchemaValidationEnforced { get; init; }

    public Dictionary<string, string>? Properties { get; init; }
}

/// <param name="SupportsPartialProducer">It sends to some of the partitions and is the same one in each, by its name.</param>
internal sealed record PublisherDocument(string? ProducerName, bool SupportsPartialProducer)
{
    public double MsgRateIn { get; init; }

    public double MsgThroughputIn { get; init; }

    public string? Address { get; init; }

    public string? ClientVersion { get; init; }

    /// <summary>ISO 8601, with the broker's offset.</summary>
    public string? ConnectedSince { get; init; }
}

/// <param name="AppId">The role; that of the broker's own service for WebSocket clients.</param>
/// <param name="AvgMessagesPerEntry">Of the entries it was given lately; 0 before the first.</param>
internal sealed record ConsumerDocument(string? ConsumerName, string? AppId, long MsgOutCounter, int AvgMessagesPerEntry)
{
    public double MsgRateOut { get; init; }

    public long UnackedMessages { get; init; }

    public long AvailablePermits { get; init; }

    public bool BlockedConsumerOnUnackedMsgs { get; init; }

    public string? Address { get; init; }

    public string? ClientVersion { get; init; }

    /// <summary>ISO 8601, with the broker's offset.</summary>
    public string? ConnectedSince { get; init; }
}

/// <param name="MsgBacklog">Entries: a batch of messages is one.</param>
/// <param name="BacklogSize">Bytes; only where it was asked for.</param>
internal sealed record SubscriptionDocument(
    string? Type,
    double MsgRateOut,
    long MsgBacklog,
    long? BacklogSize,
    long UnackedMessages,
    bool? IsDurable,
    bool? Durable,
    ConsumerDocument[]? Consumers
)
{
    public bool BlockedSubscriptionOnUnackedMsgs { get; init; }

    /// <summary>Milliseconds since 1970; 0 where there is none, or it was not asked for.</summary>
    public long EarliestMsgPublishTimeInBacklog { get; init; }

    /// <summary>
    /// Milliseconds since 1970 of the last time that a consumer asked for messages; 0 for none since the topic was loaded.
    /// </summary>
    public long LastConsumedFlowTimestamp { get; init; }

    /// <summary>Of a consumer that is connected; 0 for none.</summary>
    public long LastAckedTimestamp { get; init; }

    public long MsgOutCounter { get; init; }
}

/// <param name="Timestamp">Milliseconds since 1970; 0 where the broker does not know.</param>
internal sealed record SchemaDocument(
    long Version,
    string? Type,
    long Timestamp,
    string? Data = null,
    Dictionary<string, string>? Properties = null
);

internal sealed record NewSchemaDocument(string Type, string Schema, Dictionary<string, string> Properties);

internal sealed record RegisteredSchemaDocument(RegisteredVersionDocument? Version);

internal sealed record RegisteredVersionDocument(long Version);

internal sealed record CompatibilityDocument(bool Compatibility, string? SchemaCompatibilityStrategy);

/// <param name="EntryId">-1 where there is no message.</param>
internal sealed record MessageIdDocument(long LedgerId, long EntryId, int BatchIndex = -1);

/// <summary>Where a subscription is to go on.</summary>
/// <param name="BatchIndex">-1 for the whole entry.</param>
internal sealed record ResetCursorDocument(long LedgerId, long EntryId, int PartitionIndex, int BatchIndex)
{
    /// <summary>Behind the message, not with it.</summary>
    [JsonPropertyName("excluded")]
    public bool IsExcluded { get; init; }
}

/// <param name="MarkerMessages">Not before 4.1.</param>
/// <param name="Aborted">The broker stopped at its limit of entries or time.</param>
internal sealed record AnalysisDocument(
    long Entries,
    long Messages,
    long? MarkerMessages,
    bool Aborted,
    string? FirstMessageId,
    string? LastMessageId
);

internal sealed record LedgerDocument(long LedgerId, long Entries, long Size);

/// <param name="EntriesAddedCounter">Since the topic was loaded.</param>
internal sealed record InternalStatsDocument(
    long CurrentLedgerEntries,
    long CurrentLedgerSize,
    LedgerDocument[]? Ledgers,
    Dictionary<string, CursorDocument>? Cursors = null,
    long? EntriesAddedCounter = null
);

/// <param name="MarkDeletePosition"><c>ledger:entry</c>: everything up to it is acknowledged.</param>
/// <param name="IndividuallyDeletedMessages">Ranges behind the mark, in brackets; <c>[]</c> for none.</param>
internal sealed record CursorDocument(string? MarkDeletePosition, string? IndividuallyDeletedMessages);

/// <summary>Who is connected to a topic, or to each partition of one.</summary>
internal sealed record ConnectedDocument(
    Dictionary<string, SubscriptionDocument>? Subscriptions,
    Dictionary<string, ConnectedDocument>? Partitions
);

/// <summary>
/// Statistics of a topic, or of a partitioned one with its parts added up. In the sum a broker leaves out how producers
/// are called; who they are is in the parts alone.
/// </summary>
internal sealed record StatsDocument(
    double MsgRateIn,
    double MsgThroughputIn,
    double MsgRateOut,
    double MsgThroughputOut,
    long StorageSize,
    long BacklogSize,
    PublisherDocument[]? Publishers,
    Dictionary<string, SubscriptionDocument>? Subscriptions,
    string? OwnerBroker,
    long? MsgInCounter,
    long? BytesInCounter,
    long? MsgOutCounter,
    long? BytesOutCounter,
    Dictionary<string, StatsDocument>? Partitions
);
