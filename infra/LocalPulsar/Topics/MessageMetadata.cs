namespace LocalPulsar.Topics;

/// <summary>
/// Pulsar's MessageMetadata (PulsarApi.proto), the fields that an unbatched message of the WebSocket service has.
/// Encoded as the Java client encodes it, so that sizes, and with them bytesIn, equal a broker's. Times are Unix milliseconds.
/// </summary>
internal sealed record MessageMetadata
{
    public required string ProducerName { get; init; }
    public required long SequenceId { get; init; }
    public required long PublishTime { get; init; }
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];
    public string? Key { get; init; }
    public IReadOnlyList<string> ReplicateTo { get; init; } = [];
    public required long UncompressedSize { get; init; }
    public long? EventTime { get; init; }
    public long? DeliverAt { get; init; }

    public byte[] Encode()
    {
        var writer = new ProtobufWriter().Text(1, ProducerName).Varint(2, SequenceId).Varint(3, PublishTime);
        foreach (var (name, value) in Properties)
            writer.Bytes(4, new ProtobufWriter().Text(1, name).Text(2, value).ToArray());
        if (Key is not null)
            writer.Text(6, Key);
        foreach (var cluster in ReplicateTo)
            writer.Text(7, cluster);
        writer.Varint(9, UncompressedSize);
        if (EventTime is { } eventTime)
            writer.Varint(12, eventTime);
        if (Key is not null)
            writer.Varint(17, 0); // partition_key_b64_encoded, always set beside a key
        if (DeliverAt is { } deliverAt)
            writer.Varint(19, deliverAt);
        return writer.ToArray();
    }

    public static MessageMetadata Decode(ReadOnlySpan<byte> bytes)
    {
        string producer = "";
        string? key = null;
        long sequence = 0,
            published = 0,
            size = 0;
        long? eventTime = null,
            deliverAt = null;
        var properties = new List<KeyValuePair<string, string>>();
        var replicateTo = new List<string>();
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1:
                    producer = reader.Text;
                    break;
                case 2:
                    sequence = reader.Number;
                    break;
                case 3:
                    published = reader.Number;
                    break;
                case 4:
                    properties.Add(DecodeProperty(reader.Value));
                    break;
                case 6:
                    key = reader.Text;
                    break;
                case 7:
                    replicateTo.Add(reader.Text);
                    break;
                case 9:
                    size = reader.Number;
                    break;
                case 12:
                    eventTime = reader.Number;
                    break;
                case 19:
                    deliverAt = reader.Number;
                    break;
            }
        }
        return new MessageMetadata
        {
            ProducerName = producer,
            SequenceId = sequence,
            PublishTime = published,
            Properties = properties,
            Key = key,
            ReplicateTo = replicateTo,
            UncompressedSize = size,
            EventTime = eventTime,
            DeliverAt = deliverAt,
        };
    }

    private static KeyValuePair<string, string> DecodeProperty(ReadOnlySpan<byte> bytes)
    {
        string name = "",
            value = "";
        var reader = new ProtobufReader(bytes);
        while (reader.Read())
        {
            if (reader.Field == 1)
                name = reader.Text;
            else if (reader.Field == 2)
                value = reader.Text;
        }
        return new(name, value);
    }
}
