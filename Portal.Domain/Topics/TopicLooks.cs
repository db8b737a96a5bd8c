using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// The live figures of topics for people who watch them. However many watch the same topic here, its cluster is asked once
/// every <see cref="Every"/>, more slowly after each failure, and not at all while nobody watches.
/// </summary>
public sealed class TopicLooks(ITopicAdmin topics, TimeProvider clock)
{
    /// <summary>Between two looks that went well.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at a cluster that keeps failing.</summary>
    public static readonly TimeSpan Slowest = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<TopicAddress, Look> _looks = [];

    /// <summary>Watches with all others who do; the first one makes the looking begin.</summary>
    /// <param name="addresses">Whether the watcher may see where clients connect from.</param>
    /// <returns>Whoever asked disposes it.</returns>
    public TopicWatch Watch(TopicAddress topic, bool addresses = false)
    {
        lock (_lock)
        {
            if (!_looks.TryGetValue(topic, out var look))
            {
                _looks[topic] = look = new Look(this, topic);
                look.Begin();
            }
            look.Watchers++;
            return new TopicWatch(look, addresses);
        }
    }

    /// <summary>Something was just done to the topic: those who watch see it without waiting for the next look.</summary>
    public void LookNow(TopicAddress topic)
    {
        lock (_lock)
            if (_looks.TryGetValue(topic, out var look))
                look.Hurry();
    }

    /// <summary>One topic that is watched: the newest figures, and the loop that fetches them until it is disposed.</summary>
    internal sealed class Look(TopicLooks all, TopicAddress topic) : IDisposable
    {
        private readonly CancellationTokenSource _left = new();
        private TaskCompletionSource<Outcome<TopicStats>> _next = NewNext();
        private TaskCompletionSource _hurry = NewHurry();
        private Outcome<TopicStats>? _newest;

        /// <summary>How many looks there were.</summary>
        private long _number;

        internal int Watchers { get; set; }

        internal void Begin()
        {
            var left = _left.Token;
            _ = Task.Run(() => RunAsync(left), CancellationToken.None);
        }

        internal void Hurry()
        {
            lock (all._lock)
                _hurry.TrySetResult();
        }

        /// <summary>The newest figures that this watcher has not seen; else those of the next look.</summary>
        internal async Task<(long Number, Outcome<TopicStats> Found)> AfterAsync(long seen, CancellationToken cancellationToken)
        {
            Task<Outcome<TopicStats>> next;
            lock (all._lock)
            {
                if (_newest is { } newest && _number > seen)
                    return (_number, newest);
                next = _next.Task;
            }
            var found = await next.WaitAsync(cancellationToken);
            lock (all._lock)
                return (_number, found);
        }

        internal void Leave()
        {
            lock (all._lock)
            {
                if (--Watchers > 0)
                    return;
                if (all._looks.GetValueOrDefault(topic) == this)
                    all._looks.Remove(topic);
            }
            Dispose();
        }

        public void Dispose()
        {
            _left.Cancel();
            _left.Dispose();
        }

        private async Task RunAsync(CancellationToken left)
        {
            var failures = 0;
            try
            {
                while (true)
                {
                    // Asked for from here on is one look more: this one may have seen what was there before.
                    Task hurried;
                    lock (all._lock)
                    {
                        if (_hurry.Task.IsCompleted)
                            _hurry = NewHurry();
                        hurried = _hurry.Task;
                    }
                    var found = await all.Ask(topic, left);
                    failures = found.IsOk ? 0 : Math.Min(failures + 1, 6);
                    lock (all._lock)
                    {
                        (_newest, _number) = (found, _number + 1);
                        _next.SetResult(found);
                        _next = NewNext();
                    }
                    await WaitAsync(
                        TimeSpan.FromSeconds(Math.Min(Every.TotalSeconds * Math.Pow(2, failures), Slowest.TotalSeconds)),
                        hurried,
                        left
                    );
                }
            }
            catch (OperationCanceledException) when (left.IsCancellationRequested)
            {
                // Nobody watches any more.
            }
            catch (Exception bug)
            {
                // It breaks the pages that watch, as it would if each had asked; the next one who comes begins anew.
                lock (all._lock)
                {
                    if (all._looks.GetValueOrDefault(topic) == this)
                        all._looks.Remove(topic);
                    _next.SetException(bug);
                }
            }
        }

        private async Task WaitAsync(TimeSpan pause, Task hurried, CancellationToken left)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(left);
            await Task.WhenAny(Task.Delay(pause, all.Clock, over.Token), hurried);
            await over.CancelAsync();
            left.ThrowIfCancellationRequested();
        }

        private static TaskCompletionSource<Outcome<TopicStats>> NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private static TaskCompletionSource NewHurry() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private TimeProvider Clock => clock;

    private Task<Outcome<TopicStats>> Ask(TopicAddress topic, CancellationToken cancellationToken) =>
        topics.StatsAsync(topic, cancellationToken);
}

/// <summary>One person's watching of a topic.</summary>
public sealed class TopicWatch : IDisposable
{
    private readonly TopicLooks.Look _look;
    private readonly bool _addresses;
    private long _seen;
    private bool _left;

    internal TopicWatch(TopicLooks.Look look, bool addresses) => (_look, _addresses) = (look, addresses);

    /// <summary>Does not wait for the next look in turn: somebody asks to try again.</summary>
    public void LookNow() => _look.Hurry();

    /// <summary>The newest figures that this watcher has not seen, at once if there are any.</summary>
    public async Task<Outcome<TopicStats>> NextAsync(CancellationToken cancellationToken)
    {
        (_seen, var found) = await _look.AfterAsync(_seen, cancellationToken);
        return _addresses ? found : found.Map(stats => stats.WithoutAddresses());
    }

    public void Dispose()
    {
        if (_left)
            return;
        _left = true;
        _look.Leave();
    }
}
