using System.Collections.Concurrent;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Lets one change of permissions at a time into a namespace, and at most one grant a second: 4.0 brokers keep a copy of
/// the whole policies document per change for tens of seconds and run out of memory otherwise; 4.2 loses parallel ones.
/// The first never waits. Revocations wait less: a key that was deleted must stop soon.
/// </summary>
internal sealed class GrantPacer(TimeProvider clock)
{
    public static readonly TimeSpan BetweenGrants = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan BetweenRevocations = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<(string Cluster, string Namespace), Lane> _lanes = new();

    /// <summary>
    /// Runs the change alone in its namespace. It calls what it is given right before it writes, and only then is there a wait.
    /// </summary>
    public async Task<T> RunAsync<T>(
        string cluster,
        string @namespace,
        TimeSpan distance,
        Func<Func<Task>, Task<T>> change,
        CancellationToken cancellationToken
    )
    {
        var lane = _lanes.GetOrAdd((cluster, @namespace), _ => new());
        await lane.Turn.WaitAsync(cancellationToken);
        try
        {
            return await change(async () =>
            {
                if (lane.Last is { } last && distance - clock.GetElapsedTime(last) is { Ticks: > 0 } wait)
                    await Task.Delay(wait, clock, cancellationToken);
                lane.Last = clock.GetTimestamp();
            });
        }
        finally
        {
            lane.Turn.Release();
        }
    }

    private sealed class Lane
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public long? Last { get; set; }
    }
}
