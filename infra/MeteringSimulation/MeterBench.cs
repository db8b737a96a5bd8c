using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace MeteringSimulation;

/// <summary>A cluster's metering driven by hand: rows in, ledger out.</summary>
internal sealed class MeterBench
{
    public const string Cluster = "c";
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    public static readonly MeteredTopic Orders = Topic(1);

    public SimulatedLedger Ledger { get; init; } = new();

    public ClusterMetering Standing => Ledger.Standing(Cluster);

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan StatisticsInterval { get; init; } = TimeSpan.FromSeconds(60);

    public PollResult Last { get; private set; } = new([], [], [], TrafficApart.None);

    public static MeteredTopic Topic(int number) =>
        new(new(new Guid(number, 0, 0, new byte[8])), new(new Guid(100, 0, 0, new byte[8])), 0, false);

    public static TopicCounters Row(
        long messages,
        long? bytes = null,
        long storage = 0,
        string partition = "persistent://acme/prod/orders"
    ) => new(partition, messages, bytes ?? messages * 1000, messages, bytes ?? messages * 1000, storage);

    /// <summary>
    /// A poll at so many seconds after the start. Brokers without rows answered nothing; a null row list is a broker that failed.
    /// </summary>
    public PollResult Poll(double seconds, params (string Broker, OwnedRow[]? Rows)[] brokers) =>
        Poll(Start.AddSeconds(seconds), [.. brokers.Select(broker => broker.Broker)], brokers);

    public PollResult Poll(DateTimeOffset at, string[] listed, (string Broker, OwnedRow[]? Rows)[] brokers, int steps = int.MaxValue)
    {
        var frame = new PollFrame(at, Interval, Standing, listed.ToHashSet(), StatisticsInterval)
        {
            Answered = brokers.Where(broker => broker.Rows is not null).Select(broker => broker.Broker).ToHashSet(),
        };
        var rows = brokers.SelectMany(broker => broker.Rows ?? []).OrderBy(row => row.Counters.Partition, PartitionOrder.Instance).ToList();
        Last = new([], [], [], TrafficApart.None);
        // A partition a step, as far as the pass gets.
        string? after = null;
        var partitions = rows.Select(row => row.Counters.Partition).Distinct().ToList();
        for (var i = 0; i <= partitions.Count; i++)
        {
            if (steps-- == 0)
                return Last;
            var upTo = i < partitions.Count ? partitions[i] : null;
            Write(new(after, upTo), standing => frame with { Before = standing }, [.. rows.Where(row => row.Counters.Partition == upTo)]);
            after = upTo;
        }
        var answers = brokers.ToDictionary(
            broker => broker.Broker,
            broker => new BrokerAnswer(broker.Rows?.Length ?? 0, broker.Rows is null ? "It is away." : null)
        );
        Ledger
            .SaveAsync(Standing.After(new(at, new(listed, StatisticsInterval), answers, null)), null, CancellationToken.None)
            .GetAwaiter()
            .GetResult();
        return Last;
    }

    public PollResult Final(double seconds, string broker, TopicCounters counters, MeteredTopic? topic = null)
    {
        Last = new([], [], [], TrafficApart.None);
        Write(
            PartitionSlice.Of([counters.Partition]),
            standing => new PollFrame(
                Start.AddSeconds(seconds),
                Interval,
                standing,
                new HashSet<string> { broker },
                TimeSpan.Zero,
                Live: true
            ),
            [new(broker, counters, topic ?? Orders)]
        );
        return Last;
    }

    public Int128 Billed(MeteredTopic? topic = null, Meter meter = Meter.Write) => Ledger.Billed((topic ?? Orders).Id, meter);

    private void Write(PartitionSlice slice, Func<ClusterMetering, PollFrame> frame, OwnedRow[] rows)
    {
        var step = Ledger
            .AdvanceAsync(Cluster, null, slice, (standing, last) => Metering.Compare(frame(standing), rows, last), CancellationToken.None)
            .GetAwaiter()
            .GetResult();
        Last = new(
            [.. Last.Deltas, .. step.Deltas],
            [.. Last.Gaps, .. step.Gaps],
            [.. Last.Readings, .. step.Readings],
            Last.Apart + step.Apart
        );
    }
}
