using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// What was used, by topic, meter and instant of the closing sample; integers in base units. Written by the collector
/// only (<c>ICollectorLedger</c>); read here. Sums are exact and never overflow (<see cref="Int128"/>).
/// </summary>
public interface IUsageLedger
{
    /// <summary>
    /// Base units per meter of an organization whose closing sample lies in [from, to). Bounds may lie inside an hour:
    /// an early close ends a period there. Meters without usage are absent.
    /// </summary>
    Task<IReadOnlyDictionary<Meter, Int128>> TotalsAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    );

    /// <summary>Usage cut by group and interval, ordered by interval, meter, tenant, namespace, topic or connector.</summary>
    Task<PageOf<UsageSlice>> SlicesAsync(UsageQuery query, PageRequest page, CancellationToken cancellationToken);

    /// <summary>The samples below a topic's hour: how an invoice line is walked back to the brokers' counters.</summary>
    Task<PageOf<UsageSample>> SamplesAsync(
        OrganizationId organization,
        Meter meter,
        TopicId? topic,
        DateTimeOffset from,
        DateTimeOffset to,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Gaps of the organization's topics that touch [from, to), oldest first.</summary>
    Task<IReadOnlyList<UsageGap>> GapsAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>What was recovered from ledgers with a closing in [from, to), oldest first.</summary>
    Task<IReadOnlyList<RecoveredUsage>> RecoveredAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// The instant up to which every broker's counters are in, over the clusters; null before the first good poll of
    /// one of them, or when no cluster is given.
    /// </summary>
    Task<DateTimeOffset?> CompleteToAsync(IReadOnlyCollection<string> clusters, CancellationToken cancellationToken);

    /// <summary>The same of each cluster by itself; those before their first good poll are absent.</summary>
    Task<IReadOnlyDictionary<string, DateTimeOffset>> CompleteByClusterAsync(CancellationToken cancellationToken);
}

public enum UsageInterval
{
    Total,
    Hour,
    Day,
}

/// <summary>What usage is asked for. Group keys not asked for are null in the slices.</summary>
/// <param name="From">Inclusive; rounded outward to the hour by the caller unless it is a period's bound.</param>
/// <param name="Tenants">Only of these; null for all.</param>
/// <param name="Topics">
/// Only of these, at most a page of a list: each is looked up by itself, so that the rest of the organization costs nothing.
/// Null for all.
/// </param>
public sealed record UsageQuery(
    OrganizationId Organization,
    DateTimeOffset From,
    DateTimeOffset To,
    UsageInterval Interval,
    bool ByTenant,
    bool ByNamespace,
    bool ByTopic,
    Meter? Meter = null,
    IReadOnlyCollection<TenantId>? Tenants = null,
    IReadOnlyCollection<TopicId>? Topics = null,
    Scope? Scope = null
);

/// <summary>A sum of the ledger. Deleted things keep their usage: their names are still here.</summary>
/// <param name="Quantity">Base units.</param>
public sealed record UsageSlice(
    Meter Meter,
    DateTimeOffset From,
    DateTimeOffset To,
    TenantId? TenantId,
    string? Tenant,
    NamespaceId? NamespaceId,
    string? Namespace,
    TopicId? TopicId,
    string? Topic,
    bool Deleted,
    Int128 Quantity
)
{
    /// <summary>Grouped by topic, what a connector used stands under its own name and no topic's.</summary>
    public ConnectorId? ConnectorId { get; init; }

    public string? Connector { get; init; }
}

/// <summary>One delta: what a counter grew between two readings, with both readings as they were.</summary>
/// <param name="Partition">The name under which the broker lists it, with <c>-partition-N</c>; null for meters that are not
/// sampled.</param>
/// <param name="OpenedAt">The instant of the earlier reading.</param>
/// <param name="ClosedAt">The instant of the later reading: the sample belongs to its hour.</param>
public sealed record UsageSample(
    Meter Meter,
    TopicId TopicId,
    string? Cluster,
    string? Broker,
    string? Partition,
    DateTimeOffset OpenedAt,
    DateTimeOffset ClosedAt,
    long OpenedValue,
    long ClosedValue,
    long Quantity
)
{
    /// <summary>
    /// Read from the partition's ledgers, for a counter that died unseen: the values are what was counted, and what was stored.
    /// </summary>
    public bool IsRecovered => Broker == MeteredDelta.FromLedgers;
}

/// <summary>Bytes written while no counter was seen, read from the ledgers of a topic.</summary>
/// <param name="From">The last sight of the counter that died.</param>
/// <param name="To">When the ledgers were read: the bytes belong to its hour.</param>
public sealed record RecoveredUsage(DateTimeOffset From, DateTimeOffset To, string Cluster, string Partition, TopicId Topic, long Bytes);

/// <summary>Why a time was not metered.</summary>
public enum GapCause
{
    /// <summary>The counters began again: the topic was unloaded, or its broker restarted.</summary>
    CounterReset,

    /// <summary>The topic went to another broker.</summary>
    Moved,

    /// <summary>The broker left the cluster's list.</summary>
    BrokerGone,

    /// <summary>The broker did not answer.</summary>
    BrokerSilent,

    /// <summary>The portal did not poll.</summary>
    CollectorAway,
}

/// <summary>A time in which traffic of some topics may be missing; it is not charged.</summary>
public sealed record UsageGap(
    DateTimeOffset From,
    DateTimeOffset To,
    string Cluster,
    string? Broker,
    IReadOnlyList<TopicId> Topics,
    GapCause Cause
);
