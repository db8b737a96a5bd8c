using System.Text.Json.Nodes;

namespace LocalPulsar.Functions;

/// <summary>
/// What one instance of a function counts: since it began, and in the minute that runs, which a worker begins anew every 60 seconds.
/// </summary>
internal sealed class FunctionCounts
{
    private const int Kept = 10;
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private readonly Lock _gate = new();
    private readonly Queue<(string Exception, long At)> _latest = new();
    private Sum _all;
    private Sum _running;
    private DateTimeOffset _since;
    private long _last;

    public void Add(DateTimeOffset now, TimeSpan took, string? exception)
    {
        lock (_gate)
        {
            Turn(now);
            _last = now.ToUnixTimeMilliseconds();
            (_all, _running) = (_all.With(took, exception is null), _running.With(took, exception is null));
            if (exception is null)
                return;
            _latest.Enqueue((exception, _last));
            if (_latest.Count > Kept)
                _latest.Dequeue();
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            (_all, _running, _last) = (default, default, 0);
            _latest.Clear();
        }
    }

    public Counts Read(DateTimeOffset now)
    {
        lock (_gate)
        {
            Turn(now);
            return new Counts(_all, _running, _last, [.. _latest]);
        }
    }

    public static JsonObject Metrics(IReadOnlyList<Counts> instances)
    {
        var metrics = Described(instances.Aggregate(default(Sum), (sum, one) => sum + one.All));
        metrics["1min"] = Described(instances.Aggregate(default(Sum), (sum, one) => sum + one.Minute));
        var last = instances.Select(one => one.Last).DefaultIfEmpty().Max();
        metrics["lastInvocation"] = last == 0 ? null : last;
        return metrics;
    }

    private static JsonObject Described(Sum sum) =>
        new()
        {
            ["receivedTotal"] = sum.Received,
            ["processedSuccessfullyTotal"] = sum.Processed,
            ["systemExceptionsTotal"] = 0,
            ["userExceptionsTotal"] = sum.Received - sum.Processed,
            ["avgProcessLatency"] = sum.Received == 0 ? null : sum.Took.TotalMilliseconds / sum.Received,
        };

    private void Turn(DateTimeOffset now)
    {
        if (now - _since < _minute)
            return;
        (_since, _running) = (now, default);
    }

    internal readonly record struct Sum(long Received, long Processed, TimeSpan Took)
    {
        public Sum With(TimeSpan took, bool succeeded) => new(Received + 1, Processed + (succeeded ? 1 : 0), Took + took);

        public static Sum operator +(Sum left, Sum right) =>
            new(left.Received + right.Received, left.Processed + right.Processed, left.Took + right.Took);
    }

    /// <param name="Last">Unix milliseconds of the last message; 0 for none.</param>
    /// <param name="Latest">The last exceptions, oldest first, with their Unix milliseconds.</param>
    internal sealed record Counts(Sum All, Sum Minute, long Last, IReadOnlyList<(string Exception, long At)> Latest)
    {
        public long Received => All.Received;
        public long Processed => All.Processed;
        public long Failed => All.Received - All.Processed;
        public double AverageLatency => All.Received == 0 ? 0 : All.Took.TotalMilliseconds / All.Received;
    }
}
