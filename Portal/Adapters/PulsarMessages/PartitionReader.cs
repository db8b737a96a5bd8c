using System.Net.WebSockets;
using System.Text.Json;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>Which partition of which topic is read, and up to which message.</summary>
/// <param name="Partition">Null for a topic without partitions.</param>
internal sealed record ReadPart(Namespace Namespace, Topic Topic, int? Partition, MessageId? After, MessagePosition Last);

/// <summary>How it goes with a reader.</summary>
internal enum ReaderState
{
    Reading,
    AtEnd,
    Late,
    Broken,
}

/// <summary>
/// A reader of one partition, or of a topic without, up to the message that was the last when the read began. It takes
/// little more from the broker than it is asked for, since what it takes is metered: the broker waits for an
/// acknowledgement when the queue is full. The WebSocket service cannot write down a message without a value: it falls silent
/// before it, for good. Such entries are fetched as the broker keeps them, and reading goes on behind them.
/// </summary>
internal sealed class PartitionReader : IAsyncDisposable
{
    // After this long without anything the broker is asked whether it still has something for this reader.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    // Where it fell silent at a message without a value, others are likely.
    private static readonly TimeSpan QuietAgain = TimeSpan.FromMilliseconds(250);

    // So many entries without any are fetched before the service is asked again: none costs what another silence would.
    private const int Ahead = 20;

    // What is in the queue when a page is full was sent, and metered, for nothing: ten messages of 5 MiB are much already.
    private const int QueueAtMost = 10;

    // Of a reader that begins after a message, the broker sends that message too; the client that drops it inside the
    // broker does not make room for another. With a queue of one nothing would ever come.
    private const int QueueAtLeast = 2;

    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(3);

    private readonly MessageSockets _sockets;
    private readonly ITopicEnds _ends;
    private readonly TimeProvider _clock;
    private readonly ReadDeadline _deadline;
    private readonly ReadPart _part;
    private readonly int _queue;
    private readonly Queue<(MessageId Id, Message Message)> _fetched = [];
    private ClientWebSocket? _socket;
    private string _name = "";
    private Task<MessageFrame?>? _receiving;
    private TimeSpan _quiet = Quiet;

    /// <summary>Where the reader that is connected began.</summary>
    private MessageId? _after;

    /// <summary>The last message that was found.</summary>
    private MessageId? _at;

    private MessageId _headId;
    private long _received;

    /// <summary>When something came last, and what had come when it was looked whether the next message has a value.</summary>
    private long _heard;
    private long _looked = -1;

    /// <summary>How many entries are still fetched; 0 while the service reads.</summary>
    private int _fetching;

    /// <summary>Whether the head was fetched: nobody meters that.</summary>
    private bool _isFetched;

    private PartitionReader(MessageSockets sockets, ITopicEnds ends, TimeProvider clock, ReadDeadline deadline, ReadPart part, int queue) =>
        (_sockets, _ends, _clock, _deadline, _part, _queue, _at) = (sockets, ends, clock, deadline, part, queue, part.After);

    public ReaderState State { get; private set; }

    /// <summary>0 for a topic without partitions.</summary>
    public int Partition => _part.Partition ?? 0;

    /// <summary>The next message, once <see cref="PeekAsync"/> has found it.</summary>
    public Message? Head { get; private set; }

    /// <summary>Messages taken so far that were fetched as the broker keeps them.</summary>
    public int Fetched { get; private set; }

    /// <param name="fetched">So many entries are fetched one by one before the service is asked: of many partitions a page takes few
    /// messages each.</param>
    public static async Task<Outcome<PartitionReader>> OpenAsync(
        MessageSockets sockets,
        ITopicEnds ends,
        TimeProvider clock,
        ReadDeadline deadline,
        ReadPart part,
        int queue,
        int fetched,
        CancellationToken cancellationToken
    )
    {
        var reader = new PartitionReader(sockets, ends, clock, deadline, part, queue) { _fetching = fetched };
        if (fetched > 0)
            return reader;
        return await reader.ConnectAsync(cancellationToken) is { } problem ? problem : reader;
    }

    /// <summary>The next message without taking it; null when there is none: then <see cref="State"/> says why.</summary>
    public async Task<Message?> PeekAsync(CancellationToken cancellationToken)
    {
        while (Head is null && State == ReaderState.Reading)
        {
            if (_deadline.Left is { Ticks: <= 0 })
            {
                State = ReaderState.Late;
                break;
            }
            if (_fetched.TryDequeue(out var fetched))
                Find(fetched.Id, fetched.Message, isFetched: true);
            else if (_fetching > 0)
                await FetchAsync(cancellationToken);
            else if (_socket is null && await ConnectAsync(cancellationToken) is not null)
                State = ReaderState.Broken;
            else
                await ReceiveAsync(_socket!, cancellationToken);
        }
        return Head;
    }

    /// <summary>Takes the head: the broker may send one more.</summary>
    /// <returns>The message's place.</returns>
    public async Task<MessageId> AdvanceAsync(CancellationToken cancellationToken)
    {
        (var taken, Head) = (Head!, null);
        if (_isFetched)
            Fetched++;
        if (_headId.Reaches(_part.Last))
        {
            State = ReaderState.AtEnd;
            return _headId;
        }
        if (_socket is null)
            return _headId;
        try
        {
            await _socket.SendAsync(new AcknowledgeFrame(taken.MessageId), MessageFrames.Default.AcknowledgeFrame, cancellationToken);
        }
        catch (WebSocketException)
        {
            // The next peek finds the end.
        }
        return _headId;
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket is not { } socket)
            return;
        _socket = null;
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (socket.State == WebSocketState.Open)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // It is gone already, which is what was wanted.
        }
        socket.Dispose();
        // Its end is expected now; unobserved it would be reported as an error.
        _ = _receiving?.ContinueWith(
            ended => ended.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default
        );
        _receiving = null;
    }

    /// <summary>A reader at the cluster that goes on behind what was found.</summary>
    private async Task<Problem?> ConnectAsync(CancellationToken cancellationToken)
    {
        (_name, _after, _received, _looked) = ($"{Cluster.OwnReaderPrefix}{_clock.NewUuid():N}", _at, 0, -1);
        var query =
            $"messageId={Uri.EscapeDataString(_after?.Text ?? "earliest")}&receiverQueueSize={Math.Clamp(_queue, QueueAtLeast, QueueAtMost)}&readerName={_name}";
        var opened = await _sockets.OpenAsync(_part.Namespace, _part.Topic, "reader", _part.Partition, query, cancellationToken);
        if (!opened.TryGet(out _socket, out var problem))
            return problem;
        _heard = _clock.GetTimestamp();
        return null;
    }

    private async Task ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var left = _deadline.Left;
        try
        {
            _receiving ??= socket.ReceiveAsync(MessageFrames.Default.MessageFrame, CancellationToken.None, Hear);
            var wait = left < _quiet ? left : _quiet;
            Take(
                _receiving.IsCompleted
                    ? await _receiving
                    : await _receiving.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), _clock, cancellationToken)
            );
        }
        catch (TimeoutException)
        {
            if (!await IsSilencedAsync(cancellationToken) && await IsWholeAsync(cancellationToken))
                State = ReaderState.AtEnd;
        }
        catch (Exception exception) when (exception is WebSocketException or JsonException)
        {
            State = ReaderState.Broken;
        }
    }

    private void Hear()
    {
        Volatile.Write(ref _heard, _clock.GetTimestamp());
        _deadline.Arrived();
    }

    private void Take(MessageFrame? frame)
    {
        _receiving = null;
        if (frame?.ToMessage() is not { } message || !MessageId.TryParse(message.MessageId, out var id))
        {
            State = ReaderState.Broken;
            return;
        }
        _received++;
        Find(id, message, isFetched: false);
    }

    private void Find(MessageId id, Message message, bool isFetched)
    {
        _deadline.Received();
        (_headId, _at, Head, _isFetched) = (id, id, message, isFetched);
    }

    /// <summary>
    /// Whether nothing more comes because the next message has no value. Frames come in order, so where that is the next one,
    /// none is on its way. It is looked at once, and not while a large message is still arriving.
    /// </summary>
    private async Task<bool> IsSilencedAsync(CancellationToken cancellationToken)
    {
        if (_looked == _received || _clock.GetElapsedTime(Volatile.Read(ref _heard)) < _quiet / 2)
            return false;
        if (await NextAsync(cancellationToken) is not { IsOk: true } asked)
            return false;
        _looked = _received;
        // A message that came meanwhile is not what was looked at.
        if (
            asked.Value is not { Messages: [{ Message.IsNull: true }, ..] } next
            || _receiving is { IsCompleted: true }
            || IsBehindLast(next)
        )
            return false;
        await DisposeAsync();
        _quiet = QuietAgain;
        Hold(next);
        return true;
    }

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        var asked = await NextAsync(cancellationToken);
        if (asked is { IsOk: true, Value: var next } && (next is null || IsBehindLast(next)))
            State = ReaderState.AtEnd;
        else if (asked is { IsOk: true, Value: { } here } && (here.IsExact || here.Messages[0].Message.IsNull))
            Hold(here);
        else
            _fetching = 0; // the service reads what cannot be told this way
    }

    private void Hold(StoredEntry entry)
    {
        foreach (var fetched in FetchedEntry.Of(entry, _part.Partition))
            _fetched.Enqueue(fetched);
        _fetching = FetchedEntry.HasNull(entry) ? Ahead : _fetching - 1;
    }

    /// <summary>Whether it came after the read began.</summary>
    private bool IsBehindLast(StoredEntry entry) =>
        (entry.Place.Ledger, entry.Place.Entry).CompareTo((_part.Last.Ledger, _part.Last.Entry)) > 0;

    /// <summary>Null when it was not told in time.</summary>
    private async Task<Outcome<StoredEntry?>?> NextAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Answer, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _ends.NextAsync(_part.Topic.OnCluster, _part.Partition, _at?.Place, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the broker has sent this reader all there is, and all of it has come: then the last entry is no message (the
    /// mark of a transaction), or went meanwhile. A message that is on its way was sent and has not come.
    /// </summary>
    private async Task<bool> IsWholeAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Answer, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await _ends.ReaderAsync(_part.Topic.OnCluster, _part.Partition, _name, both.Token)
                    is { IsOk: true, Value: { Left: 0 } standing }
                && (standing.Given == _received || standing.Given == _received + (_after?.Passed ?? 0))
                && _receiving is { IsCompleted: false };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // asked again, until the read gives up
        }
    }
}
