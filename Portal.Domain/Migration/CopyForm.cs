using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Portal.Domain.Migration;

/// <summary>
/// How a Kafka record lies in Pulsar, and how the record is read out of it again: pure, and nothing is lost on the way.
/// A key that is UTF-8 text is the message's key, another one is its key in base64, marked as binary. Headers are
/// properties, in their order. Where a header is no property (its value is binary or null, its name comes twice or is the
/// rule's own), one more property, <see cref="HeadersProperty"/>, holds all of them as JSON: an array of name and base64
/// of the value, or null. Timestamps are event times, offsets plus one are sequence ids.
/// </summary>
public static class CopyForm
{
    /// <summary>Where it is there, it is the whole truth about the headers.</summary>
    public const string HeadersProperty = "kafka.headers";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Null for a tombstone that is to be left out.</summary>
    public static PulsarRecord? ToPulsar(KafkaRecord record, Tombstones tombstones)
    {
        var value = record.Value;
        if (value is null && tombstones == Tombstones.Skip)
            return null;
        if (value is null && tombstones == Tombstones.Empty)
            value = [];
        var (key, binary) =
            record.Key is not { } bytes ? (null, false)
            : Text(bytes) is { } text ? (text, false)
            : (Convert.ToBase64String(bytes), true);
        return new(SequenceOf(record.Offset), key, binary, value, Math.Max(0, record.Timestamp), Properties(record.Headers));
    }

    /// <summary>The record that a message came from.</summary>
    /// <exception cref="FormatException">It is none that came from the copy.</exception>
    public static KafkaRecord ToKafka(PulsarRecord record) =>
        new(
            record.Sequence - 1,
            record.EventTime,
            record.Key is null ? null
                : record.KeyIsBinary ? Convert.FromBase64String(record.Key)
                : Strict.GetBytes(record.Key),
            record.Value,
            Headers(record.Properties)
        );

    /// <summary>Sequences begin at one, so that a broker that knows none says something else.</summary>
    public static long SequenceOf(long offset) => offset + 1;

    /// <summary>
    /// A hash over everything that a record is but its place: key, value, headers and time, with what is null told from what is empty.
    /// </summary>
    public static byte[] Digest(KafkaRecord record, Tombstones tombstones)
    {
        var value = record.Value is null && tombstones == Tombstones.Empty ? [] : record.Value;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, record.Key);
        Add(hash, value);
        Add(hash, Math.Max(0, record.Timestamp));
        Add(hash, record.Headers.Count);
        foreach (var header in record.Headers)
        {
            Add(hash, Encoding.UTF8.GetBytes(header.Name));
            Add(hash, header.Value);
        }
        return hash.GetHashAndReset();
    }

    private static void Add(IncrementalHash hash, byte[]? bytes)
    {
        Add(hash, bytes?.Length ?? -1L);
        if (bytes is not null)
            hash.AppendData(bytes);
    }

    private static void Add(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static List<KeyValuePair<string, string>> Properties(IReadOnlyList<KafkaHeader> headers)
    {
        if (headers.Count == 0)
            return [];
        var properties = new List<KeyValuePair<string, string>>(headers.Count);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var whole = true;
        foreach (var header in headers)
        {
            if (header.Name != HeadersProperty && header.Value is { } bytes && Text(bytes) is { } text && names.Add(header.Name))
                properties.Add(new(header.Name, text));
            else
                whole = false;
        }
        if (!whole)
            properties.Add(new(HeadersProperty, Json(headers)));
        return properties;
    }

    private static List<KafkaHeader> Headers(IReadOnlyList<KeyValuePair<string, string>> properties)
    {
        if (properties.Count == 0)
            return [];
        // The rule writes it last; a header of a record that had it as a name is inside of it.
        return properties[^1].Key == HeadersProperty
            ? Parse(properties[^1].Value)
            : [.. properties.Select(property => new KafkaHeader(property.Key, Strict.GetBytes(property.Value)))];
    }

    private static string Json(IReadOnlyList<KafkaHeader> headers)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Readable))
        {
            json.WriteStartArray();
            foreach (var header in headers)
            {
                json.WriteStartArray();
                json.WriteStringValue(header.Name);
                if (header.Value is { } value)
                    json.WriteBase64StringValue(value);
                else
                    json.WriteNullValue();
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static List<KafkaHeader> Parse(string json)
    {
        try
        {
            return
            [
                .. JsonElement
                    .Parse(json)
                    .EnumerateArray()
                    .Select(pair => new KafkaHeader(
                        pair[0].GetString() ?? throw new FormatException(),
                        pair[1].ValueKind == JsonValueKind.Null ? null : pair[1].GetBytesFromBase64()
                    )),
            ];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new FormatException("This isn't what the copy writes about headers.", exception);
        }
    }

    /// <summary>Null for what is no UTF-8, or would not come back as the same bytes.</summary>
    private static string? Text(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>What becomes of records without a value: they stay null values, become empty ones, or are left out.</summary>
public enum Tombstones
{
    Keep,
    Empty,
    Skip,
}

/// <summary>What becomes of a record that is larger than the target takes: the copy stops there, or leaves it out and says so.</summary>
public enum TooLarge
{
    Stop,
    Skip,
}
