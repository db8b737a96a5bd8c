namespace Portal.Domain.Usage;

/// <summary>What is known when a poll is compared with the last readings.</summary>
/// <param name="At">When the brokers were asked, before the first answer: never later than the picture in a row.</param>
/// <param name="PollInterval">Between two polls.</param>
/// <param name="Before">Where the cluster's metering stood before this poll.</param>
/// <param name="Listed">The brokers in the cluster's list now.</param>
/// <param name="Live">The rows are a topic's own counters (a final reading), not a broker's statistics.</param>
public sealed record PollFrame(
    DateTimeOffset At,
    TimeSpan PollInterval,
    ClusterMetering Before,
    IReadOnlySet<string> Listed,
    TimeSpan StatisticsInterval,
    bool Live = false
)
{
    /// <summary>
    /// The brokers whose whole answer is among the rows: what they don't list is not loaded there. None for a final reading.
    /// </summary>
    public IReadOnlySet<string> Answered { get; init; } = EmptySet;

    /// <summary>The oldest instant at which a row of this poll may have been taken.</summary>
    public DateTimeOffset PictureNotBefore => Live ? At : At - Metering.PictureAge(StatisticsInterval);

    /// <summary>After this long without a reading the time between is a gap. Polls five minutes apart are on time.</summary>
    internal TimeSpan LateAfter => PollInterval * 2 > Metering.SilentAfter ? PollInterval * 2 : Metering.SilentAfter;

    private static readonly IReadOnlySet<string> EmptySet = new HashSet<string>();
}

/// <summary>
/// A row of the statistics with whom it belongs to: a topic of ours, or nobody (a system topic, one the portal does not know).
/// </summary>
public sealed record OwnedRow(string Broker, TopicCounters Counters, MeteredTopic? Topic, bool IsSystem = false);

/// <summary>
/// The heart of metering: (last readings, a complete or partial poll) → (deltas, gaps, new readings). Pure. Always
/// 0 ≤ billed ≤ true: where the counters leave a doubt it bills less.
/// </summary>
/// <remarks>
/// Counters restart at 0 when a topic is loaded and nothing says when. Readings are therefore kept per broker and
/// partition: each counter value is billed once on its broker, whatever the other brokers show. A row bills
/// <list type="bullet">
/// <item>what it grew by, when no counter fell since the last reading of the same topic there;</item>
/// <item>all of it, when one of the four fell (a new life, begun after that reading), when the last reading there was
/// an earlier topic's of the same name, or when it has no reading there and the broker answered a poll lately (the topic
/// was not loaded then, or it would have one);</item>
/// <item>nothing, but is the baseline, when it has no reading and no such poll came before, or when the last reading
/// belonged to a topic that the portal did not know.</item>
/// </list>
/// A partition that one broker lists as it did before is idle and changes nothing: its reading stays open, which says
/// that every good poll of its broker saw it (<see cref="Reading.SeenAt"/>), and so does the storage sample that runs on it.
/// After a live reading the broker's statistics may show an older picture for a while: rows that may be older are passed over.
/// </remarks>
public static class Metering
{
    /// <summary>A broker that fails this long stops holding back the rest, and what it carried in that time is in a gap.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromMinutes(5);

    /// <summary>Storage is carried over at most so many polls that were missed.</summary>
    public const int StorageIntervals = 3;

    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(5);

    /// <summary>How old a row may be: the interval of the statistics, and the time a refresh takes.</summary>
    public static TimeSpan PictureAge(TimeSpan statisticsInterval) =>
        statisticsInterval + (statisticsInterval < Refresh ? statisticsInterval : Refresh);

    /// <summary>
    /// Compares rows with the last readings of the same partitions. <paramref name="last"/> also holds the readings of
    /// partitions that no row is about, so that what a broker stopped listing is closed. Parts of a poll may be compared
    /// apart, as long as all rows and readings of a partition are in one part.
    /// </summary>
    public static PollResult Compare(PollFrame frame, IReadOnlyCollection<OwnedRow> rows, IReadOnlyCollection<Reading> last)
    {
        var result = new Comparison(frame);
        // A poll that was carried out already, or a clock that went back.
        if (!frame.Live && frame.At <= frame.Before.PolledAt)
            return result.Done();
        var readings = new Dictionary<string, List<Reading>>(StringComparer.Ordinal);
        foreach (var reading in last)
            Of(readings, reading.Partition).Add(reading);
        var listed = new Dictionary<string, List<OwnedRow>>(rows.Count, StringComparer.Ordinal);
        foreach (var row in rows)
            Of(listed, row.Counters.Partition).Add(row);
        foreach (var (partition, listing) in listed)
            result.Partition(listing, readings.Remove(partition, out var known) ? known : []);
        foreach (var unlisted in readings.Values)
            result.Partition([], unlisted);
        return result.Done();
    }

    private static List<T> Of<T>(Dictionary<string, List<T>> lists, string partition)
    {
        if (!lists.TryGetValue(partition, out var list))
            lists[partition] = list = new(1);
        return list;
    }
}
