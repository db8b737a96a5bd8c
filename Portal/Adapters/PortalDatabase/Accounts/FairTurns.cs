namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>
/// A few turns for many who want one. Whoever comes first of a crowd waits behind nobody of another crowd for longer than
/// one turn each: crowds go round, and who has precedence goes before all of them.
/// </summary>
/// <param name="turns">At once.</param>
/// <param name="mostWaiting">Of one crowd, before it is called busy.</param>
internal sealed class FairTurns(int turns, int mostWaiting)
{
    private readonly Lock _lock = new();
    private readonly Line _first = new(),
        _others = new();
    private int _free = turns;

    public bool IsBusy(string crowd, bool isFirst)
    {
        lock (_lock)
            return LineOf(isFirst).Waiting(crowd) >= mostWaiting;
    }

    /// <returns>To be disposed when the turn is over.</returns>
    public async Task<IDisposable> TakeAsync(string crowd, bool isFirst, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return new Turn(this);
            }
            LineOf(isFirst).Add(crowd, turn);
        }
        await using (cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken)))
            await turn.Task;
        return new Turn(this);
    }

    private Line LineOf(bool isFirst) => isFirst ? _first : _others;

    private void End()
    {
        lock (_lock)
        {
            // Whoever gave up waiting is passed over here, and only here: the turn is handed on or free, never lost.
            while ((_first.Next() ?? _others.Next()) is { } next)
                if (next.TrySetResult())
                    return;
            _free++;
        }
    }

    private sealed class Turn(FairTurns of) : IDisposable
    {
        private FairTurns? _of = of;

        public void Dispose() => Interlocked.Exchange(ref _of, null)?.End();
    }

    /// <summary>Crowds in the order of their next turn; those without anybody waiting are not remembered.</summary>
    private sealed class Line
    {
        private readonly Dictionary<string, Queue<TaskCompletionSource>> _waiting = new(StringComparer.Ordinal);
        private readonly Queue<string> _round = new();

        public int Waiting(string crowd) => _waiting.TryGetValue(crowd, out var queue) ? queue.Count : 0;

        public void Add(string crowd, TaskCompletionSource turn)
        {
            if (!_waiting.TryGetValue(crowd, out var queue))
            {
                _waiting[crowd] = queue = new();
                _round.Enqueue(crowd);
            }
            queue.Enqueue(turn);
        }

        public TaskCompletionSource? Next()
        {
            if (!_round.TryDequeue(out var crowd))
                return null;
            var queue = _waiting[crowd];
            var next = queue.Dequeue();
            if (queue.Count > 0)
                _round.Enqueue(crowd);
            else
                _waiting.Remove(crowd);
            return next;
        }
    }
}
