using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>The collector's side of the usage ledger: last readings in, samples and gaps out, in one transaction.</summary>
public interface ICollectorLedger
{
    /// <summary>
    /// One transaction. Of one cluster they are serial (<c>BEGIN IMMEDIATE</c>, <c>FOR UPDATE</c> on the cluster's row), so
    /// that a poll and a final reading never work from the same last reading.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was written.</exception>
    Task<T> UpdateAsync<T>(string cluster, Lease? lease, Func<ICollectorSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Where metering stands, of every cluster ever polled, by name.</summary>
    Task<IReadOnlyList<ClusterMetering>> StandingAsync(CancellationToken cancellationToken);
}

public interface ICollectorSession
{
    /// <summary>Where metering of the cluster stands; an empty one before its first poll.</summary>
    Task<ClusterMetering> StandingAsync(CancellationToken cancellationToken);

    /// <summary>The last readings of these partitions on every broker that ever listed them.</summary>
    Task<IReadOnlyList<Reading>> ReadingsAsync(IReadOnlyCollection<string> partitions, CancellationToken cancellationToken);

    /// <summary>
    /// Adds to the ledger. A sample that is there already (same topic, partition, broker, meter and closing instant) is
    /// left as it is and its hour is not added to.
    /// </summary>
    Task WriteAsync(PollResult part, CancellationToken cancellationToken);

    /// <summary>Replaces where the cluster's metering stands.</summary>
    Task SaveAsync(ClusterMetering standing, CancellationToken cancellationToken);
}

/// <summary>Where the metering of a cluster stands after its last poll.</summary>
/// <param name="PolledAt">The last poll, good or not; null before the first.</param>
/// <param name="ListedWholeAt">The last poll in which every listed broker answered.</param>
/// <param name="CompleteTo">Up to here every broker's counters are in; never goes back; null before the first good poll.</param>
/// <param name="Apart">Traffic seen and not billed, since metering began.</param>
public sealed record ClusterMetering(
    string Cluster, DateTimeOffset? PolledAt, DateTimeOffset? ListedWholeAt, DateTimeOffset? CompleteTo, IReadOnlyList<BrokerMetering> Brokers, TrafficApart Apart)
{
    public static ClusterMetering Empty(string cluster) => new(cluster, null, null, null, [], TrafficApart.None);

    public BrokerMetering? Broker(string name) => Brokers.FirstOrDefault(broker => broker.Broker == name);
}

/// <summary>A broker ever listed.</summary>
/// <param name="ListedSince">The poll in which it (re-)appeared in the cluster's list; null while it is not listed.</param>
/// <param name="LastGoodAt">The last poll that it answered.</param>
/// <param name="SilentSince">The first of the polls in a row that it did not answer; null while it does.</param>
/// <param name="Problem">Why it did not answer.</param>
public sealed record BrokerMetering(
    string Broker, DateTimeOffset? ListedSince, DateTimeOffset? LastGoodAt, DateTimeOffset? SilentSince, TimeSpan StatisticsInterval, int Topics, string? Problem);

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

/// <summary>The last counters of a partition on one broker. Kept for ever: a stale row then changes nothing.</summary>
/// <param name="Topic">Whose they were; null for a topic that the portal does not know.</param>
/// <param name="At">When they were asked for.</param>
/// <param name="Live">Asked of the owner itself, not of the broker's statistics, which may show an older picture for a while.</param>
/// <param name="Suspended">Its organisation was suspended: the time from here to the next reading is not billed.</param>
/// <param name="StorageSince">Since when the storage has had this value within this hour: the opening of its sample; null when it has none.</param>
public sealed record Reading(
    string Broker, TopicCounters Counters, TopicId? Topic, DateTimeOffset At, bool Live, bool Suspended, DateTimeOffset? StorageSince)
{
    public string Partition => Counters.Partition;
}

/// <summary>What a poll, or a part of it, adds to the ledger. Parts concern different partitions.</summary>
public sealed record PollResult(
    IReadOnlyList<MeteredDelta> Deltas, IReadOnlyList<TopicGap> Gaps, IReadOnlyList<Reading> Readings, TrafficApart Apart);

/// <summary>One sample for the ledger and what it adds to its topic's hour.</summary>
/// <param name="Broker">Empty for storage, of which there is one value per partition whoever lists it.</param>
/// <param name="ClosedAt">Its hour is the sample's, whole; at storage the same sample grows while the value stays and the hour lasts.</param>
/// <param name="Quantity">Base units to add to the topic's hour.</param>
public sealed record MeteredDelta(
    Meter Meter, MeteredTopic Topic, string Broker, string Partition, DateTimeOffset OpenedAt, DateTimeOffset ClosedAt, long OpenedValue, long ClosedValue, long Quantity);

/// <summary>Whom a row of the statistics belongs to.</summary>
public sealed record MeteredTopic(TopicId Id, OrganizationId Organization, int Partitions, bool Suspended);

public sealed record TopicGap(MeteredTopic Topic, DateTimeOffset From, DateTimeOffset To, string? Broker, GapCause Cause);
