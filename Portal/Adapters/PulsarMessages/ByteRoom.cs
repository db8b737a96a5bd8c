using Portal.Domain.Common;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// How many bytes may be in use at the same time, all together. Whoever needs some waits for its turn, first come, first
/// served: a large request is not passed by small ones for ever. One organization has a third of it at most, unless it
/// asks for more in one piece, so that what is slow for it leaves room for the others.
/// </summary>
internal sealed class ByteRoom
{
    /// <summary>For all reads of messages in the process: eight of an ordinary topic at once.</summary>
    public const long ForReads = 192 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private readonly Dictionary<OrganizationId, long> _used = [];
    private readonly long _all;
    private readonly TimeProvider _clock;
    private long _free;

    /// <param name="all">Bytes.</param>
    public ByteRoom(long all, TimeProvider clock) => (_all, _free, _clock) = (all, all, clock);

    /// <summary>Null when there was no room in time. Whoever asked disposes it.</summary>
    /// <param name="owner">For whom; past its share it waits while others are served.</param>
    /// <param name="weight">Bytes; more than there are in all count as all.</param>
    public async Task<IDisposable?> TakeAsync(OrganizationId owner, long weight, TimeSpan patience, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(this, owner, Math.Min(weight, _all));
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
                if (!_waiting.Remove(waiter))
                    Return(waiter);
                Serve();
            }
            if (exception is OperationCanceledException)
                throw;
            return null;
        }
    }

    private void Serve()
    {
        for (var node = _waiting.First; node is { Value: var next }; )
        {
            (var here, node) = (node, node.Next);
            var used = _used.GetValueOrDefault(next.Owner);
            if (used > 0 && used + next.Weight > _all / 3)
                continue;
            if (next.Weight > _free)
                return;
            _free -= next.Weight;
            _used[next.Owner] = used + next.Weight;
            _waiting.Remove(here);
            next.Served.SetResult();
        }
    }

    private void Return(Waiter waiter)
    {
        _free += waiter.Weight;
        var left = _used[waiter.Owner] - waiter.Weight;
        if (left == 0)
            _used.Remove(waiter.Owner);
        else
            _used[waiter.Owner] = left;
    }

    private sealed class Waiter(ByteRoom room, OrganizationId owner, long weight) : IDisposable
    {
        private bool _left;

        public OrganizationId Owner => owner;

        public long Weight => weight;

        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose()
        {
            lock (room._gate)
            {
                if (_left)
                    return;
                _left = true;
                room.Return(this);
                room.Serve();
            }
        }
    }
}
