using System.Net.WebSockets;
using System.Text.Json;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// One reader at the end of a topic, over all its partitions: the cluster's WebSocket service reads them side by side. It
/// acknowledges what was taken, so the broker sends no more than <see cref="Queue"/> ahead. The service falls silent for good
/// at a message without a value. So in a silence it is asked whether the topic has grown, and where such a message is in what
/// did not come, that is fetched as the broker keeps it, and a new reader goes on.
/// </summary>
internal sealed class MessageFeed : IMessageFeed
{
    private const int Queue = 10;

    // Entries that are fetched at once; of a topic that grew by more, some are passed over, and said to be.
    private const int MostFetched = 200;

    // Brokers end WebSocket sessions that were silent for five minutes.
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(20);

    // After this much silence it is asked, and less and less often while it lasts.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    private readonly MessageSockets _sockets;
    private readonly ITopicEnds _ends;
    private readonly TimeProvider _clock;
    private readonly Namespace _namespace;
    private readonly Topic _topic;
    private readonly Queue<Message> _fetched = [];

    /// <summary>How far each partition was given or looked at, and how far it was fetched: that does not count again.</summary>
    private readonly Dictionary<int, MessagePosition?> _seen = [];
    private readonly Dictionary<int, MessagePosition?> _given = [];

    private ClientWebSocket? _socket;
    private Task<MessageFrame?>? _receiving;
    private string? _taken;

    private MessageFeed(MessageSockets sockets, ITopicEnds ends, TimeProvider clock, Namespace @namespace, Topic topic) =>
        (_sockets, _ends, _clock, _namespace, _topic) = (sockets, ends, clock, @namespace, topic);

    public static async Task<Outcome<MessageFeed>> OpenAsync(
        MessageSockets sockets,
        ITopicEnds ends,
        TimeProvider clock,
        Namespace @namespace,
        Topic topic,
        CancellationToken cancellationToken
    )
    {
        var feed = new MessageFeed(sockets, ends, clock, @namespace, topic);
        if (topic.Persistent)
        {
            if (!(await ends.LastAsync(topic.OnCluster, cancellationToken)).TryGet(out var last, out var refused))
                return refused;
            for (var partition = 0; partition < last.Count; partition++)
                feed._seen[partition] = last[partition];
        }
        return await feed.ConnectAsync(cancellationToken) is { } problem ? problem : feed;
    }

    public async Task<Message?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var quiet = Quiet; ; )
            {
                if (_fetched.TryDequeue(out var fetched))
                    return fetched;
                if (_socket is not { } socket)
                    return null;
                if (_taken is { } taken)
                    await socket.SendAsync(new AcknowledgeFrame(taken), MessageFrames.Default.AcknowledgeFrame, cancellationToken);
                _taken = null;
                try
                {
                    _receiving ??= socket.ReceiveAsync(MessageFrames.Default.MessageFrame, CancellationToken.None);
                    var message = (
                        await _receiving.WaitAsync(_topic.Persistent ? quiet : Timeout.InfiniteTimeSpan, _clock, cancellationToken)
                    )?.ToMessage();
                    _receiving = null;
                    _taken = message?.MessageId;
                    if (message is null || IsNews(message))
                        return message;
                }
                catch (TimeoutException)
                {
                    await LookAsync(cancellationToken);
                    quiet = quiet * 2 < LongestQuiet ? quiet * 2 : LongestQuiet;
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or JsonException or IOException)
        {
            return null;
        }
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
        (_receiving, _taken) = (null, null);
    }

    private async Task<Problem?> ConnectAsync(CancellationToken cancellationToken)
    {
        var query = $"messageId={ReadPosition.Latest}&receiverQueueSize={Queue}&readerName={Cluster.OwnReaderPrefix}{_clock.NewUuid():N}";
        return (await _sockets.OpenAsync(_namespace, _topic, "reader", null, query, cancellationToken, Alive)).TryGet(
            out _socket,
            out var problem
        )
            ? null
            : problem;
    }

    /// <summary>False for one that was fetched already.</summary>
    private bool IsNews(Message message)
    {
        if (!MessageId.TryParse(message.MessageId, out var id))
            return true;
        var partition = Math.Max(id.Partition, 0);
        if (_given.GetValueOrDefault(partition) is { } given && !IsBehind(new(id.Ledger, id.Entry, id.BatchIndex), given))
            return false;
        _seen[partition] = id.Place;
        return true;
    }

    /// <summary>Fetches what did not come, when a message without a value is among it.</summary>
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        List<(int Partition, StoredEntry Entry)> found = [];
        await WalkAsync(found, cancellationToken);
        if (!found.Any(one => FetchedEntry.HasNull(one.Entry)))
            return;
        await DisposeAsync();
        var broken = await ConnectAsync(cancellationToken) is not null;
        // What came before the new reader was there. It gives what comes behind; some of it may be here already.
        if (!broken && !await WalkAsync(found, cancellationToken))
            await DisposeAsync();
        foreach (var (partition, place) in _seen)
            _given[partition] = place;
        foreach (
            var message in found
                .SelectMany(one => FetchedEntry.Of(one.Entry, _topic.Partitions == 0 ? null : one.Partition))
                .Select(one => one.Message)
                .OrderBy(message => message.PublishTime)
        )
            _fetched.Enqueue(message);
    }

    /// <summary>What lies between what was seen and the topic's end.</summary>
    /// <returns>Whether that could be told, and was not too much.</returns>
    private async Task<bool> WalkAsync(List<(int Partition, StoredEntry Entry)> found, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Answer, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (!(await _ends.LastAsync(_topic.OnCluster, both.Token)).TryGet(out var last, out _))
                return false;
            for (var partition = 0; partition < last.Count; partition++)
            {
                // Partitions are added by the cluster's operator.
                if (!_seen.TryGetValue(partition, out var seen))
                    _seen[partition] = seen = last[partition];
                while (last[partition] is { } end && (seen is not { } place || IsBehind(end, place)))
                {
                    if (found.Count == MostFetched)
                        return false;
                    if (
                        !(await _ends.NextAsync(_topic.OnCluster, _topic.Partitions == 0 ? null : partition, seen, both.Token)).TryGet(
                            out var entry,
                            out _
                        )
                    )
                        return false;
                    // The last one may be no message.
                    _seen[partition] = seen = entry?.Place ?? end with { BatchIndex = -1 };
                    if (entry is not null)
                        found.Add((partition, entry));
                }
            }
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static bool IsBehind(MessagePosition message, MessagePosition place)
    {
        var order = (message.Ledger, message.Entry).CompareTo((place.Ledger, place.Entry));
        return order > 0 || (order == 0 && place.BatchIndex >= 0 && message.BatchIndex > place.BatchIndex);
    }
}
