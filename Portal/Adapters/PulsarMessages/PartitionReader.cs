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
internal enum ReaderState { Reading, AtEnd, Late, Broken }

/// <summary>
/// A reader of one partition, or of a topic without, up to the message that was the last when the read began. It takes
/// little more from the broker than it is asked for, since what it takes is metered: the broker waits for an
/// acknowledgement when the queue is full.
/// </summary>
internal sealed class PartitionReader : IAsyncDisposable
{
    // After this long without anything the broker is asked whether it still has something for this reader.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    // What is in the queue when a page is full was sent, and metered, for nothing: ten messages of 5 MiB are much already.
    private const int QueueAtMost = 10;

    // Of a reader that begins after a message, the broker sends that message too; the client that drops it inside the
    // broker does not make room for another. With a queue of one nothing would ever come.
    private const int QueueAtLeast = 2;

    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(3);

    private readonly ClientWebSocket _socket;
    private readonly ITopicEnds _ends;
    private readonly TimeProvider _clock;
    private readonly ReadDeadline _deadline;
    private readonly ReadPart _part;
    private readonly string _name;
    private Task<MessageFrame?>? _receiving;
    private MessageId _headId;
    private long _received;

    private PartitionReader(ClientWebSocket socket, ITopicEnds ends, TimeProvider clock, ReadDeadline deadline, ReadPart part, string name) =>
        (_socket, _ends, _clock, _deadline, _part, _name) = (socket, ends, clock, deadline, part, name);

    public ReaderState State { get; private set; }

    /// <summary>0 for a topic without partitions.</summary>
    public int Partition => _part.Partition ?? 0;

    /// <summary>The next message, once <see cref="PeekAsync"/> has found it.</summary>
    public Message? Head { get; private set; }

    public static async Task<Outcome<PartitionReader>> OpenAsync(
        MessageSockets sockets, ITopicEnds ends, TimeProvider clock, ReadDeadline deadline, ReadPart part, int queue, CancellationToken cancellationToken)
    {
        var name = $"{Cluster.OwnReaderPrefix}{clock.NewUuid():N}";
        var query = $"messageId={Uri.EscapeDataString(part.After?.Text ?? "earliest")}&receiverQueueSize={Math.Clamp(queue, QueueAtLeast, QueueAtMost)}&readerName={name}";
        return (await sockets.OpenAsync(part.Namespace, part.Topic, "reader", part.Partition, query, cancellationToken))
            .Map(socket => new PartitionReader(socket, ends, clock, deadline, part, name));
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
            var left = _deadline.Left;
            try
            {
                _receiving ??= _socket.ReceiveAsync(MessageFrames.Default.MessageFrame, CancellationToken.None, _deadline.Arrived);
                var wait = left < Quiet ? left : Quiet;
                Take(_receiving.IsCompleted ? await _receiving : await _receiving.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1), _clock, cancellationToken));
            }
            catch (TimeoutException)
            {
                if (await IsWholeAsync(cancellationToken)) State = ReaderState.AtEnd;
            }
            catch (Exception exception) when (exception is WebSocketException or JsonException)
            {
                State = ReaderState.Broken;
            }
        }
        return Head;
    }

    /// <summary>Takes the head: the broker may send one more.</summary>
    /// <returns>The message's place.</returns>
    public async Task<MessageId> AdvanceAsync(CancellationToken cancellationToken)
    {
        (var taken, Head) = (Head!, null);
        if (_headId.Reaches(_part.Last))
        {
            State = ReaderState.AtEnd;
            return _headId;
        }
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
        try
        {
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (_socket.State == WebSocketState.Open) await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // It is gone already, which is what was wanted.
        }
        _socket.Dispose();
        // Its end is expected now; unobserved it would be reported as an error.
        _ = _receiving?.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
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
        _deadline.Received();
        _headId = id;
        Head = message;
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
            return await _ends.ReaderAsync(_part.Topic.OnCluster, _part.Partition, _name, both.Token) is { IsOk: true, Value: { Left: 0 } standing }
                && (standing.Given == _received || standing.Given == _received + (_part.After?.Passed ?? 0))
                && _receiving is { IsCompleted: false };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // asked again, until the read gives up
        }
    }
}
