namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// How many bytes may be in use at the same time, all together. Whoever needs some waits for its turn, first come, first
/// served: a large request is not passed by small ones for ever.
/// </summary>
internal sealed class ByteRoom
{
    /// <summary>For all reads of messages in the process: eight of an ordinary topic at once.</summary>
    public const long ForReads = 192 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly long _all;
    private readonly TimeProvider _clock;
    private long _free;

    /// <param name="all">Bytes.</param>
    public ByteRoom(long all, TimeProvider clock) => (_all, _free, _clock) = (all, all, clock);

    /// <summary>Null when there was no room in time. Whoever asked disposes it.</summary>
    /// <param name="weight">Bytes; more than there are in all count as all.</param>
    public async Task<IDisposable?> TakeAsync(long weight, TimeSpan patience, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this, Math.Min(weight, _all));
        lock (_gate)
        {
            _waiting.AddLast(waiter);
            Serve();
        }
        try
        {
            await waiter.Served.Task.WaitAsync(patience, _clock, cancellationToken);
            return waiter;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            lock (_gate)
            {
                // It may have been served in the moment in which the wait ended.
                if (!_waiting.Remove(waiter)) _free += waiter.Weight;
                Serve();
            }
            if (exception is OperationCanceledException) throw;
            return null;
        }
    }

    private void Serve()
    {
        while (_waiting.First is { Value: var next } && next.Weight <= _free)
        {
            _free -= next.Weight;
            _waiting.RemoveFirst();
            next.Served.SetResult();
        }
    }

    private sealed class Waiter(ByteRoom room, long weight) : IDisposable
    {
        private bool _left;

        public long Weight => weight;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            lock (room._gate)
            {
                if (_left) return;
                _left = true;
                room._free += weight;
                room.Serve();
            }
        }
    }
}
