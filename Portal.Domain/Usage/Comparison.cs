using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// One comparison under way: takes partitions one by one and collects what they add. See <see cref="Metering"/> for the rules.
/// </summary>
internal sealed class Comparison(PollFrame frame)
{
    private readonly List<MeteredDelta> _deltas = [];
    private readonly List<TopicGap> _gaps = [];
    private readonly List<Reading> _readings = [];
    private TrafficApart _apart = TrafficApart.None;

    public PollResult Done() => new(_deltas, _gaps, _readings, _apart);

    /// <param name="rows">All rows of one partition, at most one of each broker.</param>
    /// <param name="last">All its last readings, at most one of each broker.</param>
    public void Partition(List<OwnedRow> rows, List<Reading> last)
    {
        if (!frame.Live && rows is [var only] && IsIdle(only, last))
            return;
        var taken = new List<OwnedRow>(rows.Count);
        var passedOver = new HashSet<string>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var previous = last.Find(reading => reading.Broker == row.Broker);
            // Not later than what is known, or a picture that may be older than the live reading.
            if (previous is not null && (frame.At <= SeenAt(previous) || previous.Live && frame.PictureNotBefore < previous.At))
                passedOver.Add(row.Broker);
            else if (row.Counters.IsExplicable)
                taken.Add(row);
            else
                _apart += new TrafficApart(0, 0, 1);
        }
        var tallies = taken.ConvertAll(row => Take(row, last.Find(reading => reading.Broker == row.Broker), last));

        // A broker that answered whole and does not show what it used to: the life ended after its last good poll.
        var closed = last.FindAll(reading =>
            IsUnlisted(reading) && !passedOver.Contains(reading.Broker) && !taken.Exists(row => row.Broker == reading.Broker)
        );
        if (taken.Count == 0 && closed.Count == 0)
            return;
        var since = Storage(taken, closed, last);
        foreach (var (row, tally) in taken.Zip(tallies))
        {
            _readings.Add(
                new(
                    row.Broker,
                    row.Counters,
                    row.Topic?.Id,
                    row.Topic?.Organization,
                    frame.At,
                    frame.Live,
                    row.Topic?.Suspended == true,
                    row == since.Holder ? since.Opened : null
                )
                {
                    Billed = tally.Billed,
                    Ahead = tally.Ahead,
                    Mark = tally.Mark,
                    LostAt = tally.LostAt,
                }
            );
        }
        foreach (var reading in closed)
            _readings.Add(reading with { Until = SeenAt(reading), StorageSince = reading == since.Kept ? reading.StorageSince : null });
        // A sample that ended ends wherever it ran, also on a broker that says nothing now.
        if (
            last.Find(reading => reading.StorageSince is not null) is { } ended
            && ended != since.Kept
            && !closed.Contains(ended)
            && !taken.Exists(row => row.Broker == ended.Broker)
        )
            _readings.Add(ended with { StorageSince = null });
    }

    /// <summary>
    /// The broker shows what it showed in its last good poll, in time and alone: nothing to bill, and what runs runs on.
    /// </summary>
    private bool IsIdle(OwnedRow row, List<Reading> last)
    {
        var previous = last.Find(reading => reading.Broker == row.Broker);
        if (previous is null || previous.Live || previous.Until is not null || previous.Counters != row.Counters)
            return false;
        if (previous.Topic != row.Topic?.Id || previous.Suspended != (row.Topic?.Suspended == true))
            return false;
        var runs = row.Topic is { Suspended: false } && row.Counters.StorageBytes > 0;
        if (runs != previous.StorageSince is not null)
            return false;
        var seen = SeenAt(previous);
        return frame.At > seen
            && frame.At - seen <= frame.LateAfter
            && frame.At <= seen + frame.PollInterval * Metering.StorageIntervals
            && !WasMissing(seen)
            && last.TrueForAll(other => other == previous || other.StorageSince is null && SeenAt(other) < seen && !IsUnlisted(other));
    }

    /// <summary>
    /// Open, and its broker answered: true of what has no row in that answer. The answer must not be older than a live reading.
    /// </summary>
    private bool IsUnlisted(Reading reading) =>
        reading.Until is null
        && frame.Answered.Contains(reading.Broker)
        && frame.At > SeenAt(reading)
        && !(reading.Live && frame.PictureNotBefore < reading.At);

    private DateTimeOffset SeenAt(Reading reading) => reading.SeenAt(frame.Before);

    /// <summary>
    /// What a reading remembers for the day its counter dies unseen: what it billed of written bytes, and since when something is missing.
    /// </summary>
    private readonly record struct Tally(long? Billed, long? Ahead, RecordMark? Mark, DateTimeOffset? LostAt);

    private Tally Take(OwnedRow row, Reading? previous, List<Reading> last)
    {
        var baseline = Baseline(row, previous);
        if (row.Topic is not { } topic)
        {
            var bytes = (Int128)(row.Counters.BytesIn - baseline.BytesIn) + (row.Counters.BytesOut - baseline.BytesOut);
            _apart += row.IsSystem ? new(bytes, 0, 0) : new(0, bytes, 0);
            return default;
        }
        // What came meanwhile is nobody's bill, and the ledgers can't tell it from the rest.
        if (topic.Suspended || Latest(last, topic)?.Suspended == true)
            return default;
        AddDeltas(row, topic, previous, baseline);
        var gap = FindGap(row, topic, previous, last);
        if (gap is not null)
            _gaps.Add(gap);
        var before = previous?.Topic == topic.Id ? previous : null;
        var begunAnew = BegunAnew(row, topic, previous);
        var ahead = row.Counters.StorageBytes - row.Counters.BytesIn;
        var lostAt = !HasLedgers(row.Counters.Partition)
            ? null
            : before?.LostAt
                ?? (
                    begunAnew
                        ? Latest(last, topic) is null
                            ? null
                            : gap?.From
                        : ahead > before!.Ahead
                            ? SeenAt(before)
                            : null
                );
        return new(
            Known(row, topic, previous, last) + (row.Counters.BytesIn - baseline.BytesIn),
            begunAnew || before!.Ahead is not { } most ? ahead : Math.Max(most, ahead),
            before?.Mark,
            lostAt
        );
    }

    /// <summary>
    /// What this broker's counters had billed before; null when that is unknown, or when the topic had been written to before it was
    /// metered.
    /// </summary>
    private long? Known(OwnedRow row, MeteredTopic topic, Reading? previous, List<Reading> last)
    {
        if (previous?.Topic == topic.Id)
            return previous.Billed;
        if (last.Exists(reading => reading.Topic == topic.Id))
            return last.Exists(reading => reading.Topic == topic.Id && reading.Billed is null) ? null : 0;
        return previous is null
            ? WasAnsweringLately(row.Broker)
                ? 0
                : null
            : previous.Topic is null
                ? null
                : 0;
    }

    private static bool HasLedgers(string partition) => partition.StartsWith("persistent://", StringComparison.Ordinal);

    private static bool BegunAnew(OwnedRow row, MeteredTopic topic, Reading? previous) =>
        previous is null || previous.Topic != topic.Id || previous.Until is not null || row.Counters.AnyBelow(previous.Counters);

    /// <summary>The counters from which the row's delta is taken.</summary>
    private TopicCounters Baseline(OwnedRow row, Reading? previous)
    {
        var zero = new TopicCounters(row.Counters.Partition, 0, 0, 0, 0, 0);
        if (previous is null)
            return WasAnsweringLately(row.Broker) ? zero : row.Counters;
        if (row.Topic is { } topic && previous.Topic != topic.Id)
            return previous.Topic is null ? row.Counters : zero;
        return row.Counters.AnyBelow(previous.Counters) ? zero : previous.Counters;
    }

    private bool WasAnsweringLately(string broker) =>
        frame.Before.Broker(broker)?.LastGoodAt is { } good && frame.At - good <= frame.LateAfter;

    private void AddDeltas(OwnedRow row, MeteredTopic topic, Reading? previous, TopicCounters baseline)
    {
        var opened = previous is null ? frame.Before.Broker(row.Broker)?.LastGoodAt ?? frame.At : SeenAt(previous);
        Add(Meter.Write, baseline.BytesIn, row.Counters.BytesIn);
        Add(Meter.Read, baseline.BytesOut, row.Counters.BytesOut);

        void Add(Meter meter, long from, long to)
        {
            if (to > from)
                _deltas.Add(new(meter, topic, row.Broker, row.Counters.Partition, opened, frame.At, from, to, to - from));
        }
    }

    /// <summary>A gap from the topic's last sample, when a new life was begun or the sample is old.</summary>
    private TopicGap? FindGap(OwnedRow row, MeteredTopic topic, Reading? previous, List<Reading> last)
    {
        var here = frame.Before.Broker(row.Broker);
        var latest = Latest(last, topic);
        if (latest is null)
        {
            // Its first sample. Nothing is missing where the broker was answering; else what came before the baseline is.
            var from = here?.LastGoodAt ?? frame.Before.PolledAt;
            return previous is not null || WasAnsweringLately(row.Broker) || from is not { } since || since >= frame.At
                ? null
                : new(topic, since, frame.At, row.Broker, here?.SilentSince is null ? GapCause.CollectorAway : GapCause.BrokerSilent);
        }
        var begunAnew = BegunAnew(row, topic, previous);
        var opened = begunAnew ? latest : previous!;
        var seen = SeenAt(opened);
        var late = frame.At - seen > frame.LateAfter;
        if (!begunAnew && !late)
            return null;
        var there = frame.Before.Broker(opened.Broker);
        // Listed in the last poll that its broker answered, and that was long ago: an outage explains the gap, not the topic.
        var outage = late && there?.LastGoodAt is { } good && good <= seen;
        var cause =
            !frame.Listed.Contains(opened.Broker) ? GapCause.BrokerGone
            : outage
                ? there!.SilentSince is null ? GapCause.CollectorAway
                    : GapCause.BrokerSilent
            : opened.Broker == row.Broker ? GapCause.CounterReset
            : GapCause.Moved;
        return new(topic, seen, frame.At, opened.Broker, cause);
    }

    /// <summary>
    /// Storage: the smallest value that any broker lists, the left value times the time to this sample, across at most
    /// three intervals. A sample runs for as long as the value stays, on one reading; it is written when it ends.
    /// Returns the row on which one runs from here and since when, or the closed reading on which it was left.
    /// </summary>
    private (OwnedRow? Holder, DateTimeOffset? Opened, Reading? Kept) Storage(
        List<OwnedRow> taken,
        List<Reading> closed,
        List<Reading> last
    )
    {
        var running = last.Find(reading => reading.StorageSince is not null);
        var holder = taken
            .Where(row => row.Topic is { Suspended: false } && row.Counters.StorageBytes > 0)
            .MinBy(row => row.Counters.StorageBytes);
        var owner = taken.Find(row => row.Topic is not null)?.Topic;
        if (owner is not null && taken.Exists(row => row.Topic is not null && row.Counters.StorageBytes == 0))
            holder = null;
        if (owner is null)
        {
            // Not seen anywhere now. On a broker that does not answer it may go on.
            if (running is not null && (closed.Contains(running) || taken.Exists(row => row.Broker == running.Broker)))
                End(running, SeenAt(running));
            else
                return (null, null, running);
            return default;
        }
        var latest = Latest(last, owner);
        var seen = latest is null ? frame.At : SeenAt(latest);
        var until =
            frame.At < seen + frame.PollInterval * Metering.StorageIntervals
                ? frame.At
                : seen + frame.PollInterval * Metering.StorageIntervals;
        var value = latest is null
            ? 0
            : last.Where(reading => reading.Topic == owner.Id && SeenAt(reading) == seen).Min(reading => reading.Counters.StorageBytes);
        var goesOn = latest is { Suspended: false } && !owner.Suspended && seen < frame.At && !WasMissing(seen) && value > 0;
        if (running is not null && running.Topic == owner.Id && goesOn && running.Counters.StorageBytes == value && SeenAt(running) == seen)
        {
            if (holder?.Counters.StorageBytes == value && until == frame.At)
                return (holder, running.StorageSince, null);
            End(running, until);
        }
        else
        {
            if (running is not null)
                End(running, SeenAt(running));
            if (goesOn)
                Write(owner, latest!, seen, until, value);
        }
        return (holder, holder is null ? null : frame.At, null);
    }

    /// <summary>Nothing is billed for a time in which a whole poll did not list it, or that may already be invoiced.</summary>
    private bool WasMissing(DateTimeOffset seen) => frame.Before.ListedWholeAt > seen || frame.Before.CompleteTo > seen;

    private void End(Reading running, DateTimeOffset at) =>
        Write(
            new MeteredTopic(running.Topic!.Value, running.Organization!.Value, 0, false),
            running,
            running.StorageSince!.Value,
            at,
            running.Counters.StorageBytes
        );

    private void Write(MeteredTopic topic, Reading reading, DateTimeOffset from, DateTimeOffset to, long value)
    {
        var seconds = to.WholeSeconds() - from.WholeSeconds();
        if (seconds > 0)
            _deltas.Add(new(Meter.Storage, topic, reading.Broker, reading.Partition, from, to, value, value, (Int128)value * seconds));
    }

    /// <summary>The topic's last sample on any broker.</summary>
    private Reading? Latest(List<Reading> last, MeteredTopic topic) => last.Where(reading => reading.Topic == topic.Id).MaxBy(SeenAt);
}
