using System.Net.WebSockets;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// One producer per topic, kept for a few seconds: a plan limits producers, and a handshake per message is slow. None
/// lives longer than its token, because a session outlives expiry and revocation at the broker.
/// </summary>
internal sealed class MessageSenders(MessageSockets sockets, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan Confirmation = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly Dictionary<TopicId, Sender> _senders = [];

    public async Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, byte[] frame, CancellationToken cancellationToken)
    {
        var sender = Rent(topic.Id);
        try
        {
            await sender.Turn.WaitAsync(cancellationToken);
            try
            {
                return await sender.SendAsync(sockets, clock, @namespace, topic, frame, cancellationToken);
            }
            finally
            {
                sender.Turn.Release();
            }
        }
        finally
        {
            Return(topic.Id, sender);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Sender[] senders;
        lock (_gate)
        {
            senders = [.. _senders.Values];
            _senders.Clear();
        }
        foreach (var sender in senders)
            await sender.DisposeAsync();
    }

    private Sender Rent(TopicId topic)
    {
        lock (_gate)
        {
            if (!_senders.TryGetValue(topic, out var sender))
                _senders[topic] = sender = new();
            sender.Users++;
            return sender;
        }
    }

    private void Return(TopicId topic, Sender sender)
    {
        lock (_gate)
        {
            sender.Users--;
            sender.LastUse = clock.GetTimestamp();
            if (sender.Watched)
                return;
            sender.Watched = true;
        }
        _ = RetireAsync(topic, sender);
    }

    /// <summary>
    /// Closes the sender once nobody has used it for a while. It looks until then: a timer may fire before the same clock
    /// says that its time is over, and a use may have come in between.
    /// </summary>
    private async Task RetireAsync(TopicId topic, Sender sender)
    {
        for (var left = Idle; left > TimeSpan.Zero; )
        {
            await Task.Delay(left < Shortest ? Shortest : left, clock);
            lock (_gate)
            {
                left = sender.Users > 0 ? Idle : Idle - clock.GetElapsedTime(sender.LastUse);
                if (left <= TimeSpan.Zero && !_senders.Remove(topic))
                    return; // the portal ends, and closes all
            }
        }
        await sender.DisposeAsync();
    }

    private sealed class Sender : IAsyncDisposable
    {
        private ClientWebSocket? _socket;
        private Task<SentFrame?>? _next;
        private Uri? _server;
        private long _opened;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Users { get; set; }

        /// <summary>Somebody waits for the time to close it.</summary>
        public bool Watched { get; set; }

        public long LastUse { get; set; }

        public async Task<Outcome<string>> SendAsync(
            MessageSockets sockets,
            TimeProvider clock,
            Namespace @namespace,
            Topic topic,
            byte[] frame,
            CancellationToken cancellationToken
        )
        {
            // A frame that nobody asked for, or the connection's end: there is always a receive under way to see it. Or the cluster was
            // moved.
            var server = sockets.ServerOf(topic);
            if (_socket is not null && (_next!.IsCompleted || clock.GetElapsedTime(_opened) > Life || _server != server))
                Drop();
            if (_socket is null)
            {
                var query = $"batchingEnabled=false&sendTimeoutMillis=10000&producerName={Cluster.OwnProducerPrefix}{clock.NewUuid():N}";
                if (
                    !(await sockets.OpenAsync(@namespace, topic, "producer", null, query, cancellationToken)).TryGet(
                        out var opened,
                        out var problem
                    )
                )
                    return problem;
                (_socket, _opened, _server) = (opened, clock.GetTimestamp(), server);
                _next = _socket.ReceiveAsync(MessageFrames.Default.SentFrame, CancellationToken.None);
            }
            try
            {
                await _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                var answer = await _next!.WaitAsync(Confirmation, clock, cancellationToken);
                if (answer is null)
                {
                    Drop();
                    return MessageProblems.Uncertain(topic);
                }
                _next = _socket.ReceiveAsync(MessageFrames.Default.SentFrame, CancellationToken.None);
                if (answer is { Result: "ok", MessageId: { } id })
                    return id;
                Drop();
                return await sockets.WhySilentAsync(@namespace, topic, MessageProblems.SendRefused(topic), cancellationToken);
            }
            catch (Exception exception) when (exception is WebSocketException or TimeoutException or System.Text.Json.JsonException)
            {
                Drop();
                return await sockets.WhySilentAsync(@namespace, topic, MessageProblems.Uncertain(topic), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Drop(); // the confirmation would be taken for the next message's
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_socket is { State: WebSocketState.Open })
            {
                try
                {
                    using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
                }
                catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
                {
                    // It is gone already, which is what was wanted.
                }
            }
            Drop();
            Turn.Dispose();
        }

        private void Drop()
        {
            _socket?.Dispose();
            // Its end is expected now; unobserved it would be reported as an error.
            _next?.ContinueWith(
                ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default
            );
            (_socket, _next) = (null, null);
        }
    }
}
