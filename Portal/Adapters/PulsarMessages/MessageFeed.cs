using System.Net.WebSockets;
using System.Text.Json;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// One reader at the end of a topic, over all its partitions: the cluster's WebSocket service reads them side by side. It
/// acknowledges what was taken, so the broker sends no more than <see cref="Queue"/> ahead.
/// </summary>
internal sealed class MessageFeed : IMessageFeed
{
    private const int Queue = 10;

    // Brokers end WebSocket sessions that were silent for five minutes.
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket;
    private string? _taken;

    private MessageFeed(ClientWebSocket socket) => _socket = socket;

    public static async Task<Outcome<MessageFeed>> OpenAsync(MessageSockets sockets, TimeProvider clock, Namespace @namespace, Topic topic, CancellationToken cancellationToken)
    {
        var query = $"messageId={ReadPosition.Latest}&receiverQueueSize={Queue}&readerName={Cluster.OwnReaderPrefix}{clock.NewUuid():N}";
        return (await sockets.OpenAsync(@namespace, topic, "reader", null, query, cancellationToken, Alive)).Map(socket => new MessageFeed(socket));
    }

    public async Task<Message?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_taken is { } taken) await _socket.SendAsync(new AcknowledgeFrame(taken), MessageFrames.Default.AcknowledgeFrame, cancellationToken);
            _taken = null;
            var message = (await _socket.ReceiveAsync(MessageFrames.Default.MessageFrame, cancellationToken))?.ToMessage();
            _taken = message?.MessageId;
            return message;
        }
        catch (Exception exception) when (exception is WebSocketException or JsonException or IOException)
        {
            return null;
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
    }
}
