using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>The policies a new namespace starts with: the broker's defaults, and over them what the body gives.</summary>
internal static class NewNamespace
{
    private const int DefaultBundles = 4;

    private static readonly string[] _taken =
    [
        "auth_policies",
        "backlog_quota_map",
        "clusterDispatchRate",
        "topicDispatchRate",
        "subscriptionDispatchRate",
        "replicatorDispatchRate",
        "clusterSubscribeRate",
        "publishMaxMessageRate",
        "persistence",
        "deduplicationEnabled",
        "autoTopicCreationOverride",
        "autoSubscriptionCreationOverride",
        "message_ttl_in_seconds",
        "subscription_expiration_time_minutes",
        "retention_policies",
        "encryption_required",
        "delayed_delivery_policies",
        "inactive_topic_policies",
        "subscription_auth_mode",
        "max_producers_per_topic",
        "max_consumers_per_topic",
        "max_consumers_per_subscription",
        "max_unacked_messages_per_consumer",
        "max_unacked_messages_per_subscription",
        "max_subscriptions_per_topic",
        "compaction_threshold",
        "max_topics_per_namespace",
        "schema_compatibility_strategy",
        "is_allow_auto_update_schema",
        "schema_validation_enforced",
        "subscription_types_enabled",
        "properties",
    ];

    public static JsonObject Defaults() =>
        new()
        {
            ["auth_policies"] = new JsonObject
            {
                ["namespace_auth"] = new JsonObject(),
                ["destination_auth"] = new JsonObject(),
                ["subscription_auth_roles"] = new JsonObject(),
            },
            ["replication_clusters"] = new JsonArray(NamespacePolicies.Cluster),
            ["allowed_clusters"] = new JsonArray(),
            ["bundles"] = Bundles(DefaultBundles),
            ["backlog_quota_map"] = new JsonObject(),
            ["clusterDispatchRate"] = new JsonObject(),
            ["topicDispatchRate"] = new JsonObject(),
            ["subscriptionDispatchRate"] = new JsonObject(),
            ["replicatorDispatchRate"] = new JsonObject(),
            ["clusterSubscribeRate"] = new JsonObject(),
            ["publishMaxMessageRate"] = new JsonObject(),
            ["latency_stats_sample_rate"] = new JsonObject(),
            ["deleted"] = false,
            ["encryption_required"] = false,
            ["subscription_auth_mode"] = "None",
            ["offload_threshold"] = -1,
            ["offload_threshold_in_seconds"] = -1,
            ["schema_compatibility_strategy"] = "UNDEFINED",
            ["is_allow_auto_update_schema"] = true,
            ["schema_validation_enforced"] = false,
            ["subscription_types_enabled"] = new JsonArray(),
            ["properties"] = new JsonObject(),
            ["migrated"] = false,
        };

    public static JsonObject Policies(JsonObject body, string tenant)
    {
        var policies = Defaults();
        foreach (var name in _taken)
        {
            if (body[name] is { } given)
                policies[name] = Filled(name, given.DeepClone(), policies[name]);
        }
        if (body["replication_clusters"] is JsonArray { Count: > 0 } clusters)
        {
            foreach (var cluster in clusters)
            {
                if (cluster?.GetValue<string>() != NamespacePolicies.Cluster)
                    throw new RefusalException(
                        403,
                        $"Cluster [{cluster}] is not in the list of allowed clusters list for tenant [{tenant}]"
                    );
            }
        }
        if (body["bundles"]?["numBundles"] is JsonValue number && number.TryGetValue<int>(out var bundles) && bundles > 0)
            policies["bundles"] = Bundles(bundles);
        if (policies["message_ttl_in_seconds"] is JsonValue ttl && ttl.GetValue<long>() < 0)
            throw new RefusalException(412, "Invalid value for message TTL");
        return policies;
    }

    public static JsonObject Bundles(int count) =>
        new() { ["boundaries"] = new JsonArray([.. NamespaceBundles.Split(count).Select(b => (JsonNode)b)]), ["numBundles"] = count };

    private static JsonNode Filled(string name, JsonNode given, JsonNode? defaults)
    {
        switch (name, given)
        {
            case ("auth_policies", JsonObject auth):
                foreach (var (part, empty) in defaults!.AsObject())
                    auth[part] ??= empty!.DeepClone();
                return auth;
            case ("backlog_quota_map", JsonObject quotas):
                return new JsonObject(quotas.Select(q => KeyValuePair.Create(q.Key, (JsonNode?)PolicyBodies.Quota(q.Value!.AsObject()))));
            case ("publishMaxMessageRate", JsonObject rates):
                return new JsonObject(
                    rates.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)PolicyBodies.PublishRate(r.Value!.AsObject())))
                );
            case ("topicDispatchRate" or "subscriptionDispatchRate", JsonObject rates):
                return new JsonObject(
                    rates.Select(r => KeyValuePair.Create(r.Key, (JsonNode?)PolicyBodies.DispatchRate(r.Value!.AsObject())))
                );
            case ("retention_policies", JsonObject retention):
                return PolicyBodies.Retention(retention);
            case ("inactive_topic_policies", JsonObject inactive):
                return PolicyBodies.Inactive(inactive);
            default:
                return given;
        }
    }
}
