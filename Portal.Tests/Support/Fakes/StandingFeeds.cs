using System.Threading.Channels;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Tests.Support.Fakes;

/// <summary>Readers at the end of topics: what a test sends reaches those that are open at the moment.</summary>
public sealed class StandingFeeds
{
    private readonly Lock _lock = new();
    private readonly List<Feed> _open = [];
    private int _opened;
    private int _taken;

    /// <summary>Messages that whoever reads has asked to go on behind.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Why no reader is let in; null while they are.</summary>
    public Problem? Refuses { get; set; }

    /// <summary>Readers that were asked for so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    public int Open
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    public Task<Outcome<IMessageFeed>> OpenAsync()
    {
        Interlocked.Increment(ref _opened);
        if (Refuses is { } problem)
            return Task.FromResult<Outcome<IMessageFeed>>(problem);
        var feed = new Feed(this);
        lock (_lock)
            _open.Add(feed);
        return Task.FromResult(Outcome.Of<IMessageFeed>(feed));
    }

    public void Send(params ReadOnlySpan<Message> messages)
    {
        lock (_lock)
            foreach (var feed in _open)
            foreach (var message in messages)
                feed.Came.Writer.TryWrite(message);
    }

    /// <summary>Cuts the connections.</summary>
    public void Cut()
    {
        lock (_lock)
            foreach (var feed in _open)
                feed.Came.Writer.TryComplete();
    }

    private sealed class Feed(StandingFeeds all) : IMessageFeed
    {
        public Channel<Message> Came { get; } = Channel.CreateUnbounded<Message>();

        private bool _given;

        public async Task<Message?> NextAsync(CancellationToken cancellationToken)
        {
            if (_given)
                Interlocked.Increment(ref all._taken);
            _given = await Came.Reader.WaitToReadAsync(cancellationToken);
            return _given && Came.Reader.TryRead(out var message) ? message : null;
        }

        public ValueTask DisposeAsync()
        {
            lock (all._lock)
                all._open.Remove(this);
            return ValueTask.CompletedTask;
        }
    }
}
