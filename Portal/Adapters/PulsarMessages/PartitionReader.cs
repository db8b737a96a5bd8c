using System.Net.WebSockets;
using System.Text.Json;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// A reader of one partition, or of a topic without. It takes no more from the broker than it is asked for, since what it
/// takes is metered: the broker waits for an acknowledgement when the queue is full.
/// </summary>
internal sealed class PartitionReader : IAsyncDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan QuietAtFirst = TimeSpan.FromSeconds(1.5); // the broker may have to open the ledger
    private const int QueueAtMost = 100;

    private readonly ClientWebSocket _socket;
    private readonly TimeProvider _clock;
    private Task<MessageFrame?>? _receiving;
    private TimeSpan _patience = QuietAtFirst;
    private long _waitingSince;

    private PartitionReader(ClientWebSocket socket, TimeProvider clock, int partition) =>
        (_socket, _clock, Partition, _waitingSince) = (socket, clock, partition, clock.GetTimestamp());

    /// <summary>0 for a topic without partitions.</summary>
    public int Partition { get; }

    /// <summary>The next message, once <see cref="PeekAsync"/> has found it.</summary>
    public Message? Head { get; private set; }

    public static async Task<Outcome<PartitionReader>> OpenAsync(
        MessageSockets sockets, TimeProvider clock, Namespace @namespace, Topic topic, int? partition, string after, int queue, CancellationToken cancellationToken)
    {
        var name = $"{Cluster.OwnReaderPrefix}{clock.NewUuid():N}";
        var query = $"messageId={Uri.EscapeDataString(after)}&receiverQueueSize={Math.Clamp(queue, 1, QueueAtMost)}&readerName={name}";
        return (await sockets.OpenAsync(@namespace, topic, "reader", partition, query, cancellationToken)).Map(socket => new PartitionReader(socket, clock, partition ?? 0));
    }

    /// <summary>The next message without taking it; null when none came for a second, or the reader ended.</summary>
    public async Task<Message?> PeekAsync(CancellationToken cancellationToken)
    {
        if (Head is not null) return Head;
        _receiving ??= _socket.ReceiveAsync(MessageFrames.Default.MessageFrame, CancellationToken.None);
        try
        {
            // The waits of all partitions run at the same time: each began when its last message was taken.
            var left = _patience - _clock.GetElapsedTime(_waitingSince);
            var frame = _receiving.IsCompleted ? await _receiving : left > TimeSpan.Zero ? await _receiving.WaitAsync(left, _clock, cancellationToken) : null;
            if (frame is not { MessageId: { } id }) return null;
            _receiving = null;
            var payload = frame.Payload ?? [];
            return Head = new Message(id, frame.Key, frame.Properties ?? [], payload, frame.PublishTime.TruncateToMicroseconds(), payload.Length);
        }
        catch (Exception exception) when (exception is TimeoutException or WebSocketException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Takes the head: the broker may send one more.</summary>
    public async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        var taken = Head!;
        (Head, _patience, _waitingSince) = (null, Quiet, _clock.GetTimestamp());
        try
        {
            await _socket.SendAsync(new AcknowledgeFrame(taken.MessageId), MessageFrames.Default.AcknowledgeFrame, cancellationToken);
        }
        catch (WebSocketException)
        {
            // The next peek finds the end.
        }
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
}
