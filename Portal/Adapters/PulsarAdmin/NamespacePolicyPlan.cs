using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>One call that changes one policy of a namespace.</summary>
/// <param name="Policy">The path below the namespace.</param>
internal sealed record PolicyChange(HttpMethod Method, string Policy, byte[]? Body);

/// <summary>
/// From the policies that are there to those that are wanted: only what differs, in an order that Pulsar takes. Retention
/// must exceed the backlog quota at every step (412 otherwise).
/// </summary>
internal static class NamespacePolicyPlan
{
    private const string StorageQuota = "destination_storage";
    private static readonly AutoTopicCreationDocument NoAutoCreation = new(AllowAutoTopicCreation: false);

    // Deleting an idle topic would delete its grants and messages; the broker's default does so after 60 s.
    private static readonly InactiveTopicsDocument KeepInactive = new("delete_when_no_subscriptions", 60, DeleteWhileInactive: false);

    public static IEnumerable<PolicyChange> Changes(PoliciesDocument there, NamespacePolicies wanted, string pulsarName)
    {
        // These two first: without them a topic that appears in between is not the portal's, or vanishes.
        if (there.AutoTopicCreationOverride?.AllowAutoTopicCreation != false)
            yield return Set("autoTopicCreation", NoAutoCreation);
        if (there.InactiveTopics?.DeleteWhileInactive != false)
            yield return Set("inactiveTopicPolicies", KeepInactive);

        var quotaThere = there.BacklogQuotaMap?.GetValueOrDefault(StorageQuota);
        QuotaDocument? quota = wanted.BacklogQuotaBytes is { } bytes ? new(bytes, -1, wanted.WhenBacklogFull.Text()) : null;
        var retention = Retention(wanted);
        var quotaChange = Change(
            "backlogQuota",
            quotaThere,
            quota,
            (one, other) => one.LimitSize == other.LimitSize && one.Policy == other.Policy
        );
        var retentionChange = Change("retention", there.Retention, retention, (one, other) => one == other);
        var quotaFirst = quotaThere is not null && (quota is null || quota.LimitSize <= quotaThere.LimitSize);
        if (quotaFirst && quotaChange is not null)
            yield return quotaChange;
        if (retentionChange is not null)
            yield return retentionChange;
        if (!quotaFirst && quotaChange is not null)
            yield return quotaChange;

        PublishRateDocument? publish = wanted.PublishRate is { } publishRate
            ? new(publishRate.MessagesPerSecond ?? -1, publishRate.BytesPerSecond ?? -1)
            : null;
        DispatchRateDocument? dispatch = wanted.DispatchRate is { } rate
            ? new(rate.MessagesPerSecond ?? -1, rate.BytesPerSecond ?? -1, RelativeToPublishRate: false, RatePeriodInSecond: 1)
            : null;
        PolicyChange?[] others =
        [
            Change("publishRate", there.PublishMaxMessageRate?.GetValueOrDefault(pulsarName), publish, (one, other) => one == other),
            Change("dispatchRate", there.TopicDispatchRate?.GetValueOrDefault(pulsarName), dispatch, (one, other) => one == other),
            Maximum("maxProducersPerTopic", there.MaxProducersPerTopic, wanted.MaxProducersPerTopic),
            Maximum("maxConsumersPerTopic", there.MaxConsumersPerTopic, wanted.MaxConsumersPerTopic),
            Maximum("maxSubscriptionsPerTopic", there.MaxSubscriptionsPerTopic, wanted.MaxSubscriptionsPerTopic),
            Maximum("maxTopicsPerNamespace", there.MaxTopicsPerNamespace, wanted.MaxTopics),
            Maximum("messageTTL", there.MessageTtlInSeconds, wanted.MessageTtl is { } ttl ? (int)Math.Ceiling(ttl.TotalSeconds) : null),
            there.DeduplicationEnabled == wanted.Deduplication ? null
            : wanted.Deduplication is { } deduplication ? Set("deduplication", deduplication)
            : new(HttpMethod.Delete, "deduplication", null),
            // Neither can be removed: as the cluster has it is a word of its own, and so is no validation.
            Strategy(there) == wanted.SchemaCompatibility
                ? null
                : new(HttpMethod.Put, "schemaCompatibilityStrategy", PulsarJson.Bytes(wanted.SchemaCompatibility?.Text() ?? "UNDEFINED")),
            there.SchemaValidationEnforced == wanted.SchemaValidation ? null : Set("schemaValidationEnforced", wanted.SchemaValidation),
        ];
        foreach (var change in others)
        {
            if (change is not null)
                yield return change;
        }
    }

    public static NamespacePolicies Read(PoliciesDocument document, string pulsarName) =>
        new(
            document.Retention is { RetentionTimeInMinutes: > 0 and var minutes } ? TimeSpan.FromMinutes(minutes) : null,
            document.Retention is { RetentionSizeInMegabytes: > 0 and var size } ? size * ByteSize.MiB : null,
            document.BacklogQuotaMap?.GetValueOrDefault(StorageQuota) is { LimitSize: > 0 and var quota } ? quota : null,
            document.PublishMaxMessageRate?.GetValueOrDefault(pulsarName) is { } publish
                ? Rate(publish.PublishThrottlingRateInMsg, publish.PublishThrottlingRateInByte)
                : null,
            document.TopicDispatchRate?.GetValueOrDefault(pulsarName) is { } dispatch
                ? Rate(dispatch.DispatchThrottlingRateInMsg, dispatch.DispatchThrottlingRateInByte)
                : null,
            Limit(document.MaxProducersPerTopic),
            Limit(document.MaxConsumersPerTopic),
            Limit(document.MaxSubscriptionsPerTopic),
            Limit(document.MaxTopicsPerNamespace),
            Limit(document.MessageTtlInSeconds) is { } ttl ? TimeSpan.FromSeconds(ttl) : null,
            PolicyWords.BacklogFullOf(document.BacklogQuotaMap?.GetValueOrDefault(StorageQuota)?.Policy) ?? BacklogFull.RefusePublishing,
            document.DeduplicationEnabled,
            Strategy(document),
            document.SchemaValidationEnforced
        );

    // UNDEFINED, and what a newer broker may know, is as the cluster has it.
    private static SchemaCompatibility? Strategy(PoliciesDocument document) =>
        PolicyWords.SchemaCompatibilityOf(document.SchemaCompatibilityStrategy);

    /// <summary>Pulsar counts minutes and MiB; -1 is unlimited. Rounded up, so that what was promised is kept.</summary>
    private static RetentionDocument? Retention(NamespacePolicies wanted) =>
        wanted is { RetentionTime: null, RetentionSize: null }
            ? null
            : new(
                wanted.RetentionTime is { } time ? (int)Math.Ceiling(time.TotalMinutes) : -1,
                wanted.RetentionSize is { } size ? (int)((size + ByteSize.MiB - 1) / ByteSize.MiB) : -1
            );

    /// <summary>-1 is unlimited, each for itself.</summary>
    private static RateLimit? Rate(int messages, long bytes) =>
        messages > 0 || bytes > 0 ? new(Limit(messages), bytes > 0 ? bytes : null) : null;

    private static int? Limit(int? value) => value is > 0 ? value : null;

    private static PolicyChange? Maximum(string policy, int? there, int? wanted) =>
        Limit(there) == wanted ? null
        : wanted is { } maximum ? Set(policy, maximum)
        : new(HttpMethod.Delete, policy, null);

    private static PolicyChange? Change<T>(string policy, T? there, T? wanted, Func<T, T, bool> same)
        where T : class =>
        (there, wanted) switch
        {
            (null, null) => null,
            (_, null) => new(HttpMethod.Delete, policy, null),
            ({ } one, { } other) when same(one, other) => null,
            (_, { } other) => Set(policy, other),
        };

    private static PolicyChange Set<T>(string policy, T value) => new(HttpMethod.Post, policy, PulsarJson.Bytes(value));
}
