using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace MeteringSimulation;

/// <summary>
/// The storage below the brokers: each load of a topic opens a ledger, what arrives is counted first and stored a moment
/// later, ledgers roll over and are trimmed. What is recovered is recovered by <see cref="RecoverWritten"/> itself.
/// </summary>
internal sealed partial class SimulatedCluster : IBrokerStatistics, IMeteredTopics
{
    private readonly Dictionary<string, List<KeptLedger>> _ledgers = [];
    private readonly Dictionary<string, long> _added = [];
    private readonly Dictionary<string, (int Messages, int Bytes)> _underWay = [];
    private readonly FakeTimeProvider _clock = new(MeterBench.Start);
    private RecoverWritten? _recover;
    private long _lastLedger;

    /// <summary>Happens before each question to an owner.</summary>
    public Queue<Action> Meanwhile { get; } = new();

    /// <summary>Questions about a topic of this name are not answered.</summary>
    public string? Dumb { get; set; }

    public int Asked { get; private set; }

    /// <summary>Bytes that arrived and were never stored, so that nobody reads them.</summary>
    public Int128 Refused { get; private set; }

    /// <summary>Counted on arrival, and never stored: a repeat, or a message that is too large.</summary>
    public void Refuse(string name, int messages, int bytes)
    {
        if (Alive(name, _second) is not { } topic)
            return;
        var counters = Load(name);
        (counters[0], counters[1]) = (counters[0] + messages, counters[1] + bytes);
        Refused += bytes;
        True[topic.Id] = True.GetValueOrDefault(topic.Id) + bytes;
    }

    public void RollOver(string name)
    {
        Store();
        if (_ledgers.TryGetValue(name, out var ledgers) && ledgers[^1].Entries > 0)
            ledgers.Add(new(++_lastLedger, 0, 0));
    }

    /// <summary>Takes so many of the oldest closed ledgers away.</summary>
    public void Trim(string name, int ledgers)
    {
        if (_ledgers.TryGetValue(name, out var kept))
            kept.RemoveRange(0, Math.Min(ledgers, kept.Count - 1));
    }

    /// <summary>A round of recovery, as after a poll.</summary>
    public long Recover()
    {
        _recover ??= new(this, Bench.Ledger, this, new(Bench.Interval, TimeSpan.FromSeconds(10)), _clock) { SideBySide = 1 };
        // Later than the second's poll, earlier than the next.
        if (Now.AddSeconds(0.5) > _clock.GetUtcNow())
            _clock.SetUtcNow(Now.AddSeconds(0.5));
        return _recover.RecoverAsync(MeterBench.Cluster, null, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>Everything that can be recovered is.</summary>
    public void SettleAndRecover()
    {
        for (var round = 0; round < 4; round++)
        {
            Settle();
            Recover();
        }
    }

    /// <summary>All topics are loaded, as they are while producers are connected.</summary>
    public void LoadAll()
    {
        foreach (var name in Names)
            if (Alive(name, _second) is not null)
                Load(name);
    }

    private long StoredOf(string name) => _ledgers.TryGetValue(name, out var ledgers) ? ledgers.Sum(ledger => ledger.Bytes) : 0;

    private void Keep(string name, int messages, int bytes)
    {
        var (before, size) = _underWay.GetValueOrDefault(name);
        _underWay[name] = (before + messages, size + bytes);
    }

    private void Store()
    {
        foreach (var (name, (messages, bytes)) in _underWay)
        {
            if (!_ledgers.TryGetValue(name, out var ledgers))
                continue;
            // Batches of two: fewer entries than messages.
            var entries = (messages + 1) / 2;
            ledgers[^1] = ledgers[^1] with { Entries = ledgers[^1].Entries + entries, Bytes = ledgers[^1].Bytes + bytes };
            _added[name] = _added.GetValueOrDefault(name) + entries;
        }
        _underWay.Clear();
    }

    private void Open(string name)
    {
        if (!_ledgers.TryGetValue(name, out var ledgers))
            _ledgers[name] = ledgers = [];
        // An empty ledger is given up when the next one opens.
        if (ledgers is [.., { Entries: 0 }])
            ledgers.RemoveAt(ledgers.Count - 1);
        ledgers.Add(new(++_lastLedger, 0, 0));
        _added[name] = 0;
    }

    private void Happen()
    {
        Asked++;
        if (Meanwhile.TryDequeue(out var happens))
            happens();
    }

    Task<Outcome<BrokerList>> IBrokerStatistics.ListBrokersAsync(string cluster, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<BrokerList>>(new BrokerList(Brokers, TimeSpan.FromSeconds(StatisticsSeconds)));

    IAsyncEnumerable<TopicCounters> IBrokerStatistics.ReadAsync(string cluster, string broker, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task<Outcome<LiveCounters>> IBrokerStatistics.ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken)
    {
        Happen();
        if (partition == Dumb || Alive(partition, _second) is null)
            return Task.FromResult<Outcome<LiveCounters>>(new Problem.NotFound("topic-not-on-cluster", "No."));
        var counters = Load(partition);
        return Task.FromResult<Outcome<LiveCounters>>(
            new LiveCounters(_owner[partition], new(partition, counters[0], counters[1], counters[2], counters[3], StoredOf(partition)))
        );
    }

    Task<Outcome<LedgerRecord>> IBrokerStatistics.ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken)
    {
        Happen();
        if (partition == Dumb || Alive(partition, _second) is null)
            return Task.FromResult<Outcome<LedgerRecord>>(new Problem.Unavailable("cluster-away", "No."));
        Load(partition);
        // What is under way is in the open ledger's head before it is counted as added.
        var (messages, bytes) = _underWay.GetValueOrDefault(partition);
        var ledgers = _ledgers[partition].ToList();
        ledgers[^1] = ledgers[^1] with { Entries = ledgers[^1].Entries + (messages + 1) / 2, Bytes = ledgers[^1].Bytes + bytes };
        return Task.FromResult<Outcome<LedgerRecord>>(new LedgerRecord(_added.GetValueOrDefault(partition), ledgers));
    }

    Task<IReadOnlyList<TopicLife>> IMeteredTopics.FindAsync(
        string cluster,
        IReadOnlyCollection<string> addresses,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<TopicLife>>([
            .. _topics
                .Where(known => addresses.Contains(known.Name))
                .Select(known => new TopicLife(
                    known.Name,
                    known.Topic,
                    MeterBench.Start.AddSeconds(known.NotedFrom),
                    known.NotedTo is { } end ? MeterBench.Start.AddSeconds(end) : null
                )),
        ]);
}
