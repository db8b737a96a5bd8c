using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// What the brokers of a cluster say they carried. Counters are those of a broker's topic objects: they begin at 0
/// whenever a topic is loaded and nothing on the wire says when that was.
/// </summary>
public interface IBrokerStatistics
{
    /// <summary>
    /// The brokers that are live now, and how old their statistics may be. Unavailable when no broker of the cluster answers.
    /// </summary>
    Task<Outcome<BrokerList>> ListBrokersAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>
    /// <c>GET /admin/v2/broker-stats/topics</c> of one broker, parsed as it streams: one item per topic or partition that it
    /// lists, system topics included, persistent and not. Never follows a redirect: the answer is this broker's or none.
    /// </summary>
    /// <exception cref="BrokerSilentException">It did not answer, or the answer broke off or is not what it should be; what was given until
    /// then must not be used.</exception>
    IAsyncEnumerable<TopicCounters> ReadAsync(string cluster, string broker, CancellationToken cancellationToken);

    /// <summary>
    /// The counters of one topic or partition as they are at this moment, from its owner (<c>…/stats</c>, which loads a
    /// topic that is not loaded). NotFound <c>topic-not-on-cluster</c> when there is none.
    /// </summary>
    /// <param name="partition">The full name: <c>persistent://tenant/namespace/topic</c>, with <c>-partition-N</c> if it is one.</param>
    Task<Outcome<LiveCounters>> ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken);

    /// <summary>
    /// The ledgers of one persistent topic or partition, from its owner (<c>…/internalStats</c>, which loads a topic that is
    /// not loaded). NotFound <c>topic-not-on-cluster</c> when there is none.
    /// </summary>
    Task<Outcome<LedgerRecord>> ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken);
}

/// <param name="Brokers">Their names as <c>GET /brokers</c> gives them: <c>host:port</c>.</param>
/// <param name="StatisticsInterval">How often they refresh their statistics (<c>statsUpdateFrequencyInSecs</c>): a row may be this
/// old.</param>
public sealed record BrokerList(IReadOnlyList<string> Brokers, TimeSpan StatisticsInterval)
{
    /// <summary>
    /// Whether ledgers hold what clients sent and nothing else. Not where brokers write a header of their own before every
    /// entry (<c>brokerEntryMetadataInterceptors</c>) or the markers of transactions (<c>transactionCoordinatorEnabled</c>).
    /// </summary>
    public bool StoresWhatArrives { get; init; } = true;
}

/// <summary>One row of a broker's statistics. Whole numbers, exact beyond 2^53.</summary>
/// <param name="Partition">The full name: <c>persistent://tenant/namespace/topic</c>, with <c>-partition-N</c> if it is one.</param>
/// <param name="StorageBytes">Logical size; 0 for non-persistent topics.</param>
public readonly record struct TopicCounters(
    string Partition,
    long MessagesIn,
    long BytesIn,
    long MessagesOut,
    long BytesOut,
    long StorageBytes
)
{
    /// <summary>Counters only grow while a topic is loaded and all four begin again together: one that fell is a new life.</summary>
    public bool AnyBelow(in TopicCounters earlier) =>
        MessagesIn < earlier.MessagesIn || BytesIn < earlier.BytesIn || MessagesOut < earlier.MessagesOut || BytesOut < earlier.BytesOut;

    /// <summary>A negative counter or more than a pebibyte in one partition cannot be: such a row is reported, never billed.</summary>
    public bool IsExplicable =>
        MessagesIn >= 0 && BytesIn >= 0 && MessagesOut >= 0 && BytesOut >= 0 && StorageBytes is >= 0 and <= 1L << 50;
}

/// <param name="Broker">The owner, by its name in <see cref="BrokerList.Brokers"/>.</param>
public sealed record LiveCounters(string Broker, TopicCounters Counters);

/// <summary>A broker's statistics cannot be had now. The message says why, for the operator.</summary>
public sealed class BrokerSilentException(string message, Exception? inner = null) : Exception(message, inner);
