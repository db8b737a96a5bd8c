using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace MeteringSimulation;

/// <summary>
/// The simple model of metering that the real one must agree with: every poll is whole, rewrites every reading that it
/// saw, and adds to the totals at once. Too expensive for a ledger, easy to understand.
/// </summary>
internal sealed class EagerMetering(TimeSpan interval, TimeSpan statisticsInterval)
{
    private readonly Dictionary<(string Partition, string Broker), Seen> _readings = [];
    private ClusterMetering _standing = ClusterMetering.Empty(MeterBench.Cluster);

    /// <param name="At">The last poll that listed it.</param>
    private sealed record Seen(OwnedRow Row, DateTimeOffset At, bool Live);

    public Dictionary<(TopicId Topic, Meter Meter), Int128> Totals { get; } = [];

    public Int128 Billed(TopicId topic, Meter meter) => Totals.GetValueOrDefault((topic, meter));

    public void Poll(int second, string[] listed, (string Broker, OwnedRow[]? Rows)[] brokers)
    {
        var at = MeterBench.Start.AddSeconds(second);
        if (at <= _standing.PolledAt)
            return;
        Compare(at, [.. brokers.SelectMany(broker => broker.Rows ?? [])], live: false);
        var answers = brokers.ToDictionary(
            broker => broker.Broker,
            broker => new BrokerAnswer(0, broker.Rows is null ? "It is away." : null)
        );
        _standing = _standing.After(new(at, new(listed, statisticsInterval), answers, null));
    }

    public void Final(int second, OwnedRow row) => Compare(MeterBench.Start.AddSeconds(second), [row], live: true);

    private void Compare(DateTimeOffset at, OwnedRow[] rows, bool live)
    {
        foreach (var partition in rows.GroupBy(row => row.Counters.Partition))
        {
            var last = _readings.Values.Where(seen => seen.Row.Counters.Partition == partition.Key).ToList();
            var taken = new List<OwnedRow>();
            foreach (var row in partition)
            {
                var previous = last.Find(seen => seen.Row.Broker == row.Broker);
                var notBefore = live ? at : at - Metering.PictureAge(statisticsInterval);
                if (previous is not null && (at <= previous.At || previous.Live && notBefore < previous.At))
                    continue;
                taken.Add(row);
                if (row.Topic is { } topic && !topic.Suspended && Latest(last, topic)?.Row.Topic!.Suspended != true)
                    AddTraffic(at, row, topic, previous);
            }
            if (taken.Find(row => row.Topic is not null)?.Topic is { } owner)
                AddStorage(at, owner, last);
            foreach (var row in taken)
                _readings[(partition.Key, row.Broker)] = new(row, at, live);
        }
    }

    private void AddTraffic(DateTimeOffset at, OwnedRow row, MeteredTopic topic, Seen? previous)
    {
        var (now, zero) = (row.Counters, new TopicCounters(row.Counters.Partition, 0, 0, 0, 0, 0));
        var answeredLately = _standing.Broker(row.Broker)?.LastGoodAt is { } good && at - good <= Metering.SilentAfter;
        var from = previous is null
            ? answeredLately
                ? zero
                : now
            : previous.Row.Topic?.Id != topic.Id
                ? previous.Row.Topic is null
                    ? now
                    : zero
                : now.AnyBelow(previous.Row.Counters)
                    ? zero
                    : previous.Row.Counters;
        Add(topic, Meter.Write, now.BytesIn - from.BytesIn);
        Add(topic, Meter.Read, now.BytesOut - from.BytesOut);
    }

    private void AddStorage(DateTimeOffset at, MeteredTopic owner, List<Seen> last)
    {
        if (Latest(last, owner) is not { } latest || latest.Row.Topic!.Suspended || owner.Suspended || latest.At >= at)
            return;
        if (_standing.ListedWholeAt > latest.At || _standing.CompleteTo > latest.At)
            return;
        var value = last.Where(seen => seen.Row.Topic?.Id == owner.Id && seen.At == latest.At).Min(seen => seen.Row.Counters.StorageBytes);
        var atMost = latest.At + interval * Metering.StorageIntervals;
        Add(owner, Meter.Storage, (Int128)value * ((at < atMost ? at : atMost).WholeSeconds() - latest.At.WholeSeconds()));
    }

    private void Add(MeteredTopic topic, Meter meter, Int128 quantity) => Totals[(topic.Id, meter)] = Billed(topic.Id, meter) + quantity;

    private static Seen? Latest(List<Seen> last, MeteredTopic topic) =>
        last.Where(seen => seen.Row.Topic?.Id == topic.Id).MaxBy(seen => seen.At);
}
