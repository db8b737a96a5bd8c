using System.Collections.Concurrent;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Keeps the partitions of a migration together below its limits: each takes its turn in one line of time. One replica at
/// a time copies to a cluster, so this is the whole migration's pace.
/// </summary>
public sealed class CopyPace(TimeProvider clock)
{
    /// <summary>What was not used is saved up for as long.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<MigrationId, Line> _lines = new();

    /// <summary>How long the line is: whoever comes now waits for so long. Zero without a limit.</summary>
    public TimeSpan Queue(MigrationId migration, CopyRate rate)
    {
        if (rate is { BytesPerSecond: null, MessagesPerSecond: null } || !_lines.TryGetValue(migration, out var line))
            return TimeSpan.Zero;
        lock (line)
            return line.Free - clock.Now() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Waits until so much more may be sent.</summary>
    /// <returns>False when that would take longer than there is time: nothing was taken then.</returns>
    public async Task<bool> TakeAsync(
        MigrationId migration,
        CopyRate rate,
        long bytes,
        int messages,
        TimeSpan atMost,
        CancellationToken cancellationToken
    )
    {
        if (rate is { BytesPerSecond: null, MessagesPerSecond: null })
            return true;
        var seconds = Math.Max(
            rate.BytesPerSecond is { } most ? (double)bytes / most : 0,
            rate.MessagesPerSecond is { } count ? (double)messages / count : 0
        );
        var line = _lines.GetOrAdd(migration, _ => new());
        TimeSpan wait;
        lock (line)
        {
            var now = clock.Now();
            var earliest = now - Burst;
            var free = line.Free > earliest ? line.Free : earliest;
            wait = free - now;
            if (wait > atMost)
                return false;
            line.Free = free + TimeSpan.FromSeconds(seconds);
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, clock, cancellationToken);
        return true;
    }

    private sealed class Line
    {
        public DateTimeOffset Free { get; set; }
    }
}

/// <summary>How fast a migration may copy, all of its partitions together; null for as fast as it goes.</summary>
public sealed record CopyRate(long? BytesPerSecond, int? MessagesPerSecond);
