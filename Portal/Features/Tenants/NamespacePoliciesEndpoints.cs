using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Features.Api;

namespace Portal.Features.Tenants;

/// <summary>What a namespace does with its messages: what its owner wishes, what the plan allows, and what is in force.</summary>
public static class NamespacePoliciesEndpoints
{
    /// <param name="Retention">How long, and how much, is kept after every subscription has read it.</param>
    /// <param name="MessageTtlSeconds">Messages that a subscription hasn't acknowledged for this long are acknowledged for it. Leave it out
    /// to keep them.</param>
    /// <param name="PublishRate">Of each partition.</param>
    /// <param name="DispatchRate">Of each partition, to all of its subscriptions together.</param>
    /// <param name="Deduplication">Messages that a producer sends again under the same sequence number are kept once. Leave it out to use
    /// the cluster's setting.</param>
    /// <param name="SchemaCompatibility">Which schemas a topic takes after its first. Leave it out to use the cluster's setting.</param>
    /// <param name="SchemaValidation">Whether topics with a schema refuse producers without one.</param>
    public sealed record PoliciesBody(
        TenantsEndpoints.RetentionBody? Retention,
        long? MessageTtlSeconds,
        BacklogQuotaBody? BacklogQuota,
        RateBody? PublishRate,
        RateBody? DispatchRate,
        bool? Deduplication,
        [OneOf<SchemaCompatibilityWords>] string? SchemaCompatibility,
        bool? SchemaValidation
    );

    /// <param name="SizeBytes">How much may wait for a topic's slowest subscription; leave it out to use the plan's.</param>
    /// <param name="WhenFull">What happens then; leave it out to refuse producers.</param>
    public sealed record BacklogQuotaBody(long? SizeBytes, [OneOf<BacklogFullWords>] string? WhenFull);

    public sealed record RateBody(int? MessagesPerSecond, long? BytesPerSecond);

    /// <param name="Wished">What you asked for; what is null is left to the plan or the cluster.</param>
    /// <param name="InForce">What it comes to within the plan; null is no limit, or the cluster's own setting.</param>
    /// <param name="Limits">What the plan allows, by name; null is no limit.</param>
    /// <param name="Applied">Whether the cluster has what is in force; false while a change is on its way.</param>
    public sealed record NamespacePoliciesBody(
        PoliciesBody Wished,
        PoliciesBody InForce,
        IReadOnlyDictionary<string, long?> Limits,
        bool Applied
    );

    internal static void MapNamespacePolicies(this RouteGroupBuilder group)
    {
        group
            .MapGet("/{tenant}/namespaces/{namespace}/policies", GetAsync)
            .WithName("GetNamespacePolicies")
            .WithSummary("Get a namespace's policies");
        group
            .MapPut("/{tenant}/namespaces/{namespace}/policies", SetAsync)
            .WithName("SetNamespacePolicies")
            .WithSummary("Replace a namespace's policies, within the plan");
    }

    private static async Task<Answer<NamespacePoliciesBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        ApiContext context,
        GetNamespacePolicies get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, cancellationToken)).ToOk(Body);

    private static async Task<Answer<NamespacePoliciesBody>> SetAsync(
        string org,
        string tenant,
        string @namespace,
        PoliciesBody body,
        ApiContext context,
        SetNamespacePolicies set,
        CancellationToken cancellationToken
    ) => (await set.RunAsync(context.Actor, org, tenant, @namespace, Wishes(body), began: null, cancellationToken)).ToOk(Body);

    private static Outcome<NamespaceWishes> Wishes(PoliciesBody body)
    {
        var full = PolicyWords.BacklogFullOf(body.BacklogQuota?.WhenFull);
        if (full is null && body.BacklogQuota?.WhenFull is not null)
            return Unknown("whenFull", BacklogFullWords.All);
        var compatibility = PolicyWords.SchemaCompatibilityOf(body.SchemaCompatibility);
        if (compatibility is null && body.SchemaCompatibility is not null)
            return Unknown("schemaCompatibility", SchemaCompatibilityWords.All);
        return new NamespaceWishes(TenantsEndpoints.Minutes(body.Retention?.TimeMinutes), body.Retention?.SizeBytes)
        {
            MessageTtl = Seconds(body.MessageTtlSeconds),
            BacklogQuotaBytes = body.BacklogQuota?.SizeBytes,
            WhenBacklogFull = full,
            PublishRate = Rate(body.PublishRate),
            DispatchRate = Rate(body.DispatchRate),
            Deduplication = body.Deduplication,
            SchemaCompatibility = compatibility,
            SchemaValidation = body.SchemaValidation,
        };
    }

    private static Problem.Invalid Unknown(string field, string[] words) =>
        new("policy-word-unknown", $"Send one of these for {field}: {string.Join(", ", words)}.", field);

    private static NamespacePoliciesBody Body(NamespacePoliciesView view) =>
        new(Body(view.Namespace.Wishes), Body(view.InForce), view.Plan.Limits.ByName(), view.Applied);

    private static PoliciesBody Body(NamespaceWishes wishes) =>
        new(
            Retention(wishes.RetentionTime, wishes.RetentionBytes),
            (long?)wishes.MessageTtl?.TotalSeconds,
            wishes is { BacklogQuotaBytes: null, WhenBacklogFull: null }
                ? null
                : new(wishes.BacklogQuotaBytes, wishes.WhenBacklogFull?.Text()),
            Body(wishes.PublishRate),
            Body(wishes.DispatchRate),
            wishes.Deduplication,
            wishes.SchemaCompatibility?.Text(),
            wishes.SchemaValidation
        );

    private static PoliciesBody Body(NamespacePolicies policies) =>
        new(
            Retention(policies.RetentionTime, policies.RetentionSize),
            (long?)policies.MessageTtl?.TotalSeconds,
            policies.BacklogQuotaBytes is { } quota ? new(quota, policies.WhenBacklogFull.Text()) : null,
            Body(policies.PublishRate),
            Body(policies.DispatchRate),
            policies.Deduplication,
            policies.SchemaCompatibility?.Text(),
            policies.SchemaValidation
        );

    private static TenantsEndpoints.RetentionBody? Retention(TimeSpan? time, long? bytes) =>
        time is null && bytes is null ? null : new((long?)time?.TotalMinutes, bytes);

    private static RateBody? Body(RateLimit? rate) => rate is null ? null : new(rate.MessagesPerSecond, rate.BytesPerSecond);

    private static RateLimit? Rate(RateBody? body) =>
        body is null or { MessagesPerSecond: null, BytesPerSecond: null } ? null : new(body.MessagesPerSecond, body.BytesPerSecond);

    // What no TimeSpan holds is out of range for the use case too.
    private static TimeSpan? Seconds(long? seconds) =>
        seconds is { } number ? TimeSpan.FromSeconds(Math.Clamp(number, -1, 1_000_000_000)) : null;
}

internal sealed class BacklogFullWords : IWords
{
    public static string[] All => [.. Enum.GetValues<BacklogFull>().Select(full => full.Text())];
}

internal sealed class SchemaCompatibilityWords : IWords
{
    public static string[] All => [.. Enum.GetValues<SchemaCompatibility>().Select(compatibility => compatibility.Text())];
}
