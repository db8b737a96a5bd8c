using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// The collector's side of the usage ledger: last readings in, samples and gaps out. A pass over a cluster is many small
/// steps, each whole or not at all, and its standing last; killed in between, the next pass goes on from the readings that
/// are there. A store needs no joins and no long transactions for it: only that a step's writes stand together, and that
/// a step is refused when another one was faster.
/// </summary>
public interface ICollectorLedger
{
    /// <summary>How many partitions one step should concern, so that nobody waits long for a writer.</summary>
    int StepSize { get; }

    /// <summary>Where metering of the cluster stands. One that is new is known from here on.</summary>
    Task<ClusterMetering> BeginAsync(string cluster, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>
    /// One step: reads the last readings of these partitions and writes what <paramref name="compare"/> makes of them, all
    /// or nothing; writes nothing at all when it makes nothing. Steps of one cluster never work from the same reading, so a
    /// poll and a final reading bill nothing twice: when another step was written meanwhile, <paramref name="compare"/> is
    /// asked again with what is there then. It must be pure.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was written.</exception>
    Task<PollResult> AdvanceAsync(
        string cluster,
        Lease? lease,
        PartitionSlice slice,
        Func<ClusterMetering, IReadOnlyList<Reading>, PollResult> compare,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Replaces where the cluster's metering stands, once all steps of a pass are written. <see cref="ClusterMetering.Apart"/>
    /// is not replaced: the steps add to it.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was written.</exception>
    Task SaveAsync(ClusterMetering standing, Lease? lease, CancellationToken cancellationToken);

    /// <summary>Readings of a cluster whose counter died unseen and whose ledgers were not asked yet, by partition (ordinal).</summary>
    /// <param name="after">The last partition of the page before; empty for the first page.</param>
    Task<IReadOnlyList<Reading>> LostAsync(string cluster, string after, int limit, CancellationToken cancellationToken);

    /// <summary>Where metering stands, of every cluster ever begun that is not removed, by name.</summary>
    Task<IReadOnlyList<ClusterMetering>> StandingAsync(CancellationToken cancellationToken);
}

/// <summary>Which partitions a step concerns: those between two names in <see cref="PartitionOrder"/>, or the ones named.</summary>
/// <param name="After">Exclusive; null from the first.</param>
/// <param name="UpTo">Inclusive; null to the last.</param>
public sealed record PartitionSlice(string? After, string? UpTo, IReadOnlyCollection<string>? Only = null)
{
    public static PartitionSlice Of(IReadOnlyCollection<string> partitions) => new(null, null, partitions);
}

/// <summary>Where the metering of a cluster stands after its last poll.</summary>
/// <param name="PolledAt">The last poll, good or not; null before the first.</param>
/// <param name="ListedWholeAt">The last poll in which every listed broker answered.</param>
/// <param name="CompleteTo">Up to here every broker's counters are in; never goes back; null before the first good poll.</param>
/// <param name="Apart">Traffic seen and not billed, since metering began.</param>
public sealed record ClusterMetering(
    string Cluster,
    DateTimeOffset? PolledAt,
    DateTimeOffset? ListedWholeAt,
    DateTimeOffset? CompleteTo,
    IReadOnlyList<BrokerMetering> Brokers,
    TrafficApart Apart
)
{
    /// <summary>When the collector first took it up.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    public static ClusterMetering Empty(string cluster) => new(cluster, null, null, null, [], TrafficApart.None);

    public BrokerMetering? Broker(string name) => Brokers.FirstOrDefault(broker => broker.Broker == name);
}

/// <summary>A broker ever listed.</summary>
/// <param name="ListedSince">The poll in which it (re-)appeared in the cluster's list; null while it is not listed.</param>
/// <param name="LastGoodAt">The last poll that it answered.</param>
/// <param name="SilentSince">The first of the polls in a row that it did not answer; null while it does.</param>
/// <param name="Problem">Why it did not answer.</param>
public sealed record BrokerMetering(
    string Broker,
    DateTimeOffset? ListedSince,
    DateTimeOffset? LastGoodAt,
    DateTimeOffset? SilentSince,
    TimeSpan StatisticsInterval,
    int Topics,
    string? Problem
);

/// <summary>Bytes in and out that were seen and are nobody's bill, for the operator.</summary>
/// <param name="System">Of system topics in customers' namespaces.</param>
/// <param name="Unknown">Of topics in customers' namespaces that the portal did not make.</param>
/// <param name="Rows">Rows that cannot be explained (negative counters, absurd sizes).</param>
public sealed record TrafficApart(Int128 System, Int128 Unknown, long Rows)
{
    public static TrafficApart None { get; } = new(0, 0, 0);

    public static TrafficApart operator +(TrafficApart left, TrafficApart right) =>
        new(left.System + right.System, left.Unknown + right.Unknown, left.Rows + right.Rows);
}

/// <summary>
/// The last counters of a partition on one broker. It stays as it is for as long as the broker lists the same, and stays
/// open for as long as the broker lists it; a stale row then changes nothing.
/// </summary>
/// <param name="Topic">Whose they were; null for a topic that the portal does not know.</param>
/// <param name="At">When they were asked for: the poll in which they were first as they are.</param>
/// <param name="Live">Asked of the owner itself, not of the broker's statistics, which may show an older picture for a while.</param>
/// <param name="Suspended">Its organization was suspended: the time from here to the next reading is not billed.</param>
/// <param name="StorageSince">Since when the partition's storage has had this value: the opening of the sample that runs on this reading;
/// null when none does.</param>
/// <param name="Until">The last poll that listed it, once its broker answered one that did not; null while it is open.</param>
public sealed record Reading(
    string Broker,
    TopicCounters Counters,
    TopicId? Topic,
    OrganizationId? Organization,
    DateTimeOffset At,
    bool Live,
    bool Suspended,
    DateTimeOffset? StorageSince,
    DateTimeOffset? Until = null
)
{
    public string Partition => Counters.Partition;

    /// <summary>
    /// Written bytes of the topic that were ever billed by this broker's counters and its ledgers; null when nobody knows.
    /// </summary>
    public long? Billed { get; init; }

    /// <summary>
    /// The most by which storage was ever ahead of the counter in this load. What is stored arrived before, so it goes
    /// beyond only where another load was between two polls that no counter fell to show. Null when nobody knows.
    /// </summary>
    public long? Ahead { get; init; }

    /// <summary>Up to where the ledgers were read last; null before.</summary>
    public RecordMark? Mark { get; init; }

    /// <summary>The last sight of a counter that died since, as long as the ledgers were not asked what it missed.</summary>
    public DateTimeOffset? LostAt { get; init; }

    /// <summary>The last poll that showed these counters. An open reading was in every poll that its broker answered since.</summary>
    public DateTimeOffset SeenAt(ClusterMetering standing) =>
        Until ?? (!Live && standing.Broker(Broker)?.LastGoodAt is { } good && good > At ? good : At);
}

/// <summary>What a poll, or a part of it, adds to the ledger. Parts concern different partitions.</summary>
public sealed record PollResult(
    IReadOnlyList<MeteredDelta> Deltas,
    IReadOnlyList<TopicGap> Gaps,
    IReadOnlyList<Reading> Readings,
    TrafficApart Apart
)
{
    public static PollResult Nothing { get; } = new([], [], [], TrafficApart.None);

    public bool IsEmpty => Deltas.Count == 0 && Gaps.Count == 0 && Readings.Count == 0 && Apart == TrafficApart.None;
}

/// <summary>One sample for the ledger.</summary>
/// <param name="Broker">For storage the one whose value counted: the smallest, if two list the partition.</param>
/// <param name="OpenedValue">The counter at the earlier reading; for storage the bytes kept, the same at both ends.</param>
/// <param name="Quantity">Base units.</param>
public sealed record MeteredDelta(
    Meter Meter,
    MeteredTopic Topic,
    string Broker,
    string Partition,
    DateTimeOffset OpenedAt,
    DateTimeOffset ClosedAt,
    long OpenedValue,
    long ClosedValue,
    Int128 Quantity
)
{
    /// <summary>Storage that stayed longer than this is kept as one span instead of being spread over its hours.</summary>
    public static readonly TimeSpan LongestSpread = TimeSpan.FromHours(24);

    /// <summary>
    /// In place of a broker: recovered from the partition's ledgers, the values being what was counted and what was stored.
    /// </summary>
    public const string FromLedgers = "ledgers";

    public bool IsRecovered => Broker == FromLedgers;

    public bool IsLong => Meter == Meter.Storage && ClosedAt - OpenedAt > LongestSpread;

    /// <summary>
    /// The hours that it belongs to: traffic whole to the hour of its closing sample, for nobody knows when in between the
    /// bytes came; storage to each hour for the time in it.
    /// </summary>
    public IEnumerable<(DateTimeOffset Hour, Int128 Quantity)> ByHour()
    {
        if (Meter != Meter.Storage)
        {
            yield return (ClosedAt.HourStart(), Quantity);
            yield break;
        }
        for (var from = OpenedAt; from < ClosedAt; )
        {
            var hour = from.HourStart();
            var to = hour.AddHours(1) < ClosedAt ? hour.AddHours(1) : ClosedAt;
            var seconds = to.WholeSeconds() - from.WholeSeconds();
            if (seconds > 0)
                yield return (hour, (Int128)OpenedValue * seconds);
            from = to;
        }
    }
}

/// <summary>Whom a row of the statistics belongs to.</summary>
public sealed record MeteredTopic(TopicId Id, OrganizationId Organization, int Partitions, bool Suspended);

public sealed record TopicGap(MeteredTopic Topic, DateTimeOffset From, DateTimeOffset To, string? Broker, GapCause Cause);
