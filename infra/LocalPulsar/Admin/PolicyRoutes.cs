using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;

namespace LocalPulsar.Admin;

/// <summary>The policies of a namespace, each under its own path: read, set, removed.</summary>
internal sealed class PolicyRoutes(ClusterState state, Access access)
{
    private const string Path = "admin/v2/namespaces/{tenant}/{ns}/";
    private static readonly string[] _strategies =
    [
        "UNDEFINED", "ALWAYS_INCOMPATIBLE", "ALWAYS_COMPATIBLE", "BACKWARD", "FORWARD", "FULL", "BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE",
    ];
    private static readonly string[] _types = ["Exclusive", "Shared", "Failover", "Key_Shared"];

    public void Map(Router router)
    {
        Policy(router, "retention", "RETENTION", "retention_policies", async call => Checked.Retention(PolicyBodies.Retention(await call.ObjectAsync())), Checked.AgainstQuota);
        Policy(router, "messageTTL", "TTL", "message_ttl_in_seconds", call => IntegerAsync(call, "Invalid value for message TTL, message TTL must >= 0"));
        Policy(router, "persistence", "PERSISTENCE", "persistence", async call => Checked.Persistence(PolicyBodies.Persistence(await call.ObjectAsync())));
        Policy(router, "deduplication", "DEDUPLICATION", "deduplicationEnabled", BooleanAsync);
        Policy(router, "inactiveTopicPolicies", "INACTIVE_TOPIC", "inactive_topic_policies", async call => PolicyBodies.Inactive(await call.ObjectAsync()));
        Policy(router, "autoTopicCreation", "AUTO_TOPIC_CREATION", "autoTopicCreationOverride", async call => Checked.AutoTopics(PolicyBodies.AutoTopics(await call.ObjectAsync())));
        Policy(router, "autoSubscriptionCreation", "AUTO_SUBSCRIPTION_CREATION", "autoSubscriptionCreationOverride", async call => PolicyBodies.AutoSubscriptions(await call.ObjectAsync()));
        Policy(router, "delayedDelivery", "DELAYED_DELIVERY", "delayed_delivery_policies", async call => PolicyBodies.DelayedDelivery(await call.ObjectAsync()));
        Policy(router, "subscriptionExpirationTime", "SUBSCRIPTION_EXPIRATION_TIME", "subscription_expiration_time_minutes",
            call => IntegerAsync(call, "Invalid value for subscription expiration time"));
        Policy(router, "compactionThreshold", "COMPACTION", "compaction_threshold", call => IntegerAsync(call, "compactionThreshold must be 0 or more"), set: "PUT");
        Policy(router, "subscriptionTypesEnabled", "SUBSCRIPTION_AUTH_MODE", "subscription_types_enabled", TypesAsync, cleared: () => new JsonArray());
        Policy(router, "subscriptionAuthMode", "SUBSCRIPTION_AUTH_MODE", "subscription_auth_mode", async call => (await call.BodyAsync())?.DeepClone() ?? "None");
        Policy(router, "schemaCompatibilityStrategy", "SCHEMA_COMPATIBILITY_STRATEGY", "schema_compatibility_strategy", StrategyAsync, set: "PUT");
        Policy(router, "schemaValidationEnforced", "SCHEMA_COMPATIBILITY_STRATEGY", "schema_validation_enforced", BooleanAsync);
        Policy(router, "isAllowAutoUpdateSchema", "SCHEMA_COMPATIBILITY_STRATEGY", "is_allow_auto_update_schema", BooleanAsync);
        Policy(router, "encryptionRequired", "ENCRYPTION", "encryption_required", BooleanAsync);
        foreach (var (name, field, policy) in ((string, string, string)[])
        [
            ("maxProducersPerTopic", "max_producers_per_topic", "MAX_PRODUCERS"),
            ("maxConsumersPerTopic", "max_consumers_per_topic", "MAX_CONSUMERS"),
            ("maxConsumersPerSubscription", "max_consumers_per_subscription", "MAX_CONSUMERS"),
            ("maxSubscriptionsPerTopic", "max_subscriptions_per_topic", "MAX_SUBSCRIPTIONS"),
            ("maxUnackedMessagesPerConsumer", "max_unacked_messages_per_consumer", "MAX_UNACKED"),
            ("maxUnackedMessagesPerSubscription", "max_unacked_messages_per_subscription", "MAX_UNACKED"),
        ])
        {
            Policy(router, name, policy, field, call => IntegerAsync(call, $"{name} must be 0 or more"));
        }
        Policy(router, "maxTopicsPerNamespace", "MAX_TOPICS", "max_topics_per_namespace", call => IntegerAsync(call, "maxTopicsPerNamespace must be 0 or more"), unset: () => 0);
        Rate(router, "publishRate", "publishMaxMessageRate", PolicyBodies.PublishRate);
        Rate(router, "dispatchRate", "topicDispatchRate", PolicyBodies.DispatchRate);
        Rate(router, "subscriptionDispatchRate", "subscriptionDispatchRate", PolicyBodies.DispatchRate);
        Rate(router, "replicatorDispatchRate", "replicatorDispatchRate", PolicyBodies.DispatchRate);
        Rate(router, "subscribeRate", "clusterSubscribeRate", PolicyBodies.SubscribeRate);
        router.Map("GET", Path + "backlogQuotaMap", call => ReadAsync(call, "BACKLOG", policies => policies["backlog_quota_map"]));
        router.Map("POST", Path + "backlogQuota", SetQuotaAsync);
        router.Map("DELETE", Path + "backlogQuota", call => ChangeAsync(call, "BACKLOG", policies => policies["backlog_quota_map"]!.AsObject().Remove(QuotaType(call))));
        Clusters(router);
        router.Map("GET", Path + "dispatcherPauseOnAckStatePersistent", call => ReadAsync(call, "DISPATCHER_PAUSE_ON_ACK_STATE_PERSISTENT",
            policies => policies["dispatcherPauseOnAckStatePersistentEnabled"] ?? false));
        router.Map("POST", Path + "dispatcherPauseOnAckStatePersistent", call => ChangeAsync(call, "DISPATCHER_PAUSE_ON_ACK_STATE_PERSISTENT",
            policies => policies["dispatcherPauseOnAckStatePersistentEnabled"] = true));
        router.Map("DELETE", Path + "dispatcherPauseOnAckStatePersistent", call => ChangeAsync(call, "DISPATCHER_PAUSE_ON_ACK_STATE_PERSISTENT",
            policies => policies["dispatcherPauseOnAckStatePersistentEnabled"] = false));
    }

    private void Clusters(Router router)
    {
        router.Map("GET", Path + "replication", call => ReadAsync(call, "REPLICATION", policies => policies["replication_clusters"]));
        router.Map("POST", Path + "replication", async call =>
        {
            var clusters = await call.TextsAsync();
            if (clusters.Count == 0)
                throw new RefusalException(412, "ClusterIds should not be null or empty");
            if (clusters.FirstOrDefault(c => c != NamespacePolicies.Cluster) is { } unknown)
                throw new RefusalException(403, $"Invalid cluster id: {unknown}");
            await ChangeAsync(call, "REPLICATION", policies => policies["replication_clusters"] = new JsonArray(NamespacePolicies.Cluster));
            return Answer.Empty;
        });
        router.Map("GET", Path + "allowedClusters", call => ReadAsync(call, "ALLOW_CLUSTERS", policies => policies["allowed_clusters"]));
        router.Map("POST", Path + "allowedClusters", async call =>
        {
            var clusters = await call.TextsAsync();
            if (clusters.FirstOrDefault(c => c != NamespacePolicies.Cluster) is { } unknown)
                throw new RefusalException(403, $"Cluster [{unknown}] is not in the list of allowed clusters list for tenant [{call.Tenant}]");
            await ChangeAsync(call, "ALLOW_CLUSTERS", policies => policies["allowed_clusters"] = new JsonArray([.. clusters.Select(c => (JsonNode)c!)]));
            return Answer.Empty;
        });
    }

    private void Policy(Router router, string name, string policy, string field, Func<Call, Task<JsonNode>> read, Action<JsonObject, JsonNode>? check = null,
        string set = "POST", Func<JsonNode>? unset = null, Func<JsonNode>? cleared = null)
    {
        router.Map("GET", Path + name, call => ReadAsync(call, policy, policies => policies[field] ?? unset?.Invoke()));
        router.Map(set, Path + name, async call =>
        {
            access.DemandPolicy(call, policy, "WRITE");
            var value = await read(call);
            return await ChangeAsync(call, policy, policies =>
            {
                check?.Invoke(policies, value);
                policies[field] = value;
            });
        });
        router.Map("DELETE", Path + name, call => ChangeAsync(call, policy, policies =>
        {
            if (cleared is null)
                policies.Remove(field);
            else
                policies[field] = cleared();
        }));
    }

    // Kept by cluster; the paths speak of this one.
    private void Rate(Router router, string name, string field, Func<JsonObject, JsonObject> read)
    {
        router.Map("GET", Path + name, call => ReadAsync(call, "RATE", policies => policies[field]?[NamespacePolicies.Cluster]));
        router.Map("POST", Path + name, async call =>
        {
            access.DemandPolicy(call, "RATE", "WRITE");
            var rate = read(await call.ObjectAsync());
            return await ChangeAsync(call, "RATE", policies => policies[field]![NamespacePolicies.Cluster] = rate);
        });
        router.Map("DELETE", Path + name, call => ChangeAsync(call, "RATE", policies => policies[field]!.AsObject().Remove(NamespacePolicies.Cluster)));
    }

    private Task<Answer> ReadAsync(Call call, string policy, Func<JsonObject, JsonNode?> read)
    {
        access.DemandPolicy(call, policy, "READ");
        return Task.FromResult(read(NamespaceRoutes.Find(state, call).Document()) is { } value ? Answer.Json(value) : Answer.Empty);
    }

    private async Task<Answer> ChangeAsync(Call call, string policy, Action<JsonObject> change)
    {
        access.DemandPolicy(call, policy, "WRITE");
        return await state.ChangePoliciesAsync(call.Namespace, change) ? Answer.Done : throw new RefusalException(404, "Namespace policies does not exist");
    }

    private async Task<Answer> SetQuotaAsync(Call call)
    {
        access.DemandPolicy(call, "BACKLOG", "WRITE");
        var quota = PolicyBodies.Quota(await call.ObjectAsync());
        if (!quota.ContainsKey("policy"))
            throw new RefusalException(400, $"Set namespace[{call.Namespace}] backlog quota failed because the data validation failed. the attribute policy cannot be null");
        var type = QuotaType(call);
        return await ChangeAsync(call, "BACKLOG", policies =>
        {
            if (type == "destination_storage" && policies["retention_policies"] is { } retention && !Checked.Holds(retention, quota))
                throw new RefusalException(412, "Backlog Quota exceeds configured retention quota for namespace. Please increase retention quota and retry");
            policies["backlog_quota_map"]![type] = quota;
        });
    }

    private static string QuotaType(Call call) => call.Query("backlogQuotaType") switch
    {
        null or "destination_storage" => "destination_storage",
        "message_age" => "message_age",
        _ => throw new RefusalException(Answer.Page(404, "Not Found", call.Path)),
    };

    private static async Task<JsonNode> IntegerAsync(Call call, string negative)
    {
        var value = await call.IntegerAsync();
        return value >= 0 ? value : throw new RefusalException(412, negative);
    }

    private static async Task<JsonNode> BooleanAsync(Call call) => await call.BooleanAsync();

    // An unknown word is taken, and sets UNDEFINED.
    private static async Task<JsonNode> StrategyAsync(Call call) =>
        await call.BodyAsync() is JsonValue value && value.TryGetValue<string>(out var word) && _strategies.Contains(word) ? word : "UNDEFINED";

    private static async Task<JsonNode> TypesAsync(Call call)
    {
        var types = await call.TextsAsync();
        return types.All(t => _types.Contains(t))
            ? new JsonArray([.. types.Select(t => (JsonNode)t!)])
            : throw new RefusalException(Answer.Page(500, "Request failed.", call.Path));
    }

    /// <summary>The rules that hold within and between policies.</summary>
    private static class Checked
    {
        public static JsonObject Retention(JsonObject retention)
        {
            var time = PolicyBodies.Number(retention, "retentionTimeInMinutes", 0);
            var size = PolicyBodies.Number(retention, "retentionSizeInMB", 0);
            if (time < -1)
                throw new RefusalException(400, "Invalid retention policy: time limit must be >= -1");
            if (size < -1)
                throw new RefusalException(400, "Invalid retention policy: size limit must be >= -1");
            if (time == 0 != (size == 0))
            {
                throw new RefusalException(400, "Invalid retention policy: Setting a single time or size limit to 0 is invalid when one of the limits has a non-zero value."
                    + " Use the value of -1 instead of 0 to ignore a specific limit. To disable retention both limits must be set to 0.");
            }
            return retention;
        }

        public static void AgainstQuota(JsonObject policies, JsonNode retention)
        {
            if (policies["backlog_quota_map"]?["destination_storage"] is JsonObject quota && !Holds(retention, quota))
                throw new RefusalException(412, "Retention Quota must exceed configured backlog quota for namespace.");
        }

        // As checkQuotas does: both none, or no limit, hold any quota.
        public static bool Holds(JsonNode retention, JsonObject quota)
        {
            var time = retention["retentionTimeInMinutes"]!.GetValue<long>();
            var size = retention["retentionSizeInMB"]!.GetValue<long>();
            if (time == 0 && size == 0)
                return true;
            var limit = quota["limitSize"]!.GetValue<long>();
            var age = quota["limitTime"]!.GetValue<long>();
            return !(limit >= 0 && size > 0 && limit >= size << 20) && !(age >= 0 && time > 0 && age >= time * 60);
        }

        public static JsonObject Persistence(JsonObject persistence)
        {
            var ensemble = PolicyBodies.Number(persistence, "bookkeeperEnsemble", 0);
            var write = PolicyBodies.Number(persistence, "bookkeeperWriteQuorum", 0);
            var ack = PolicyBodies.Number(persistence, "bookkeeperAckQuorum", 0);
            return ensemble >= write && write >= ack ? persistence
                : throw new RefusalException(400, $"Bookkeeper Ensemble ({ensemble}) >= WriteQuorum ({write}) >= AckQuorum ({ack})");
        }

        public static JsonObject AutoTopics(JsonObject policy)
        {
            if (!policy["allowAutoTopicCreation"]!.GetValue<bool>())
                return policy;
            var type = (string?)policy["topicType"];
            if (type is not ("partitioned" or "non-partitioned"))
                throw Invalid($"Unknown topic type [{type ?? "null"}]");
            if (type == "partitioned" && PolicyBodies.Number(policy, "defaultNumPartitions", 0) < 1)
                throw Invalid("[defaultNumPartitions] cannot be less than 1 for partition type.");
            return policy;
        }

        private static RefusalException Invalid(string detail) => new(412, $"Invalid configuration for autoTopicCreationOverride. the detail is {detail}");
    }
}
