using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Single messages and message ids: peek, the last id, the id at a time. None of it moves a cursor or counts as read.</summary>
internal sealed class MessageRoutes(ClusterState state, Broker broker, Access access)
{
    private static readonly JsonSerializerOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Map(Router router)
    {
        router.MapPersistent("GET", "/{topic}/subscription/{sub}/position/{n}", PeekAsync);
        router.MapPersistent("GET", "/{topic}/ledger/{ledger}/entry/{entry}", EntryAsync);
        router.MapPersistent("GET", "/{topic}/lastMessageId", LastAsync);
        router.MapPersistent("GET", "/{topic}/messageid/{time}", AtTimeAsync);
    }

    public static JsonObject IdDocument(Position position, int partition) =>
        new()
        {
            ["ledgerId"] = position.Ledger,
            ["entryId"] = position.EntryId,
            ["partitionIndex"] = partition,
            ["batchIndex"] = -1,
            ["batchSize"] = 0,
        };

    public static Answer Id(Position position, int partition) => Answer.Json(IdDocument(position, partition));

    /// <summary>ISO 8601 with as many digits of the second as it has, as Java writes an instant.</summary>
    public static string Instant(long milliseconds) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(milliseconds)
            .UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    // Peeking with an unknown subscription creates it, durable, at the earliest message.
    private async Task<Answer> PeekAsync(Call call)
    {
        access.DemandSubscription(call, "PEEK_MESSAGES");
        NotPartitioned(call, "Peek messages on a partitioned topic is not allowed");
        var n = call.Number("n");
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        if (n < 1)
            throw new RefusalException(Answer.Unforeseen("null"));
        var subscription = topic.AddSubscription(
            call["sub"],
            durable: true,
            Position.Earliest,
            startExcluded: false,
            new Dictionary<string, string>()
        );
        lock (topic.Gate)
        {
            for (var offset = subscription.Cursor.MarkDelete + 1; offset < topic.Log.End; offset++)
            {
                if (!subscription.Cursor.IsAcknowledged(offset) && --n == 0)
                    return Message(topic.Log.Read(offset));
            }
        }
        throw new RefusalException(404, "Message not found");
    }

    private async Task<Answer> EntryAsync(Call call)
    {
        access.DemandTopic(call, "PEEK_MESSAGES", Grant.Consume);
        var wanted = new Position(call.Number("ledger"), call.Number("entry"));
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        lock (topic.Gate)
        {
            var offset = topic.Log.Floor(wanted);
            if (offset >= topic.Log.First && topic.Log[offset].Position == wanted)
                return Message(topic.Log.Read(offset));
            if (topic.Log.Ledgers.All(ledger => ledger.Id != wanted.Ledger))
                throw new RefusalException(404, "Message id not found");
            throw new RefusalException(
                Answer.Unforeseen(
                    wanted.EntryId < 0
                        ? "Incorrect parameter input error code: -14"
                        : $"LastConfirmedEntry is {topic.Log.LastPosition} when reading entry {wanted.EntryId}"
                )
            );
        }
    }

    private async Task<Answer> LastAsync(Call call)
    {
        access.DemandTopic(call, "PEEK_MESSAGES", Grant.Consume);
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        lock (topic.Gate)
            return Id(topic.Log.LastPosition, call.Topic.PartitionIndex);
    }

    // The first message published at or after the time; past the end, the place of the next one.
    private async Task<Answer> AtTimeAsync(Call call)
    {
        access.DemandTopic(call, "PEEK_MESSAGES", Grant.Consume);
        NotPartitioned(
            call,
            "Get message ID by timestamp on a partitioned topic is not allowed, please try do it on specific topic partition"
        );
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        lock (topic.Gate)
        {
            var offset = topic.Log.FirstSince(call.Number("time"));
            var position =
                offset < topic.Log.End
                    ? topic.Log[offset].Position
                    : topic.Log.LastPosition with
                    {
                        EntryId = topic.Log.LastPosition.EntryId + 1,
                    };
            return Id(position, call.Topic.PartitionIndex);
        }
    }

    private void NotPartitioned(Call call, string sentence)
    {
        if (state.Partitioned.ContainsKey(call.Topic.Full))
            throw new RefusalException(405, sentence);
    }

    private static Answer Message(Entry entry)
    {
        var metadata = entry.Decoded;
        var properties = JsonSerializer.Serialize(metadata.Properties.ToDictionary(p => p.Key, p => p.Value), _relaxed);
        var headers = new List<KeyValuePair<string, string>>
        {
            new("X-Pulsar-Message-ID", entry.Position.ToString()),
            new("X-Pulsar-PROPERTY", Latin(properties)),
            new("X-Pulsar-publish-time", Instant(metadata.PublishTime)),
        };
        if (metadata.EventTime is { } eventTime)
            headers.Add(new("X-Pulsar-event-time", Instant(eventTime)));
        if (metadata.DeliverAt is { } deliverAt)
            headers.Add(new("X-Pulsar-deliver-at-time", Instant(deliverAt)));
        headers.Add(new("X-Pulsar-Is-Encrypted", "false"));
        headers.Add(new("X-Pulsar-producer-name", Latin(metadata.ProducerName)));
        headers.Add(new("X-Pulsar-sequence-id", metadata.SequenceId.ToString(CultureInfo.InvariantCulture)));
        headers.Add(new("X-Pulsar-uncompressed-size", metadata.UncompressedSize.ToString(CultureInfo.InvariantCulture)));
        if (metadata.Key is { } key)
        {
            headers.Add(new("X-Pulsar-partition-key", Latin(key)));
            headers.Add(new("X-Pulsar-partition-key-b64-encoded", "false"));
        }
        headers.Add(new("X-Pulsar-txn-uncommitted", "false"));
        return new Answer(200, "application/json", entry.Payload) { Headers = headers };
    }

    // Headers are Latin-1; what is not arrives as a blank.
    private static string Latin(string text) => string.Concat(text.Select(c => c is >= ' ' and < (char)256 and not (char)127 ? c : ' '));
}
