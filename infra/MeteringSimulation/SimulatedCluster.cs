using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace MeteringSimulation;

/// <summary>
/// Brokers as they behave: counters of a topic object begin at 0 with every load, statistics are a copy refreshed at the
/// broker's own pace. It knows the true traffic of every topic, deleted and created-again ones apart.
/// </summary>
internal sealed partial class SimulatedCluster
{
    public const int StatisticsSeconds = 10;
    private static readonly string[] Names = ["persistent://acme/prod/a", "persistent://acme/prod/b", "persistent://acme/prod/c"];
    private static readonly string[] Brokers = ["b1", "b2", "b3"];

    private readonly Dictionary<(string Broker, string Name), long[]> _loaded = [];
    private readonly Dictionary<string, Dictionary<string, TopicCounters>> _shown = Brokers.ToDictionary(
        broker => broker,
        _ => new Dictionary<string, TopicCounters>()
    );
    private readonly Dictionary<string, string> _owner = Names.ToDictionary(name => name, _ => Brokers[0]);
    private readonly List<Life> _topics = [];
    private (int Second, string[] Failing, List<OwnedRow> Rows)? _lastPoll;
    private int _second;
    private int _clockIsOff;
    private bool _suspended;

    /// <summary>A topic's life, in true seconds and by the portal's clock.</summary>
    private sealed record Life(string Name, MeteredTopic Topic, int From, int NotedFrom, int? To = null, int? NotedTo = null);

    /// <summary>The same polls, metered by the simple model.</summary>
    public EagerMetering Eager { get; } = new(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(StatisticsSeconds));

    public MeterBench Bench { get; }

    public Dictionary<TopicId, Int128> True { get; } = [];

    public SimulatedCluster(ICollectorLedger? ledger = null)
    {
        Bench = new()
        {
            Interval = TimeSpan.FromSeconds(20),
            StatisticsInterval = TimeSpan.FromSeconds(StatisticsSeconds),
            Ledger = new() { Also = ledger },
        };
        foreach (var name in Names)
            Create(name);
        Poll(0);
    }

    public static string Name(int number) => Names[number % Names.Length];

    public void Advance(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _second++;
            Store();
            for (var broker = 0; broker < Brokers.Length; broker++)
                if ((_second + broker * 3) % StatisticsSeconds == 0)
                    Refresh(Brokers[broker]);
        }
    }

    public void Send(string name, int messages, int bytes)
    {
        if (Alive(name, _second) is not { } topic)
            return;
        var counters = Load(name);
        Keep(name, messages, bytes);
        (counters[0], counters[1], counters[2], counters[3]) = (
            counters[0] + messages,
            counters[1] + bytes,
            counters[2] + 2 * messages,
            counters[3] + 2 * bytes
        );
        True[topic.Id] = True.GetValueOrDefault(topic.Id) + bytes;
    }

    public long[] Load(string name)
    {
        var key = (_owner[name], name);
        if (_loaded.TryGetValue(key, out var counters))
            return counters;
        Open(name);
        return _loaded[key] = new long[4];
    }

    public void Unload(string name)
    {
        // What is under way is stored before the topic is given up; only a broker that dies loses it.
        Store();
        _loaded.Remove((_owner[name], name));
    }

    public void Move(string name, int by)
    {
        Unload(name);
        _owner[name] = Brokers[(Array.IndexOf(Brokers, _owner[name]) + by) % Brokers.Length];
    }

    public void Kill(int broker)
    {
        var name = Brokers[broker % Brokers.Length];
        foreach (var key in _loaded.Keys.Where(key => key.Broker == name).ToList())
        {
            _underWay.Remove(key.Name);
            _loaded.Remove(key);
        }
        _shown[name].Clear();
    }

    public void Delete(string name)
    {
        if (Alive(name, _second) is not { } topic)
            return;
        Unload(name);
        _ledgers.Remove(name);
        var index = _topics.FindIndex(known => known.Topic.Id == topic.Id);
        _topics[index] = _topics[index] with { To = _second, NotedTo = Noted };
    }

    public void Create(string name)
    {
        if (Alive(name, _second) is null)
            _topics.Add(new(name, MeterBench.Topic(_topics.Count + 1) with { Suspended = _suspended }, _second, Noted));
    }

    /// <summary>Of all topics, or ends it.</summary>
    public void Suspend()
    {
        _suspended = !_suspended;
        for (var i = 0; i < _topics.Count; i++)
            _topics[i] = _topics[i] with { Topic = _topics[i].Topic with { Suspended = _suspended } };
    }

    /// <summary>What the portal asks the owner before it deletes or unloads.</summary>
    public void Final(string name)
    {
        if (Alive(name, _second) is not { } topic)
            return;
        var counters = Load(name);
        var row = new OwnedRow(_owner[name], new(name, counters[0], counters[1], counters[2], counters[3], StoredOf(name)), topic);
        Bench.Final(Noted, row.Broker, row.Counters, topic);
        Eager.Final(Noted, row);
    }

    /// <summary>The clock of the machine that the portal is on is set.</summary>
    public void StepClock(int seconds) => _clockIsOff += seconds;

    /// <param name="failing">A bit for each broker that does not answer.</param>
    /// <param name="steps">After so many steps the portal is killed.</param>
    /// <param name="slow">So many seconds pass between the question and what the answer shows.</param>
    public void Poll(int failing, int steps = int.MaxValue, int slow = 0)
    {
        var failed = Brokers.Where((_, number) => (failing >> number & 1) == 1).ToArray();
        var asked = Noted;
        Advance(slow);
        var since = asked - (int)Metering.PictureAge(Bench.StatisticsInterval).TotalSeconds;
        var rows = new List<OwnedRow>();
        foreach (var broker in Brokers.Except(failed))
        {
            foreach (var (name, counters) in _shown[broker])
            {
                var (before, now) = (Known(name, since), Known(name, asked));
                if (before?.Id == now?.Id)
                    rows.Add(new(broker, counters, now));
            }
        }
        _lastPoll = (asked, failed, rows);
        Repeat(steps);
    }

    public void Repeat(int steps = int.MaxValue)
    {
        if (_lastPoll is not var (second, failed, rows))
            return;
        (string, OwnedRow[]?)[] polled =
        [
            .. Brokers.Select(broker => (broker, failed.Contains(broker) ? null : rows.Where(row => row.Broker == broker).ToArray())),
        ];
        Bench.Poll(MeterBench.Start.AddSeconds(second), Brokers, polled, steps);
        Eager.Poll(second, Brokers, polled);
    }

    /// <summary>By the portal's clock.</summary>
    public DateTimeOffset Now => MeterBench.Start.AddSeconds(Noted);

    private int Noted => _second + _clockIsOff;

    /// <summary>Polled in time for so long while nothing happens.</summary>
    public void Idle(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= Bench.Interval)
        {
            _second += 20;
            foreach (var broker in Brokers)
                Refresh(broker);
            Poll(0);
        }
    }

    /// <summary>Everything that happened is in the statistics, and polled.</summary>
    public void Settle()
    {
        Advance(StatisticsSeconds * 2);
        Poll(0);
    }

    private MeteredTopic? Alive(string name, int second)
    {
        foreach (var topic in _topics)
            if (topic.Name == name && topic.From <= second && !(topic.To <= second))
                return topic.Topic;
        return null;
    }

    /// <summary>Which topic the portal takes a name for at a second of its own clock.</summary>
    private MeteredTopic? Known(string name, int second)
    {
        foreach (var topic in _topics)
            if (topic.Name == name && topic.NotedFrom <= second && !(topic.NotedTo <= second))
                return topic.Topic;
        return null;
    }

    private void Refresh(string broker) =>
        _shown[broker] = _loaded
            .Where(entry => entry.Key.Broker == broker)
            .ToDictionary(
                entry => entry.Key.Name,
                entry => new TopicCounters(
                    entry.Key.Name,
                    entry.Value[0],
                    entry.Value[1],
                    entry.Value[2],
                    entry.Value[3],
                    StoredOf(entry.Key.Name)
                )
            );
}
