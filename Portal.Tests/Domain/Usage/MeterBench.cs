using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Usage;

/// <summary>A cluster's metering driven by hand: rows in, ledger out.</summary>
internal sealed class MeterBench
{
    public const string Cluster = "c";
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    public static readonly MeteredTopic Orders = Topic(1);

    private readonly Dictionary<(string Partition, string Broker), Reading> _readings = [];

    public MemoryLedger Ledger { get; } = new();

    public ClusterMetering Standing { get; private set; } = ClusterMetering.Empty(Cluster);

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan StatisticsInterval { get; init; } = TimeSpan.FromSeconds(60);

    public PollResult Last { get; private set; } = new([], [], [], TrafficApart.None);

    public static MeteredTopic Topic(int number) => new(new(new Guid(number, 0, 0, new byte[8])), new(new Guid(100, 0, 0, new byte[8])), 0, false);

    public static TopicCounters Row(long messages, long? bytes = null, long storage = 0, string partition = "persistent://acme/prod/orders") =>
        new(partition, messages, bytes ?? messages * 1000, messages, bytes ?? messages * 1000, storage);

    /// <summary>A poll at so many seconds after the start. Brokers without rows answered nothing; a null row list is a broker that failed.</summary>
    public PollResult Poll(double seconds, params (string Broker, OwnedRow[]? Rows)[] brokers) =>
        Poll(Start.AddSeconds(seconds), [.. brokers.Select(broker => broker.Broker)], brokers);

    public PollResult Poll(DateTimeOffset at, string[] listed, (string Broker, OwnedRow[]? Rows)[] brokers)
    {
        var frame = new PollFrame(at, Interval, Standing, listed.ToHashSet(), StatisticsInterval);
        var rows = brokers.SelectMany(broker => broker.Rows ?? []).ToList();
        Last = Metering.Compare(frame, rows, [.. _readings.Values]);
        Write(Last);
        var answers = brokers.ToDictionary(broker => broker.Broker, broker => new BrokerAnswer(broker.Rows?.Length ?? 0, broker.Rows is null ? "It is away." : null));
        Standing = Standing.After(new(at, new(listed, StatisticsInterval), answers, null), Last.Apart);
        return Last;
    }

    public PollResult Final(double seconds, string broker, TopicCounters counters, MeteredTopic? topic = null)
    {
        var frame = new PollFrame(Start.AddSeconds(seconds), Interval, Standing, new HashSet<string> { broker }, TimeSpan.Zero, Live: true);
        Last = Metering.Compare(frame, [new(broker, counters, topic ?? Orders)], [.. _readings.Values]);
        Write(Last);
        return Last;
    }

    public Int128 Billed(MeteredTopic? topic = null, Meter meter = Meter.Write) => Ledger.Billed((topic ?? Orders).Id, meter);

    private void Write(PollResult result)
    {
        Ledger.UpdateAsync(Cluster, null, async session =>
        {
            await session.WriteAsync(result, CancellationToken.None);
            return 0;
        }, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var reading in result.Readings) _readings[(reading.Partition, reading.Broker)] = reading;
    }
}
