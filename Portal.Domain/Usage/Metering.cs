using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>What is known when a poll is compared with the last readings.</summary>
/// <param name="At">When the brokers were asked, before the first answer: never later than the picture in a row.</param>
/// <param name="PollInterval">Between two polls.</param>
/// <param name="Before">Where the cluster's metering stood before this poll.</param>
/// <param name="Listed">The brokers in the cluster's list now.</param>
/// <param name="Live">The rows are a topic's own counters (a final reading), not a broker's statistics.</param>
public sealed record PollFrame(
    DateTimeOffset At, TimeSpan PollInterval, ClusterMetering Before, IReadOnlySet<string> Listed, TimeSpan StatisticsInterval, bool Live = false)
{
    /// <summary>The oldest instant at which a row of this poll may have been taken.</summary>
    public DateTimeOffset PictureNotBefore => Live ? At : At - Metering.PictureAge(StatisticsInterval);
}

/// <summary>A row of the statistics with whom it belongs to: a topic of ours, or nobody (a system topic, one the portal does not know).</summary>
public sealed record OwnedRow(string Broker, TopicCounters Counters, MeteredTopic? Topic, bool IsSystem = false);

/// <summary>
/// The heart of metering: (last readings, a complete or partial poll) → (deltas, gaps, new readings). Pure. Always
/// 0 ≤ billed ≤ true: where the counters leave a doubt it bills less.
/// </summary>
/// <remarks>
/// Counters restart at 0 when a topic is loaded and nothing says when. Readings are therefore kept per broker and
/// partition, for ever: each counter value is billed once on its broker, whatever the other brokers show. A row bills
/// <list type="bullet">
/// <item>what it grew by, when no counter fell since the last reading of the same topic there;</item>
/// <item>all of it, when one of the four fell (a new life, begun after that reading), when the last reading there was
/// an earlier topic's of the same name, or when it has no reading there and the broker answered a poll in the last five
/// minutes (the topic was not loaded then, or it would have one);</item>
/// <item>nothing, but is the baseline, when it has no reading and no such poll came before, or when the last reading
/// belonged to a topic that the portal did not know.</item>
/// </list>
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
    public static TimeSpan PictureAge(TimeSpan statisticsInterval) => statisticsInterval + (statisticsInterval < Refresh ? statisticsInterval : Refresh);

    /// <summary>Compares rows with the last readings of the same partitions. Rows of different partitions may be compared apart.</summary>
    public static PollResult Compare(PollFrame frame, IReadOnlyCollection<OwnedRow> rows, IReadOnlyCollection<Reading> last)
    {
        var result = new Result();
        // A poll that was carried out already, or a clock that went back.
        if (!frame.Live && frame.At <= frame.Before.PolledAt) return new([], [], [], TrafficApart.None);
        var readings = last.ToLookup(reading => reading.Partition, StringComparer.Ordinal);
        foreach (var partition in rows.GroupBy(row => row.Counters.Partition, StringComparer.Ordinal))
            ComparePartition(frame, [.. partition], [.. readings[partition.Key]], result);
        return new(result.Deltas, result.Gaps, result.Readings, result.Apart);
    }

    private static void ComparePartition(PollFrame frame, OwnedRow[] rows, Reading[] last, Result result)
    {
        var taken = new List<OwnedRow>(rows.Length);
        foreach (var row in rows)
        {
            var previous = last.FirstOrDefault(reading => reading.Broker == row.Broker);
            // Not later than what is known, or a picture that may be older than the live reading.
            if (previous is not null && (frame.At <= previous.At || previous.Live && frame.PictureNotBefore < previous.At)) continue;
            if (!row.Counters.IsExplicable)
            {
                result.Apart += new TrafficApart(0, 0, 1);
                continue;
            }
            taken.Add(row);
            var baseline = Baseline(frame, row, previous);
            if (row.Topic is { } topic)
            {
                var suspended = topic.Suspended || Latest(last, topic)?.Suspended == true;
                if (!suspended) AddDeltas(frame, row, topic, previous, baseline, result);
                if (!suspended && FindGap(frame, row, topic, previous, last) is { } gap) result.Gaps.Add(gap);
            }
            else
            {
                var bytes = (Int128)(row.Counters.BytesIn - baseline.BytesIn) + (row.Counters.BytesOut - baseline.BytesOut);
                result.Apart += row.IsSystem ? new(bytes, 0, 0) : new(0, bytes, 0);
            }
        }
        var since = taken.FirstOrDefault(row => row.Topic is not null)?.Topic is { } owner ? AddStorage(frame, taken, owner, last, result) : (DateTimeOffset?)null;
        foreach (var row in taken)
            result.Readings.Add(new(row.Broker, row.Counters, row.Topic?.Id, frame.At, frame.Live, row.Topic?.Suspended == true, row.Topic is null ? null : since));
    }

    /// <summary>The counters from which the row's delta is taken.</summary>
    private static TopicCounters Baseline(PollFrame frame, OwnedRow row, Reading? previous)
    {
        var zero = new TopicCounters(row.Counters.Partition, 0, 0, 0, 0, 0);
        if (previous is null) return WasAnsweringLately(frame, row.Broker) ? zero : row.Counters;
        if (row.Topic is { } topic && previous.Topic != topic.Id) return previous.Topic is null ? row.Counters : zero;
        return row.Counters.AnyBelow(previous.Counters) ? zero : previous.Counters;
    }

    private static bool WasAnsweringLately(PollFrame frame, string broker) =>
        frame.Before.Broker(broker)?.LastGoodAt is { } good && frame.At - good <= SilentAfter;

    private static void AddDeltas(PollFrame frame, OwnedRow row, MeteredTopic topic, Reading? previous, TopicCounters baseline, Result result)
    {
        var opened = previous?.At ?? frame.Before.Broker(row.Broker)?.LastGoodAt ?? frame.At;
        Add(Meter.Write, baseline.BytesIn, row.Counters.BytesIn);
        Add(Meter.Read, baseline.BytesOut, row.Counters.BytesOut);

        void Add(Meter meter, long from, long to)
        {
            if (to > from) result.Deltas.Add(new(meter, topic, row.Broker, row.Counters.Partition, opened, frame.At, from, to, to - from));
        }
    }

    /// <summary>A gap from the topic's last sample, when a new life was begun or the sample is old.</summary>
    private static TopicGap? FindGap(PollFrame frame, OwnedRow row, MeteredTopic topic, Reading? previous, Reading[] last)
    {
        var here = frame.Before.Broker(row.Broker);
        var latest = Latest(last, topic);
        if (latest is null)
        {
            // Its first sample. Nothing is missing where the broker was answering; else what came before the baseline is.
            var from = here?.LastGoodAt ?? frame.Before.PolledAt;
            return previous is not null || WasAnsweringLately(frame, row.Broker) || from is not { } since || since >= frame.At
                ? null
                : new(topic, since, frame.At, row.Broker, here?.SilentSince is null ? GapCause.CollectorAway : GapCause.BrokerSilent);
        }
        var wasUnlisted = previous is not null && here?.LastGoodAt > previous.At;
        var begunAnew = previous is null || previous.Topic != topic.Id || wasUnlisted || row.Counters.AnyBelow(previous.Counters);
        var opened = begunAnew ? latest : previous!;
        var late = frame.At - opened.At > SilentAfter;
        if (!begunAnew && !late) return null;
        var there = frame.Before.Broker(opened.Broker);
        // Listed in the last poll that its broker answered, and that was long ago: an outage explains the gap, not the topic.
        var outage = late && there?.LastGoodAt is { } good && good <= opened.At;
        var cause = !frame.Listed.Contains(opened.Broker) ? GapCause.BrokerGone
            : outage ? there!.SilentSince is null ? GapCause.CollectorAway : GapCause.BrokerSilent
            : opened.Broker == row.Broker ? GapCause.CounterReset : GapCause.Moved;
        return new(topic, opened.At, frame.At, opened.Broker, cause);
    }

    /// <summary>
    /// Storage: the smallest value that any broker lists, the left value times the time to this sample. While the value
    /// stays and the hour lasts one sample grows. Returns since when the sample now open runs.
    /// </summary>
    private static DateTimeOffset AddStorage(PollFrame frame, List<OwnedRow> taken, MeteredTopic owner, Reading[] last, Result result)
    {
        if (Latest(last, owner) is not { } latest || latest.Suspended || owner.Suspended || latest.At >= frame.At) return frame.At;
        // A poll that every broker answered and that did not list it: from then on there was nothing to bill.
        if (frame.Before.ListedWholeAt > latest.At) return frame.At;
        var value = last.Where(reading => reading.Topic == owner.Id && reading.At == latest.At).Min(reading => reading.Counters.StorageBytes);
        var atMost = latest.At + frame.PollInterval * StorageIntervals;
        var closed = frame.At < atMost ? frame.At : atMost;
        if (value == 0) return frame.At;
        var opened = latest.StorageSince is { } since && latest.At.HourStart() == closed.HourStart() ? since : latest.At;
        var seconds = closed.WholeSeconds() - latest.At.WholeSeconds();
        result.Deltas.Add(new(Meter.Storage, owner, "", latest.Partition, opened, closed, value, value, value * seconds));
        var now = taken.Where(row => row.Topic is not null).Min(row => row.Counters.StorageBytes);
        return now == value && closed == frame.At ? opened : frame.At;
    }

    /// <summary>The topic's last sample on any broker.</summary>
    private static Reading? Latest(Reading[] last, MeteredTopic topic) =>
        last.Where(reading => reading.Topic == topic.Id).MaxBy(reading => reading.At);

    private sealed class Result
    {
        public List<MeteredDelta> Deltas { get; } = [];
        public List<TopicGap> Gaps { get; } = [];
        public List<Reading> Readings { get; } = [];
        public TrafficApart Apart { get; set; } = TrafficApart.None;
    }
}
