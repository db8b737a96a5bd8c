using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using LocalPulsar.Topics;

namespace LocalPulsar.WebSockets;

/// <summary>Messages from one WebSocket to a topic, or to the partitions of one; answers in the order of the messages.</summary>
internal sealed class ProducerSession(TopicName name, TopicDirectory directory, Broker broker, ProducerOptions options, string address)
    : ISession,
        ITopicClient
{
    private const int MostPending = 1000;
    private readonly Lock _gate = new();
    private readonly Channel<Task<JsonObject>> _answers = Channel.CreateBounded<Task<JsonObject>>(MostPending);
    private readonly int _single = RandomNumberGenerator.GetInt32(int.MaxValue);
    private List<(Topic Topic, Producer Producer)> _places = [];
    private Dictionary<string, long> _sequences = [];
    private string? _producerName = options.Name;
    private int _next = -1;
    private volatile bool _detached;

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        var topics = await directory.ForClientAsync(name, cancellationToken);
        _producerName ??= broker.NextProducerName();
        var places = new List<(Topic, Producer)>();
        foreach (var topic in topics)
        {
            var producer = new Producer(places.Count, _producerName, this, address, broker.Clock.GetUtcNow());
            try
            {
                topic.Join(producer);
            }
            catch (TopicRefusalException)
            {
                foreach (var (joined, with) in places)
                    joined.Leave(with);
                throw;
            }
            places.Add((topic, producer));
        }
        lock (_gate)
            _places = places;
        _detached = false;
    }

    public async Task RunAsync(Frames frames)
    {
        var sending = SendAllAsync(frames);
        while (await frames.ReceiveAsync() is { } text)
        {
            await _answers.Writer.WriteAsync(PublishAsync(text, frames.Gone), frames.Gone);
            if (Wait() is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, broker.Clock, frames.Gone);
        }
        _answers.Writer.Complete();
        await sending;
    }

    public void Close()
    {
        lock (_gate)
        {
            foreach (var (topic, producer) in _places)
                topic.Leave(producer);
            _places = [];
        }
    }

    public void Dispose() => Close();

    // Connects again at the next message.
    public void Detached() => _detached = true;

    private TimeSpan Wait()
    {
        lock (_gate)
            return _places.Select(place => place.Topic.PublishWait()).DefaultIfEmpty().Max();
    }

    private async Task SendAllAsync(Frames frames)
    {
        try
        {
            await foreach (var answer in _answers.Reader.ReadAllAsync(frames.Gone))
                await frames.SendAsync(await answer);
        }
        catch (Exception e) when (e is OperationCanceledException or System.Net.WebSockets.WebSocketException)
        {
            frames.Abort();
        }
    }

    private async Task<JsonObject> PublishAsync(string text, CancellationToken cancellationToken)
    {
        JsonObject message;
        try
        {
            message =
                JsonNode.Parse(text) as JsonObject
                ?? throw new JsonException(
                    "Cannot deserialize value of type `org.apache.pulsar.websocket.data.ProducerMessage` from this value"
                );
        }
        catch (JsonException e)
        {
            return Refused(
                3,
                $"{e.Message}\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1]",
                null
            );
        }
        var context = Text(message["context"]);
        try
        {
            var position = await PublishAsync(Read(message), cancellationToken);
            var answer = new JsonObject { ["result"] = "ok", ["messageId"] = position.Encode() };
            if (context is not null)
                answer["context"] = context;
            answer["errorCode"] = 0;
            answer["schemaVersion"] = 0;
            return answer;
        }
        catch (FormatException e)
        {
            return Refused(7, e.Message, context);
        }
        catch (TopicRefusalException refusal)
        {
            var kind = refusal.Kind switch
            {
                RefusalKind.Terminated => "TopicTerminatedException: Topic was terminated",
                RefusalKind.QuotaExceeded =>
                    $"ProducerBlockedQuotaExceededException: The backlog quota of the topic {name} that the producer "
                        + $"{_producerName} produces to is exceeded",
                RefusalKind.TopicNotFound => "AlreadyClosedException: Producer already closed",
                _ => $"NotAllowedException: {refusal.Message}",
            };
            return Refused(8, $"org.apache.pulsar.client.api.PulsarClientException${kind}", context);
        }
    }

    private async Task<MessageId> PublishAsync(Outgoing message, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_detached)
                await ReconnectAsync(cancellationToken);
            Task<Position> stored;
            int partition;
            try
            {
                lock (_gate)
                {
                    partition = Route(message.Key);
                    var (topic, producer) = _places[partition];
                    var sequence = _sequences.GetValueOrDefault(topic.Name.Full, options.FirstSequence);
                    _sequences[topic.Name.Full] = sequence + 1;
                    stored = topic.Publish(producer, message.Metadata(_producerName!, sequence, topic.Now), message.Payload);
                    partition = topic.Name == name ? -1 : topic.Name.PartitionIndex; // none of a partition by its own name
                }
            }
            catch (TopicRefusalException refusal) when (refusal.Kind == RefusalKind.Fenced)
            {
                _detached = true;
                continue;
            }
            return new MessageId(await stored, partition);
        }
    }

    private async Task ReconnectAsync(CancellationToken cancellationToken)
    {
        Close();
        await ConnectAsync(cancellationToken);
    }

    private int Route(string? key)
    {
        if (_places.Count == 1)
            return 0;
        if (key is not null)
            return JavaHash(key) % _places.Count;
        return options.RoundRobin ? (_next = (_next + 1) % _places.Count) : _single % _places.Count;
    }

    // String.hashCode of Java, without its sign: the default hashing scheme.
    private static int JavaHash(string key) => key.Aggregate(0, (hash, c) => unchecked(hash * 31 + c)) & int.MaxValue;

    private static JsonObject Refused(int code, string sentence, string? context)
    {
        var answer = new JsonObject { ["result"] = $"send-error:{code}", ["errorMsg"] = sentence };
        if (context is not null)
            answer["context"] = context;
        answer["errorCode"] = 0;
        answer["schemaVersion"] = 0;
        return answer;
    }

    private static Outgoing Read(JsonObject message)
    {
        var payload =
            Text(message["payload"])
            ?? throw new FormatException("Cannot invoke \"String.getBytes(java.nio.charset.Charset)\" because \"src\" is null");
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(payload);
        }
        catch (FormatException)
        {
            var bad = payload.FirstOrDefault(c => !char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '='));
            throw new FormatException($"Invalid Base64 message-payload error=Illegal base64 character {(int)bad:x}");
        }
        var properties = (message["properties"] as JsonObject)?.Select(p => KeyValuePair.Create(p.Key, Text(p.Value) ?? "")).ToList();
        var clusters = (message["replicationClusters"] as JsonArray)?.Select(c => Text(c) ?? "").ToList();
        return new Outgoing(
            bytes,
            Text(message["key"]),
            properties ?? [],
            clusters ?? [],
            EventTime(message),
            Milliseconds(message["deliverAt"]),
            Milliseconds(message["deliverAfterMs"])
        );
    }

    private static long? EventTime(JsonObject message) =>
        Text(message["eventTime"]) switch
        {
            null => null,
            var text
                when text.Contains('T', StringComparison.Ordinal)
                    && DateTimeOffset.TryParse(
                        text,
                        System.Globalization.CultureInfo.InvariantCulture,
                        System.Globalization.DateTimeStyles.AssumeUniversal,
                        out var instant
                    ) => instant.ToUnixTimeMilliseconds(),
            var text => throw new FormatException($"Text '{text}' could not be parsed at index 0"),
        };

    private static long? Milliseconds(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<long>(out var number) && number > 0 ? number : null;

    private static string? Text(JsonNode? node) =>
        node is null ? null
        : node is JsonValue value && value.TryGetValue<string>(out var text) ? text
        : node.ToJsonString();

    private sealed record Outgoing(
        byte[] Payload,
        string? Key,
        List<KeyValuePair<string, string>> Properties,
        List<string> ReplicateTo,
        long? EventTime,
        long? DeliverAt,
        long? DeliverAfter
    )
    {
        public MessageMetadata Metadata(string producer, long sequence, long now) =>
            new()
            {
                ProducerName = producer,
                SequenceId = sequence,
                PublishTime = now,
                Properties = Properties,
                Key = Key,
                ReplicateTo = ReplicateTo,
                UncompressedSize = Payload.Length,
                EventTime = EventTime,
                DeliverAt = DeliverAt ?? now + DeliverAfter,
            };
    }
}
