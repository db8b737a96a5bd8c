using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using LocalPulsar.Admin;
using LocalPulsar.Topics;

namespace LocalPulsar.WebSockets;

/// <summary>
/// Messages from a topic, or the partitions of one, to one WebSocket. Like the client inside a broker's service it
/// takes messages in advance (what is dispatched counts, delivered or not) and pushes as many as may be unacknowledged.
/// </summary>
internal sealed class ConsumerSession(TopicName name, TopicDirectory directory, Broker broker, ConsumerOptions options, string address)
    : ISession,
        IConsumerClient
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(100);
    private readonly Lock _gate = new();
    private readonly Channel<Delivery> _queue = Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _room = new(options.PullMode ? 0 : options.QueueSize);
    private readonly Dictionary<string, (Position Position, int Taken)> _progress = [];
    private readonly ConcurrentDictionary<string, Position> _dropped = [];
    private readonly CancellationTokenSource _closing = new();
    private List<Consumer> _consumers = [];
    private int _reconnecting;
    private bool _unsubscribed;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var topics = await directory.ForClientAsync(name, cancellationToken);
        var consumers = new List<Consumer>();
        try
        {
            foreach (var topic in topics)
                consumers.Add(Join(topic));
        }
        catch (TopicRefusalException)
        {
            consumers.ForEach(c => c.Close());
            throw;
        }
        lock (_gate)
            _consumers = consumers;
        consumers.ForEach(c => c.Flow(options.QueueSize));
    }

    public async Task RunAsync(Frames frames)
    {
        var pushing = PushAllAsync(frames);
        while (await frames.ReceiveAsync() is { } text)
        {
            if (!await HandleAsync(text, frames))
            {
                frames.Abort();
                break;
            }
        }
        await _closing.CancelAsync();
        await pushing;
    }

    public void Close()
    {
        lock (_gate)
        {
            _consumers.ForEach(c => c.Close());
            _consumers = [];
        }
    }

    public void Dispose()
    {
        Close();
        _closing.Dispose();
        _room.Dispose();
    }

    public void Deliver(Consumer consumer, Entry entry, int redeliveries) =>
        _queue.Writer.TryWrite(new Delivery(consumer, entry, redeliveries));

    // The topic was unloaded, or the subscription removed: connect again, as a client does.
    public void Detached()
    {
        if (Interlocked.Exchange(ref _reconnecting, 1) == 0)
            _ = ReconnectAsync();
    }

    private Consumer Join(Topic topic)
    {
        var policies = topic.Policies;
        var type = Subscription.Wire(options.Type);
        if (policies is { SubscriptionTypes.Count: > 0 } && !policies.SubscriptionTypes.Contains(type))
            throw new TopicRefusalException(RefusalKind.NotAllowed, $"Topic[{{{topic.Name}}}] doesn't support {type} sub type!");
        if (topic.Find(options.Subscription) is null && options.Durable && policies is { AutoSubscriptionCreation: false })
            throw new TopicRefusalException(RefusalKind.SubscriptionNotFound, "Subscription does not exist");
        var start = options.Start;
        var excluded = options.StartExcluded;
        if (options.StartPartition >= 0 && topic.Name.PartitionIndex != options.StartPartition)
            (start, excluded) = (Position.Earliest, false);
        if (options.IsReader && _progress.TryGetValue(topic.Name.Full, out var progress))
            (start, excluded) = (progress.Position, true);
        // A broker sends, and counts, the message that a reader begins after; its client drops it.
        if (options.IsReader && excluded)
        {
            _dropped[topic.Name.Full] = start;
            excluded = false;
        }
        topic.AddSubscription(options.Subscription, options.Durable, start, excluded, new Dictionary<string, string>());
        var consumer = new Consumer(topic, options.Name, options.Type, options.Priority, this, address, broker.Clock.GetUtcNow());
        topic.Join(consumer, options.Subscription);
        return consumer;
    }

    private async Task ReconnectAsync()
    {
        while (!_closing.IsCancellationRequested && !_unsubscribed)
        {
            await Task.Delay(_retry, broker.Clock);
            try
            {
                Close();
                await ConnectAsync(CancellationToken.None);
                break;
            }
            catch (TopicRefusalException refusal) when (refusal.Kind == RefusalKind.TopicNotFound)
            {
                return; // deleted, and not to be made again: silence
            }
            catch (TopicRefusalException)
            {
                // busy or just being unloaded: again
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        Interlocked.Exchange(ref _reconnecting, 0);
        if (_closing.IsCancellationRequested)
            Close();
    }

    private async Task PushAllAsync(Frames frames)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, frames.Gone);
        try
        {
            while (true)
            {
                await _room.WaitAsync(ended.Token);
                var delivery = await NextAsync(ended.Token);
                await frames.SendAsync(Frame(delivery));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The session is over.
        }
    }

    private async Task<Delivery> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var delivery = await _queue.Reader.ReadAsync(cancellationToken);
            bool current;
            lock (_gate)
                current = _consumers.Contains(delivery.Consumer);
            if (!current)
                continue; // of an earlier connection: it comes again
            var topic = delivery.Consumer.Topic.Name.Full;
            // The message that a reader begins after is dropped without making room for another, as Pulsar's client does.
            if (_dropped.TryRemove(topic, out var first) && first == delivery.Entry.Position)
            {
                _progress[topic] = (delivery.Entry.Position, _progress.GetValueOrDefault(topic).Taken);
                delivery.Consumer.Acknowledge(delivery.Entry.Position);
                continue;
            }
            var taken = _progress.GetValueOrDefault(topic).Taken + 1;
            if (taken >= Math.Max(1, options.QueueSize / 2))
            {
                delivery.Consumer.Flow(taken);
                taken = 0;
            }
            _progress[topic] = (delivery.Entry.Position, taken);
            if (options.IsReader)
                delivery.Consumer.Acknowledge(delivery.Entry.Position);
            return delivery;
        }
    }

    private static JsonObject Frame(Delivery delivery)
    {
        var metadata = delivery.Entry.Decoded;
        var frame = new JsonObject
        {
            ["messageId"] = new MessageId(delivery.Entry.Position, delivery.Consumer.Topic.Name.PartitionIndex).Encode(),
            ["payload"] = Convert.ToBase64String(delivery.Entry.Payload),
            ["properties"] = new JsonObject(
                metadata.Properties.DistinctBy(p => p.Key).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))
            ),
            ["publishTime"] = MessageRoutes.Instant(metadata.PublishTime),
            ["redeliveryCount"] = delivery.Redeliveries,
        };
        if (metadata.EventTime is { } eventTime)
            frame["eventTime"] = MessageRoutes.Instant(eventTime);
        if (metadata.Key is { } key)
            frame["key"] = key;
        return frame;
    }

    /// <returns>False: what came is not readable, the connection ends.</returns>
    private async Task<bool> HandleAsync(string text, Frames frames)
    {
        JsonObject? command;
        try
        {
            command = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
        switch ((string?)command?["type"])
        {
            case "permit":
                if (command!["permitMessages"] is not JsonValue value || !value.TryGetValue<int>(out var permits))
                    return false;
                if (permits > 0)
                    _room.Release(permits);
                return true;
            case "isEndOfTopic":
                await frames.SendAsync(new JsonObject { ["endOfTopic"] = IsEnd() });
                return true;
            case "unsubscribe":
                Unsubscribe();
                return true;
            case "negativeAcknowledge":
                if (Find(command!, out var later, out var position))
                    _ = RedeliverLaterAsync(later, position);
                return true;
            case null when command is null:
                return false;
            default:
                if (Find(command!, out var consumer, out var acknowledged))
                    consumer.Acknowledge(acknowledged);
                return true;
        }
    }

    // An acknowledgement of either kind makes room for one message more.
    private bool Find(JsonObject command, out Consumer consumer, out Position position)
    {
        (consumer, position) = (null!, default);
        if (!MessageId.TryDecode((string?)command["messageId"], out var id))
            return false;
        _room.Release();
        lock (_gate)
        {
            var of = _consumers.Find(c => id.Value.Partition < 0 || c.Topic.Name.PartitionIndex == id.Value.Partition);
            (consumer, position) = (of!, id.Value.Position);
            return of is not null;
        }
    }

    private async Task RedeliverLaterAsync(Consumer consumer, Position position)
    {
        await Task.Delay(options.RedeliveryDelay, broker.Clock);
        consumer.Redeliver(position);
    }

    private bool IsEnd()
    {
        lock (_gate)
        {
            return _consumers.TrueForAll(c =>
            {
                lock (c.Topic.Gate)
                    return c.Topic.Terminated && c.Subscription.ReadOffset >= c.Topic.Log.End;
            });
        }
    }

    private void Unsubscribe()
    {
        List<Consumer> consumers;
        lock (_gate)
        {
            _unsubscribed = true;
            consumers = _consumers;
            _consumers = [];
        }
        foreach (var consumer in consumers)
            consumer.Topic.RemoveSubscription(consumer.Subscription);
    }

    private readonly record struct Delivery(Consumer Consumer, Entry Entry, int Redeliveries);
}
