using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace MeteringSimulation;

/// <summary>The collector's ledger in memory, with the same rules as the databases.</summary>
internal sealed class SimulatedLedger : ICollectorLedger
{
    private readonly Dictionary<string, State> _clusters = new(StringComparer.Ordinal);

    public int StepSize => 1000;

    /// <summary>A ledger that is told the same and must answer the same.</summary>
    public ICollectorLedger? Also { get; init; }

    public List<MeteredDelta> Samples { get; } = [];

    public HashSet<TopicGap> Gaps { get; } = [];

    /// <summary>Readings, samples and gaps written since the ledger began.</summary>
    public int Writes { get; private set; }

    /// <summary>Billed up to what was seen last: also the storage samples that still run.</summary>
    public Int128 Billed(TopicId topic, Meter meter) =>
        Sum(All().Where(sample => sample.Topic.Id == topic && sample.Meter == meter).Select(sample => sample.Quantity));

    public Int128 Billed(Meter meter) => Sum(All().Where(sample => sample.Meter == meter).Select(sample => sample.Quantity));

    public Int128 InHour(TopicId topic, Meter meter, DateTimeOffset hour) =>
        Sum(
            All()
                .Where(sample => sample.Topic.Id == topic && sample.Meter == meter)
                .SelectMany(sample => sample.ByHour())
                .Where(part => part.Hour == hour)
                .Select(part => part.Quantity)
        );

    /// <summary>What was written, and the storage samples that run on open readings up to where those were seen.</summary>
    public IEnumerable<MeteredDelta> All() => Samples.Concat(Running());

    public ClusterMetering Standing(string cluster) => StateOf(cluster).Standing;

    public Task<ClusterMetering> BeginAsync(string cluster, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var state = StateOf(cluster);
        return Task.FromResult(state.Standing = state.Standing with { BeganAt = state.Standing.BeganAt ?? at });
    }

    /// <summary>What closed between the bounds, and of storage what lies between them.</summary>
    public Int128 Between(Meter meter, DateTimeOffset from, DateTimeOffset to) =>
        Sum(
            All()
                .Where(sample => sample.Meter == meter)
                .Select(sample =>
                {
                    if (meter != Meter.Storage)
                        return sample.ClosedAt >= from && sample.ClosedAt < to ? sample.Quantity : 0;
                    var (opened, closed) = (sample.OpenedAt > from ? sample.OpenedAt : from, sample.ClosedAt < to ? sample.ClosedAt : to);
                    return closed > opened ? (Int128)sample.OpenedValue * (closed.WholeSeconds() - opened.WholeSeconds()) : 0;
                })
        );

    public async Task<PollResult> AdvanceAsync(
        string cluster,
        Lease? lease,
        PartitionSlice slice,
        Func<ClusterMetering, IReadOnlyList<Reading>, PollResult> compare,
        CancellationToken cancellationToken
    )
    {
        var state = StateOf(cluster);
        var result = compare(state.Standing, [.. state.Readings.Values.Where(reading => IsIn(slice, reading.Partition))]);
        Writes += result.Deltas.Count + result.Gaps.Count + result.Readings.Count;
        Samples.AddRange(result.Deltas);
        Gaps.UnionWith(result.Gaps);
        foreach (var reading in result.Readings)
            state.Readings[(reading.Partition, reading.Broker)] = reading;
        state.Standing = state.Standing with { Apart = state.Standing.Apart + result.Apart };
        if (Also is not null)
        {
            var also = await Also.AdvanceAsync(cluster, lease, slice, compare, cancellationToken);
            Same(result.Deltas, also.Deltas);
            Same(result.Readings, also.Readings);
            Same(result.Gaps, also.Gaps);
        }
        return result;
    }

    public async Task SaveAsync(ClusterMetering standing, Lease? lease, CancellationToken cancellationToken)
    {
        var state = StateOf(standing.Cluster);
        state.Standing = standing with { Apart = state.Standing.Apart };
        if (Also is not null)
            await Also.SaveAsync(standing, lease, cancellationToken);
    }

    public Task<IReadOnlyList<Reading>> LostAsync(string cluster, string after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Reading>>([
            .. StateOf(cluster)
                .Readings.Values.Where(reading => reading.LostAt is not null && string.CompareOrdinal(reading.Partition, after) > 0)
                .OrderBy(reading => reading.Partition, StringComparer.Ordinal)
                .Take(limit),
        ]);

    public Task<IReadOnlyList<ClusterMetering>> StandingAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ClusterMetering>>([.. _clusters.Values.Select(state => state.Standing)]);

    private static void Same<T>(IReadOnlyCollection<T> here, IReadOnlyCollection<T> there)
        where T : notnull
    {
        var (ours, theirs) = (
            here.Select(one => $"{one}").Order(StringComparer.Ordinal).ToList(),
            there.Select(one => $"{one}").Order(StringComparer.Ordinal).ToList()
        );
        if (!ours.SequenceEqual(theirs))
            throw new InvalidOperationException(
                $"Two ledgers were told the same and differ: {string.Join("; ", ours)} | {string.Join("; ", theirs)}"
            );
    }

    /// <summary>Everything that was written, for comparing two ledgers.</summary>
    public string Content() =>
        string.Join(
            '\n',
            All().Select(sample => sample.ToString()).Concat(Gaps.Select(gap => gap.ToString())).Order(StringComparer.Ordinal)
        );

    private static bool IsIn(PartitionSlice slice, string partition) =>
        slice.Only is { } only
            ? only.Contains(partition)
            : (slice.After is null || PartitionOrder.Instance.Compare(partition, slice.After) > 0)
                && (slice.UpTo is null || PartitionOrder.Instance.Compare(partition, slice.UpTo) <= 0);

    private IEnumerable<MeteredDelta> Running()
    {
        foreach (var state in _clusters.Values)
        {
            foreach (var reading in state.Readings.Values)
            {
                if (reading.StorageSince is not { } since)
                    continue;
                var (until, value) = (reading.SeenAt(state.Standing), reading.Counters.StorageBytes);
                var seconds = until.WholeSeconds() - since.WholeSeconds();
                if (seconds > 0)
                    yield return new(
                        Meter.Storage,
                        new(reading.Topic!.Value, reading.Organization!.Value, 0, false),
                        reading.Broker,
                        reading.Partition,
                        since,
                        until,
                        value,
                        value,
                        (Int128)value * seconds
                    );
            }
        }
    }

    private static Int128 Sum(IEnumerable<Int128> values) => values.Aggregate((Int128)0, (sum, value) => sum + value);

    private State StateOf(string cluster)
    {
        if (!_clusters.TryGetValue(cluster, out var state))
            _clusters[cluster] = state = new State { Standing = ClusterMetering.Empty(cluster) };
        return state;
    }

    private sealed class State
    {
        public required ClusterMetering Standing { get; set; }
        public Dictionary<(string Partition, string Broker), Reading> Readings { get; } = [];
    }
}
