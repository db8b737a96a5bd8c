using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>
/// What a plan limits; written in camel case: <c>topicsPerNamespace</c>. Rates are those of one partition, or of one topic without
/// partitions.
/// </summary>
public enum LimitKind
{
    Tenants,
    NamespacesPerTenant,
    TopicsPerNamespace,
    PartitionsPerTopic,
    MessagesPerSecond,
    BytesPerSecond,
    ProducersPerTopic,
    ConsumersPerTopic,
    SubscriptionsPerTopic,
    RetentionMinutes,
    RetentionBytes,
    BacklogQuotaBytes,
    Connectors,
    WebSocketSessions,
    WebSocketMessageBytes,
    FunctionPackages,
    FunctionPackageBytes,
}

/// <summary>Names, bounds and words of the limits.</summary>
public static class LimitKinds
{
    public static IReadOnlyList<LimitKind> All { get; } = Enum.GetValues<LimitKind>();

    /// <summary>As scripts and the database write it.</summary>
    public static string Text(this LimitKind kind) => $"{kind}" is var name ? char.ToLowerInvariant(name[0]) + name[1..] : "";

    /// <summary>Null for no limit that this version knows.</summary>
    public static LimitKind? Parse(string text)
    {
        foreach (var kind in All)
            if (kind.Text() == text)
                return kind;
        return null;
    }

    /// <summary>For people, as a heading.</summary>
    public static string Title(this LimitKind kind) =>
        kind switch
        {
            LimitKind.Tenants => "Tenants",
            LimitKind.NamespacesPerTenant => "Namespaces per tenant",
            LimitKind.TopicsPerNamespace => "Topics per namespace",
            LimitKind.PartitionsPerTopic => "Partitions per topic",
            LimitKind.MessagesPerSecond => "Message rate per partition",
            LimitKind.BytesPerSecond => "Throughput per partition",
            LimitKind.ProducersPerTopic => "Producers per topic",
            LimitKind.ConsumersPerTopic => "Consumers per topic",
            LimitKind.SubscriptionsPerTopic => "Subscriptions per topic",
            LimitKind.RetentionMinutes => "Retention time",
            LimitKind.RetentionBytes => "Retention size",
            LimitKind.BacklogQuotaBytes => "Backlog quota",
            LimitKind.Connectors => "Connectors",
            LimitKind.WebSocketSessions => "WebSocket connections",
            LimitKind.WebSocketMessageBytes => "WebSocket message size",
            LimitKind.FunctionPackages => "Function packages",
            LimitKind.FunctionPackageBytes => "Function package size",
        };

    /// <summary>What may be set, both inclusive. Retention as far as Pulsar and a namespace's own wish go.</summary>
    public static (long Least, long Most) Bounds(this LimitKind kind) =>
        kind switch
        {
            LimitKind.Connectors or LimitKind.FunctionPackages => (0, 100_000),
            LimitKind.TopicsPerNamespace or LimitKind.MessagesPerSecond => (1, 1_000_000),
            LimitKind.PartitionsPerTopic => (1, 10_000),
            LimitKind.BytesPerSecond => (ByteSize.KiB, 64 * ByteSize.GiB),
            LimitKind.RetentionMinutes => (1, 3660 * 24 * 60),
            LimitKind.WebSocketMessageBytes or LimitKind.FunctionPackageBytes => (ByteSize.KiB, ByteSize.GiB),
            LimitKind.RetentionBytes or LimitKind.BacklogQuotaBytes => (ByteSize.MiB, 1024 * ByteSize.TiB),
            _ => (1, 100_000),
        };

    /// <summary>A limit for people, with its unit: <c>5</c>, <c>512 MiB</c>, <c>2 days</c>, <c>100 msg/s</c>.</summary>
    public static string Words(this LimitKind kind, long value) =>
        kind switch
        {
            LimitKind.MessagesPerSecond => $"{Count(value)} msg/s",
            LimitKind.BytesPerSecond => $"{ByteSize.Text(value)}/s",
            LimitKind.RetentionBytes or LimitKind.BacklogQuotaBytes or LimitKind.WebSocketMessageBytes or LimitKind.FunctionPackageBytes =>
                ByteSize.Text(value),
            LimitKind.RetentionMinutes when value % (24 * 60) == 0 => Of(value / (24 * 60), "day"),
            LimitKind.RetentionMinutes when value % 60 == 0 => Of(value / 60, "hour"),
            LimitKind.RetentionMinutes => Of(value, "minute"),
            _ => Count(value),
        };

    private static string Of(long value, string unit) => $"{Count(value)} {unit}{(value == 1 ? "" : "s")}";

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
