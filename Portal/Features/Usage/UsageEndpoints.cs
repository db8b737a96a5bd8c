using System.ComponentModel;
using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Api;

namespace Portal.Features.Usage;

public static class UsageEndpoints
{
    public static IEndpointRouteBuilder MapUsage(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/organizations/{org}/usage", GetAsync)
            .WithName("GetUsage")
            .WithTags("Usage")
            .WithSummary("Get usage and what it costs, by meter, tenant, namespace, topic and interval");
        api.MapGet("/api/v1/organizations/{org}/usage/samples", SamplesAsync)
            .WithName("ListUsageSamples")
            .WithTags("Usage")
            .WithSummary("List the counter readings behind a topic's usage");
        return api;
    }

    /// <param name="Quantity">Whole bytes, or hours with at most six decimals.</param>
    /// <param name="Connector">Grouped by topic, a connector's hours are in an item of its own, with this instead of a topic.</param>
    /// <param name="Recovered">How much of the quantity was read from the topics' ledgers; null for none.</param>
    /// <param name="Amount">Its exact share of the invoice line, in major units (dollars, not cents), as a decimal string.</param>
    public sealed record UsageItemBody(
        [OneOf<MeterWords>] string Meter,
        string? Tenant,
        string? Namespace,
        string? Topic,
        DateTimeOffset From,
        DateTimeOffset To,
        decimal Quantity,
        [OneOf<UnitWords>] string Unit,
        string Amount,
        bool? Deleted,
        string? Connector,
        decimal? Recovered
    );

    /// <summary>Written while no counter was seen, and read from the topic's ledgers afterwards.</summary>
    /// <param name="From">The last sight of the counter.</param>
    /// <param name="To">When the ledgers were read: the bytes belong to its hour.</param>
    /// <param name="Topic">As <c>tenant/namespace/topic</c>.</param>
    public sealed record RecoveredBody(DateTimeOffset From, DateTimeOffset To, string Cluster, string Topic, string Partition, long Bytes);

    /// <param name="Topics">As <c>tenant/namespace/topic</c>.</param>
    public sealed record GapBody(
        DateTimeOffset From,
        DateTimeOffset To,
        string Cluster,
        string? Broker,
        IReadOnlyList<string> Topics,
        [OneOf<GapCauses>] string Cause
    );

    /// <param name="CompleteTo">Every counter of this cluster is in up to here; null before its first.</param>
    public sealed record ClusterFreshnessBody(string Cluster, DateTimeOffset? CompleteTo);

    /// <param name="CompleteTo">Every counter of all clusters is in up to here; null before the first of one of them.</param>
    /// <param name="Clusters">The same of each cluster by itself: one that is unreachable holds only its own back.</param>
    public sealed record UsageBody(
        DateTimeOffset From,
        DateTimeOffset To,
        string Currency,
        IReadOnlyList<UsageItemBody> Items,
        string? Next,
        DateTimeOffset? CompleteTo,
        IReadOnlyList<GapBody> Gaps,
        IReadOnlyList<ClusterFreshnessBody> Clusters,
        IReadOnlyList<RecoveredBody> Recovered
    );

    internal static IReadOnlyList<ClusterFreshnessBody> Body(Freshness freshness) =>
        [.. freshness.Clusters.Select(one => new ClusterFreshnessBody(one.Cluster, one.CompleteTo))];

    private static async Task<ListAnswer<UsageBody>> GetAsync(
        string org,
        [Instant] string? from,
        [Instant] string? to,
        [Description("What to group by: meter, tenant, namespace, topic, separated by commas.")] string? groupBy,
        [OneOf<IntervalWords>] string? interval,
        [OneOf<MeterWords>] string? meter,
        string? tenant,
        ApiContext context,
        GetUsage get,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!UsageRequest.Create(from, to, groupBy, interval, clock, meter, tenant).TryGet(out var request, out var problem))
            return problem;
        return await context.ReportAsync(
            page => get.RunAsync(context.Actor, org, request, page, cancellationToken),
            report => new UsageBody(
                report.From,
                report.To,
                report.Currency.Code,
                [.. report.Items.Items.Select(Body)],
                report.Items.Next,
                report.CompleteTo,
                [.. report.Gaps.Select(Body)],
                Body(report.Freshness),
                [
                    .. report.Recovered.Select(one => new RecoveredBody(
                        one.Usage.From,
                        one.Usage.To,
                        one.Usage.Cluster,
                        one.Path,
                        one.Usage.Partition,
                        one.Usage.Bytes
                    )),
                ]
            )
        );
    }

    /// <param name="Partition">As the broker lists it.</param>
    /// <param name="Broker">Null for what was recovered.</param>
    /// <param name="OpenedValue">The counter at the earlier reading; of what was recovered the bytes that counters had shown.</param>
    /// <param name="ClosedValue">The counter at the later reading; of what was recovered the bytes that the ledgers hold.</param>
    /// <param name="Recovered">True where no counter was seen, and the bytes were read from the partition's ledgers.</param>
    /// <param name="Quantity">In the meter's base unit: bytes, or byte-seconds of storage.</param>
    public sealed record SampleBody(
        string? Cluster,
        string? Broker,
        string? Partition,
        DateTimeOffset OpenedAt,
        DateTimeOffset ClosedAt,
        long OpenedValue,
        long ClosedValue,
        long Quantity,
        bool Recovered
    );

    private static async Task<ListAnswer<PageOf<SampleBody>>> SamplesAsync(
        string org,
        [OneOf<MeterWords>] string? meter,
        [Description("The id that an invoice line's share carries.")] string? topicId,
        [Instant] string? from,
        [Instant] string? to,
        ApiContext context,
        ListUsageSamples list,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (!Meters.TryParse(meter, out var parsed))
            return new Problem.Invalid("meter-unknown", "meter is one of write, read, storage, partitions and connectors.", "meter");
        if (!Guid.TryParse(topicId, out var topic))
            return new Problem.Invalid("topic-id-malformed", "topicId is the id that an invoice line's share carries.", "topicId");
        if (!UsageRequest.Create(from, to, null, null, clock).TryGet(out var bounds, out var problem))
            return problem;
        return await context.ListAsync(
            page => list.RunAsync(context.Actor, org, parsed, new TopicId(topic), bounds.From, bounds.To, page, cancellationToken),
            sample => new SampleBody(
                sample.Cluster,
                sample.IsRecovered ? null : sample.Broker,
                sample.Partition,
                sample.OpenedAt,
                sample.ClosedAt,
                sample.OpenedValue,
                sample.ClosedValue,
                sample.Quantity,
                sample.IsRecovered
            )
        );
    }

    private static UsageItemBody Body(UsageItem item) =>
        new(
            item.Slice.Meter.Text(),
            item.Slice.Tenant,
            item.Slice.Namespace,
            item.Slice.Topic,
            item.Slice.From,
            item.Slice.To,
            Numbers.Trim(item.Quantity),
            item.Slice.Meter.Unit(),
            Numbers.Text(item.Amount),
            item.Slice.Deleted ? true : null,
            item.Slice.Connector,
            item.Recovered > 0 ? Numbers.Trim(item.Recovered) : null
        );

    private static GapBody Body(NamedGap named) =>
        new(named.Gap.From, named.Gap.To, named.Gap.Cluster, named.Gap.Broker, named.Topics, named.Gap.Cause.Text());

    internal static string Text(this GapCause cause) =>
        cause switch
        {
            GapCause.CounterReset => "counterReset",
            GapCause.Moved => "moved",
            GapCause.BrokerGone => "brokerGone",
            GapCause.BrokerSilent => "brokerSilent",
            GapCause.CollectorAway => "collectorAway",
        };
}

/// <summary>Decimals as scripts expect them: without trailing zeros, never with an exponent.</summary>
internal static class Numbers
{
    internal static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;

    internal static string Text(decimal value) => Trim(value).ToString(CultureInfo.InvariantCulture);
}
