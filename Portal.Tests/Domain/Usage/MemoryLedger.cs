using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Usage;

/// <summary>The collector's ledger in memory, with the same rules of writing twice as the databases.</summary>
internal sealed class MemoryLedger : ICollectorLedger
{
    private readonly Dictionary<string, State> _clusters = new(StringComparer.Ordinal);

    public Dictionary<(TopicId Topic, Meter Meter, string Partition, string Broker, DateTimeOffset Opened), MeteredDelta> Samples { get; } = [];

    public Dictionary<(TopicId Topic, Meter Meter, DateTimeOffset Hour), Int128> Hours { get; } = [];

    public HashSet<TopicGap> Gaps { get; } = [];

    public Int128 Billed(TopicId topic, Meter meter) => Sum(Hours.Where(hour => hour.Key.Topic == topic && hour.Key.Meter == meter).Select(hour => hour.Value));

    public Int128 Billed(Meter meter) => Sum(Hours.Where(hour => hour.Key.Meter == meter).Select(hour => hour.Value));

    public ClusterMetering Standing(string cluster) => StateOf(cluster).Standing;

    public async Task<T> UpdateAsync<T>(string cluster, Lease? lease, Func<ICollectorSession, Task<T>> work, CancellationToken cancellationToken) =>
        await work(new Session(this, StateOf(cluster)));

    public Task<IReadOnlyList<ClusterMetering>> StandingAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ClusterMetering>>([.. _clusters.Values.Select(state => state.Standing)]);

    /// <summary>Everything that was written, for comparing two ledgers.</summary>
    public string Text() => string.Join('\n', Samples.Values.Select(sample => sample.ToString()).Concat(Gaps.Select(gap => gap.ToString())).Order(StringComparer.Ordinal));

    internal void Write(State state, PollResult part)
    {
        foreach (var delta in part.Deltas)
        {
            var key = (delta.Topic.Id, delta.Meter, delta.Partition, delta.Broker, delta.OpenedAt);
            if (Samples.TryGetValue(key, out var sample))
            {
                if (delta.Meter != Meter.Storage || sample.ClosedAt >= delta.ClosedAt) continue;
                Samples[key] = sample with { ClosedAt = delta.ClosedAt, Quantity = sample.Quantity + delta.Quantity };
            }
            else
            {
                Samples[key] = delta;
            }
            var hour = (delta.Topic.Id, delta.Meter, delta.ClosedAt.HourStart());
            Hours[hour] = Hours.GetValueOrDefault(hour) + delta.Quantity;
        }
        Gaps.UnionWith(part.Gaps);
        foreach (var reading in part.Readings) state.Readings[(reading.Partition, reading.Broker)] = reading;
    }

    private static Int128 Sum(IEnumerable<Int128> values) => values.Aggregate((Int128)0, (sum, value) => sum + value);

    private State StateOf(string cluster)
    {
        if (!_clusters.TryGetValue(cluster, out var state)) _clusters[cluster] = state = new State { Standing = ClusterMetering.Empty(cluster) };
        return state;
    }

    internal sealed class State
    {
        public required ClusterMetering Standing { get; set; }
        public Dictionary<(string Partition, string Broker), Reading> Readings { get; } = [];
    }

    private sealed class Session(MemoryLedger ledger, State state) : ICollectorSession
    {
        public Task<ClusterMetering> StandingAsync(CancellationToken cancellationToken) => Task.FromResult(state.Standing);

        public Task<IReadOnlyList<Reading>> ReadingsAsync(IReadOnlyCollection<string> partitions, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Reading>>([.. state.Readings.Values.Where(reading => partitions.Contains(reading.Partition))]);

        public Task WriteAsync(PollResult part, CancellationToken cancellationToken)
        {
            ledger.Write(state, part);
            return Task.CompletedTask;
        }

        public Task SaveAsync(ClusterMetering standing, CancellationToken cancellationToken)
        {
            state.Standing = standing;
            return Task.CompletedTask;
        }
    }
}
