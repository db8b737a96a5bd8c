using System.Text.Json.Nodes;

namespace LocalPulsar.Admin;

/// <summary>Reads the bodies of policies as a broker does: unknown fields dropped, missing ones set to Java's defaults.</summary>
internal static class PolicyBodies
{
    private static readonly string[] _quotaPolicies = ["producer_request_hold", "producer_exception", "consumer_backlog_eviction"];
    private static readonly string[] _deleteModes = ["delete_when_no_subscriptions", "delete_when_subscriptions_caught_up"];

    public static JsonObject Retention(JsonObject body) =>
        new()
        {
            ["retentionTimeInMinutes"] = Number(body, "retentionTimeInMinutes", 0),
            ["retentionSizeInMB"] = Number(body, "retentionSizeInMB", 0),
        };

    public static JsonObject Quota(JsonObject body)
    {
        var size = body.ContainsKey("limitSize") ? Number(body, "limitSize", 0) : Number(body, "limit", 0);
        var quota = new JsonObject
        {
            ["limit"] = size,
            ["limitSize"] = size,
            ["limitTime"] = Number(body, "limitTime", 0),
        };
        if (Word(body, "policy", _quotaPolicies) is { } policy)
            quota["policy"] = policy;
        return quota;
    }

    public static JsonObject PublishRate(JsonObject body) =>
        new()
        {
            ["publishThrottlingRateInMsg"] = Number(body, "publishThrottlingRateInMsg", -1),
            ["publishThrottlingRateInByte"] = Number(body, "publishThrottlingRateInByte", -1),
        };

    public static JsonObject DispatchRate(JsonObject body) =>
        new()
        {
            ["dispatchThrottlingRateInMsg"] = Number(body, "dispatchThrottlingRateInMsg", 0),
            ["dispatchThrottlingRateInByte"] = Number(body, "dispatchThrottlingRateInByte", 0),
            ["relativeToPublishRate"] = Flag(body, "relativeToPublishRate"),
            ["ratePeriodInSecond"] = Number(body, "ratePeriodInSecond", 0),
        };

    public static JsonObject Inactive(JsonObject body)
    {
        var policy = new JsonObject();
        if (Word(body, "inactiveTopicDeleteMode", _deleteModes) is { } mode)
            policy["inactiveTopicDeleteMode"] = mode;
        policy["maxInactiveDurationSeconds"] = Number(body, "maxInactiveDurationSeconds", 0);
        policy["deleteWhileInactive"] = Flag(body, "deleteWhileInactive");
        return policy;
    }

    public static JsonObject Persistence(JsonObject body) =>
        new()
        {
            ["bookkeeperEnsemble"] = Number(body, "bookkeeperEnsemble", 0),
            ["bookkeeperWriteQuorum"] = Number(body, "bookkeeperWriteQuorum", 0),
            ["bookkeeperAckQuorum"] = Number(body, "bookkeeperAckQuorum", 0),
            ["managedLedgerMaxMarkDeleteRate"] =
                body["managedLedgerMaxMarkDeleteRate"] is JsonValue rate && rate.TryGetValue<double>(out var value) ? value : 0.0,
        };

    public static JsonObject AutoTopics(JsonObject body)
    {
        var policy = new JsonObject { ["allowAutoTopicCreation"] = Flag(body, "allowAutoTopicCreation") };
        if (body["topicType"] is { } type)
            policy["topicType"] = type.DeepClone();
        if (body["defaultNumPartitions"] is { } partitions)
            policy["defaultNumPartitions"] = partitions.DeepClone();
        return policy;
    }

    public static JsonObject AutoSubscriptions(JsonObject body) =>
        new() { ["allowAutoSubscriptionCreation"] = Flag(body, "allowAutoSubscriptionCreation") };

    public static JsonObject DelayedDelivery(JsonObject body) =>
        new()
        {
            ["tickTime"] = Number(body, "tickTime", 0),
            ["active"] = Flag(body, "active"),
            ["maxDeliveryDelayInMillis"] = Number(body, "maxDeliveryDelayInMillis", 0),
        };

    public static long Number(JsonObject body, string name, long missing) =>
        body[name] switch
        {
            null => missing,
            JsonValue value when value.TryGetValue<long>(out var number) => number,
            JsonValue value when value.TryGetValue<double>(out var number) => (long)number,
            var other => throw Call.Unreadable($"Cannot deserialize value of type `long` from \"{other}\": not a valid `long` value"),
        };

    private static bool Flag(JsonObject body, string name) =>
        body[name] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    // An unknown word of an enumeration reads as if it were missing.
    private static string? Word(JsonObject body, string name, string[] known) =>
        body[name] is JsonValue value && value.TryGetValue<string>(out var word) && known.Contains(word) ? word : null;
}
