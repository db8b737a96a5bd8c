using System.Collections.Concurrent;
using Portal.Domain.Common;

namespace Portal.Domain.Usage;

/// <summary>
/// Asks the ledgers of partitions whose counter died unseen what was written in between (<see cref="Recovery"/>). Runs beside
/// the polls and holds up none: each partition has a time limit, one that fails is asked again later and less often, and what
/// is recovered late is late usage like any other.
/// </summary>
/// <remarks>
/// A partition is looked at twice. Between the looks every picture has gone that a broker may still have had of an earlier
/// load, or that could be billed beside what its ledgers say.
/// </remarks>
public sealed class RecoverWritten(
    IBrokerStatistics statistics,
    ICollectorLedger ledger,
    IMeteredTopics topics,
    MeteringSettings settings,
    TimeProvider clock
)
{
    private const int AtOnce = 200;
    private const int Page = 1_000;
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Cluster, string Partition), Look> _looks = new();

    private readonly ConcurrentDictionary<string, string> _stoppedAt = new(StringComparer.Ordinal);

    /// <summary>How many partitions are asked about at a time.</summary>
    public int SideBySide { get; init; } = 4;

    /// <param name="Ledger">One of the load that was there at the first look; null before it.</param>
    /// <param name="NotBefore">After a failure.</param>
    private sealed record Look(long? Ledger, DateTimeOffset At, int Failures, DateTimeOffset NotBefore);

    /// <returns>Bytes recovered.</returns>
    public async Task<long> RecoverAsync(string cluster, Lease? lease, CancellationToken cancellationToken)
    {
        if ((await ledger.LostAsync(cluster, "", 1, cancellationToken)).Count == 0)
        {
            Forget(cluster, []);
            return 0;
        }
        if (!(await statistics.ListBrokersAsync(cluster, cancellationToken)).TryGet(out var brokers, out _) || !brokers.StoresWhatArrives)
            return 0;
        var standing = (await ledger.StandingAsync(cancellationToken)).FirstOrDefault(one => one.Cluster == cluster);
        if (standing?.PolledAt is not { } polledAt)
            return 0;
        var age = Metering.PictureAge(
            standing.Brokers.Select(broker => broker.StatisticsInterval).Append(brokers.StatisticsInterval).Max()
        );
        long recovered = 0;
        await Parallel.ForEachAsync(
            await DueAsync(cluster, polledAt - age, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (partition, token) =>
            {
                using var limit = new CancellationTokenSource(settings.BrokerTimeout, clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, token);
                try
                {
                    Interlocked.Add(ref recovered, await LookAsync(cluster, lease, partition, both.Token, token));
                }
                catch (OperationCanceledException) when (limit.IsCancellationRequested && !token.IsCancellationRequested)
                {
                    Failed(cluster, partition);
                }
            }
        );
        return recovered;
    }

    /// <summary>
    /// Partitions to ask about now, at most <see cref="AtOnce"/>. Goes on where the last call stopped and past all that
    /// rest, so that however many cannot be read at one customer's, another's are reached.
    /// </summary>
    private async Task<IReadOnlyCollection<string>> DueAsync(string cluster, DateTimeOffset seenSince, CancellationToken cancellationToken)
    {
        var due = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (start, after, wrapped) = (_stoppedAt.GetValueOrDefault(cluster) ?? "", _stoppedAt.GetValueOrDefault(cluster) ?? "", false);
        while (due.Count < AtOnce)
        {
            var page = await ledger.LostAsync(cluster, after, Page, cancellationToken);
            foreach (var partition in page.Select(reading => reading.Partition))
            {
                if (wrapped && string.CompareOrdinal(partition, start) > 0)
                    break;
                seen.Add(partition);
                after = partition;
                if (IsDue(cluster, partition, seenSince) && due.Add(partition) && due.Count == AtOnce)
                    break;
            }
            if (page.Count == Page && !(wrapped && string.CompareOrdinal(after, start) >= 0))
                continue;
            if (wrapped || start.Length == 0)
            {
                if (due.Count < AtOnce)
                    Forget(cluster, seen);
                break;
            }
            (after, wrapped) = ("", true);
        }
        _stoppedAt[cluster] = due.Count < AtOnce ? "" : after;
        return due;
    }

    /// <summary>The second look waits for a whole poll of pictures that were taken after the first.</summary>
    private bool IsDue(string cluster, string partition, DateTimeOffset seenSince) =>
        !_looks.TryGetValue((cluster, partition), out var look)
        || clock.GetUtcNow() >= look.NotBefore && (look.Ledger is null || seenSince > look.At);

    private async Task<long> LookAsync(
        string cluster,
        Lease? lease,
        string partition,
        CancellationToken asking,
        CancellationToken cancellationToken
    )
    {
        var key = (cluster, partition);
        var look = _looks.GetValueOrDefault(key);
        if (!(await statistics.ReadLedgersAsync(cluster, partition, asking)).TryGet(out var before, out _) || !before.IsWhole)
            return Failed(cluster, partition);
        if (look?.Ledger is not { } known)
        {
            // Of the present load for certain: the open one.
            _looks[key] = new(before.Ledgers[^1].Id, clock.Now(), look?.Failures ?? 0, DateTimeOffset.MinValue);
            return 0;
        }
        if (!(await statistics.ReadTopicAsync(cluster, partition, asking)).TryGet(out var live, out _))
            return Failed(cluster, partition);
        if (!(await statistics.ReadLedgersAsync(cluster, partition, asking)).TryGet(out var after, out _))
            return Failed(cluster, partition);
        var at = clock.Now();
        if ((await new TopicOwners(topics).JoinAsync(cluster, [(live.Broker, live.Counters)], at, at, asking)) is not [var row])
            return Failed(cluster, partition);
        var result = await ledger.AdvanceAsync(
            cluster,
            lease,
            PartitionSlice.Of([partition]),
            (standing, last) =>
            {
                if (!last.Any(reading => reading.LostAt is not null))
                    return PollResult.Nothing;
                var listed = standing
                    .Brokers.Where(broker => broker.ListedSince is not null)
                    .Select(broker => broker.Broker)
                    .Append(live.Broker)
                    .ToHashSet(StringComparer.Ordinal);
                return Recovery.Apply(
                    new(at, settings.Interval, standing, listed, TimeSpan.Zero, Live: true),
                    row,
                    known,
                    before,
                    after,
                    last
                );
            },
            cancellationToken
        );
        // Loaded anew between the looks: from the start.
        if (result.IsEmpty)
            _looks[key] = new(after.Ledgers[^1].Id, at, look.Failures, DateTimeOffset.MinValue);
        else
            _looks.TryRemove(key, out _);
        return result.Deltas.Where(delta => delta.IsRecovered).Sum(delta => (long)delta.Quantity);
    }

    private long Failed(string cluster, string partition)
    {
        _looks.AddOrUpdate((cluster, partition), _ => Paused(null), (_, look) => Paused(look));
        return 0;

        Look Paused(Look? look)
        {
            var failures = (look?.Failures ?? 0) + 1;
            var pause = settings.Interval * Math.Pow(2, Math.Min(failures, 12));
            return new(
                look?.Ledger,
                look?.At ?? DateTimeOffset.MinValue,
                failures,
                clock.Now() + (pause < LongestPause ? pause : LongestPause)
            );
        }
    }

    /// <param name="open">All that are lost.</param>
    private void Forget(string cluster, HashSet<string> open)
    {
        foreach (var key in _looks.Keys)
            if (key.Cluster == cluster && !open.Contains(key.Partition))
                _looks.TryRemove(key, out _);
    }
}
