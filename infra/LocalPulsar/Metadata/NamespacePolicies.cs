using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Security;

namespace LocalPulsar.Metadata;

/// <summary>A rate policy; 0 and below is unlimited.</summary>
internal sealed record RateLimit(long Messages, long Bytes, int PeriodSeconds)
{
    public static readonly RateLimit None = new(-1, -1, 1);
}

/// <summary>A backlog quota: bytes or seconds, and what happens beyond it.</summary>
internal sealed record BacklogQuota(long LimitSize, long LimitTime, string? Policy);

/// <summary>
/// The policies of a namespace. The document is what <c>GET /admin/v2/namespaces/{t}/{ns}</c> answers; the properties
/// are those of it that the server enforces, read once. Immutable: a change makes a new one.
/// </summary>
internal sealed class NamespacePolicies
{
    public const string Cluster = "standalone";

    public NamespacePolicies(string json)
    {
        Json = json;
        using var parsed = JsonDocument.Parse(json);
        var root = parsed.RootElement;
        var auth = root.GetProperty("auth_policies");
        NamespaceGrants = Grants(auth.GetProperty("namespace_auth"));
        TopicGrants = auth.GetProperty("destination_auth").EnumerateObject().ToDictionary(t => t.Name, t => Grants(t.Value));
        SubscriptionRoles = auth.GetProperty("subscription_auth_roles")
            .EnumerateObject()
            .ToDictionary(s => s.Name, s => s.Value.EnumerateArray().Select(r => r.GetString()!).ToHashSet());
        Bundles = [.. root.GetProperty("bundles").GetProperty("boundaries").EnumerateArray().Select(b => b.GetString()!)];
        if (root.TryGetProperty("retention_policies", out var retention))
        {
            RetentionMinutes = retention.GetProperty("retentionTimeInMinutes").GetInt64();
            RetentionMegabytes = retention.GetProperty("retentionSizeInMB").GetInt64();
        }
        MessageTtlSeconds = Number(root, "message_ttl_in_seconds") ?? 0;
        foreach (var quota in root.GetProperty("backlog_quota_map").EnumerateObject())
        {
            var read = new BacklogQuota(
                quota.Value.GetProperty("limitSize").GetInt64(),
                quota.Value.GetProperty("limitTime").GetInt64(),
                Text(quota.Value, "policy")
            );
            if (quota.Name == "destination_storage")
                SizeQuota = read;
            else
                AgeQuota = read;
        }
        PublishRate = Rate(root, "publishMaxMessageRate", "publish");
        DispatchRate = Rate(root, "topicDispatchRate", "dispatch");
        SubscriptionDispatchRate = Rate(root, "subscriptionDispatchRate", "dispatch");
        MaxProducersPerTopic = Number(root, "max_producers_per_topic") ?? 0;
        MaxConsumersPerTopic = Number(root, "max_consumers_per_topic") ?? 0;
        MaxConsumersPerSubscription = Number(root, "max_consumers_per_subscription") ?? 0;
        MaxSubscriptionsPerTopic = Number(root, "max_subscriptions_per_topic") ?? 0;
        MaxTopicsPerNamespace = Number(root, "max_topics_per_namespace") ?? 0;
        if (root.TryGetProperty("autoTopicCreationOverride", out var topics))
        {
            AutoTopicCreation = topics.TryGetProperty("allowAutoTopicCreation", out var allowed) && allowed.GetBoolean();
            AutoPartitions = Text(topics, "topicType") == "partitioned" ? (int)(Number(topics, "defaultNumPartitions") ?? 1) : 0;
        }
        if (root.TryGetProperty("autoSubscriptionCreationOverride", out var subscriptions))
            AutoSubscriptionCreation = subscriptions.GetProperty("allowAutoSubscriptionCreation").GetBoolean();
        SubscriptionTypes = [.. root.GetProperty("subscription_types_enabled").EnumerateArray().Select(t => t.GetString()!)];
        PrefixedSubscriptions = Text(root, "subscription_auth_mode") == "Prefix";
        EncryptionRequired = root.GetProperty("encryption_required").GetBoolean();
        Deduplication = root.TryGetProperty("deduplicationEnabled", out var deduplication) && deduplication.GetBoolean();
    }

    public string Json { get; }
    public IReadOnlyDictionary<string, Grant> NamespaceGrants { get; }
    public IReadOnlyDictionary<string, Dictionary<string, Grant>> TopicGrants { get; }
    public IReadOnlyDictionary<string, HashSet<string>> SubscriptionRoles { get; }
    public IReadOnlyList<string> Bundles { get; }
    public long RetentionMinutes { get; }
    public long RetentionMegabytes { get; }
    public long MessageTtlSeconds { get; }
    public BacklogQuota? SizeQuota { get; }
    public BacklogQuota? AgeQuota { get; }
    public RateLimit PublishRate { get; }
    public RateLimit DispatchRate { get; }
    public RateLimit SubscriptionDispatchRate { get; }
    public long MaxProducersPerTopic { get; }
    public long MaxConsumersPerTopic { get; }
    public long MaxConsumersPerSubscription { get; }
    public long MaxSubscriptionsPerTopic { get; }
    public long MaxTopicsPerNamespace { get; }
    public bool AutoTopicCreation { get; } = true;

    /// <summary>Partitions of an automatically created topic; 0: not partitioned.</summary>
    public int AutoPartitions { get; }
    public bool AutoSubscriptionCreation { get; } = true;
    public IReadOnlyList<string> SubscriptionTypes { get; }
    public bool PrefixedSubscriptions { get; }
    public bool EncryptionRequired { get; }
    public bool Deduplication { get; }

    public JsonObject Document() => JsonNode.Parse(Json)!.AsObject();

    private static Dictionary<string, Grant> Grants(JsonElement roles) =>
        roles
            .EnumerateObject()
            .ToDictionary(
                role => role.Name,
                role =>
                    role.Value.EnumerateArray()
                        .Aggregate(
                            Grant.None,
                            (all, action) =>
                                all
                                | (
                                    action.GetString() switch
                                    {
                                        "produce" => Grant.Produce,
                                        "consume" => Grant.Consume,
                                        _ => Grant.None,
                                    }
                                )
                        )
            );

    // Rates are kept by cluster; one under another cluster's name has no effect.
    private static RateLimit Rate(JsonElement root, string policy, string kind) =>
        root.TryGetProperty(policy, out var map) && map.TryGetProperty(Cluster, out var rate)
            ? new RateLimit(
                Number(rate, $"{kind}ThrottlingRateInMsg") ?? -1,
                Number(rate, $"{kind}ThrottlingRateInByte") ?? -1,
                (int)Math.Max(1, Number(rate, "ratePeriodInSecond") ?? 1)
            )
            : RateLimit.None;

    private static long? Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
