using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;

namespace LocalPulsar.Admin;

/// <summary>
/// The policies of a namespace, each under its own path: set and removed. They are read together, as the namespace's document.
/// </summary>
internal sealed class PolicyRoutes(ClusterState state, Access access)
{
    private const string Path = "admin/v2/namespaces/{tenant}/{ns}/";
    private static readonly string[] _strategies =
    [
        "UNDEFINED",
        "ALWAYS_INCOMPATIBLE",
        "ALWAYS_COMPATIBLE",
        "BACKWARD",
        "FORWARD",
        "FULL",
        "BACKWARD_TRANSITIVE",
        "FORWARD_TRANSITIVE",
        "FULL_TRANSITIVE",
    ];

    // What a broker says of a missing namespace depends on the policy.
    private static readonly string[] _silent = ["BACKLOG"];
    private static readonly string[] _byNamespace =
    [
        "TTL",
        "DEDUPLICATION",
        "AUTO_TOPIC_CREATION",
        "AUTO_SUBSCRIPTION_CREATION",
        "MAX_PRODUCERS",
        "MAX_CONSUMERS",
        "RATE",
        "SCHEMA_COMPATIBILITY_STRATEGY",
    ];

    public void Map(Router router)
    {
        Policy(
            router,
            "retention",
            "RETENTION",
            "retention_policies",
            async call => Checked.Retention(PolicyBodies.Retention(await call.ObjectAsync())),
            Checked.AgainstQuota
        );
        Policy(
            router,
            "messageTTL",
            "TTL",
            "message_ttl_in_seconds",
            call => IntegerAsync(call, "Invalid value for message TTL, message TTL must >= 0")
        );
        Policy(router, "deduplication", "DEDUPLICATION", "deduplicationEnabled", BooleanAsync);
        Policy(
            router,
            "inactiveTopicPolicies",
            "INACTIVE_TOPIC",
            "inactive_topic_policies",
            async call => PolicyBodies.Inactive(await call.ObjectAsync())
        );
        Policy(
            router,
            "autoTopicCreation",
            "AUTO_TOPIC_CREATION",
            "autoTopicCreationOverride",
            async call => Checked.AutoTopics(PolicyBodies.AutoTopics(await call.ObjectAsync()))
        );
        Policy(
            router,
            "autoSubscriptionCreation",
            "AUTO_SUBSCRIPTION_CREATION",
            "autoSubscriptionCreationOverride",
            async call => PolicyBodies.AutoSubscriptions(await call.ObjectAsync())
        );
        foreach (
            var (name, field, policy) in ((string, string, string)[])
                [
                    ("maxProducersPerTopic", "max_producers_per_topic", "MAX_PRODUCERS"),
                    ("maxConsumersPerTopic", "max_consumers_per_topic", "MAX_CONSUMERS"),
                    ("maxSubscriptionsPerTopic", "max_subscriptions_per_topic", "MAX_SUBSCRIPTIONS"),
                    ("maxTopicsPerNamespace", "max_topics_per_namespace", "MAX_TOPICS"),
                ]
        )
        {
            Policy(router, name, policy, field, call => IntegerAsync(call, $"{name} must be 0 or more"));
        }
        Rate(router, "publishRate", "publishMaxMessageRate", PolicyBodies.PublishRate);
        Rate(router, "dispatchRate", "topicDispatchRate", PolicyBodies.DispatchRate);
        Rate(router, "subscriptionDispatchRate", "subscriptionDispatchRate", PolicyBodies.DispatchRate);
        router.Map("POST", Path + "backlogQuota", SetQuotaAsync);
        router.Map(
            "DELETE",
            Path + "backlogQuota",
            call => ChangeAsync(call, "BACKLOG", policies => policies["backlog_quota_map"]!.AsObject().Remove(QuotaType(call)))
        );
        router.Map(
            "PUT",
            Path + "schemaCompatibilityStrategy",
            async call =>
            {
                var strategy = await StrategyAsync(call);
                return await ChangeAsync(
                    call,
                    "SCHEMA_COMPATIBILITY_STRATEGY",
                    policies => policies["schema_compatibility_strategy"] = strategy
                );
            }
        );
        router.Map(
            "POST",
            Path + "schemaValidationEnforced",
            async call =>
            {
                var enforced = await BooleanAsync(call);
                return await ChangeAsync(
                    call,
                    "SCHEMA_COMPATIBILITY_STRATEGY",
                    policies => policies["schema_validation_enforced"] = enforced
                );
            }
        );
    }

    private void Policy(
        Router router,
        string name,
        string policy,
        string field,
        Func<Call, Task<JsonNode>> read,
        Action<JsonObject, JsonNode>? check = null
    )
    {
        router.Map(
            "POST",
            Path + name,
            async call =>
            {
                access.DemandPolicy(call, policy, "WRITE");
                var value = await read(call);
                return await ChangeAsync(
                    call,
                    policy,
                    policies =>
                    {
                        check?.Invoke(policies, value);
                        policies[field] = value;
                    }
                );
            }
        );
        router.Map("DELETE", Path + name, call => ChangeAsync(call, policy, policies => policies.Remove(field)));
    }

    // Kept by cluster; the paths speak of this one.
    private void Rate(Router router, string name, string field, Func<JsonObject, JsonObject> read)
    {
        router.Map(
            "POST",
            Path + name,
            async call =>
            {
                access.DemandPolicy(call, "RATE", "WRITE");
                var rate = read(await call.ObjectAsync());
                return await ChangeAsync(
                    call,
                    "RATE",
                    policies =>
                    {
                        policies[field]![NamespacePolicies.Cluster] = rate;
                        if (Older(field) is { } older)
                            policies[older]![NamespacePolicies.Cluster] = rate.DeepClone();
                    }
                );
            }
        );
        router.Map(
            "DELETE",
            Path + name,
            call =>
                ChangeAsync(
                    call,
                    "RATE",
                    policies =>
                    {
                        policies[field]!.AsObject().Remove(NamespacePolicies.Cluster);
                        if (Older(field) is { } older)
                            policies[older]!.AsObject().Remove(NamespacePolicies.Cluster);
                    }
                )
        );
    }

    // The rate of dispatch stands under the name that it had before, too.
    private static string? Older(string field) => field == "topicDispatchRate" ? "clusterDispatchRate" : null;

    private async Task<Answer> ChangeAsync(Call call, string policy, Action<JsonObject> change)
    {
        access.DemandPolicy(call, policy, "WRITE");
        if (await state.ChangePoliciesAsync(call.Namespace, change))
            return Answer.Done;
        throw new RefusalException(
            404,
            _silent.Contains(policy) ? ""
                : _byNamespace.Contains(policy) ? "Namespace does not exist"
                : "Namespace policies does not exist"
        );
    }

    private async Task<Answer> SetQuotaAsync(Call call)
    {
        access.DemandPolicy(call, "BACKLOG", "WRITE");
        var quota = PolicyBodies.Quota(await call.ObjectAsync());
        if (!quota.ContainsKey("policy"))
            throw new RefusalException(
                400,
                $"Set namespace[{call.Namespace}] backlog quota failed because the data validation failed. "
                    + "the attribute policy cannot be null"
            );
        var type = QuotaType(call);
        return await ChangeAsync(
            call,
            "BACKLOG",
            policies =>
            {
                if (type == "destination_storage" && policies["retention_policies"] is { } retention && !Checked.Holds(retention, quota))
                    throw new RefusalException(
                        412,
                        "Backlog Quota exceeds configured retention quota for namespace. Please increase retention quota and retry"
                    );
                policies["backlog_quota_map"]![type] = quota;
            }
        );
    }

    private static string QuotaType(Call call) =>
        call.Query("backlogQuotaType") switch
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
        await call.BodyAsync() is JsonValue value && value.TryGetValue<string>(out var word) && _strategies.Contains(word)
            ? word
            : "UNDEFINED";

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
                throw new RefusalException(
                    400,
                    "Invalid retention policy: Setting a single time or size limit to 0 is invalid when one of the limits has a "
                        + "non-zero value."
                        + " Use the value of -1 instead of 0 to ignore a specific limit. To disable retention both limits must be set to 0."
                );
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

        private static RefusalException Invalid(string detail) =>
            new(412, $"Invalid configuration for autoTopicCreationOverride. the detail is {detail}");
    }
}
