using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Reads payloads by their topic's schema. JSON and texts say themselves what they are; a value in Avro is read by the version
/// that it was written with, which brokers tell of each entry. What can't be read keeps its bytes and gets a reason.
/// </summary>
internal sealed class MessageDecoder(ISchemaAdmin schemas, SchemaCache cache, IMessageClient messages, Topic topic)
{
    /// <summary>Bytes of JSON that one value may become: with a page of 8 MiB it stays within what a read may hold.</summary>
    internal const int LargestValue = 1024 * 1024;

    // Of all values of a page together; after that they stay bytes.
    private const int LargestPage = 16 * 1024 * 1024;

    private const int SideBySide = 8;

    /// <summary>The same messages; as they were where the topic has no schema, or its cluster does not say.</summary>
    internal async Task<IReadOnlyList<Message>> DecodeAsync(IReadOnlyList<Message> found, CancellationToken cancellationToken)
    {
        if (found.Count == 0 || (await schemas.GetAsync(topic.OnCluster, null, cancellationToken)) is not { IsOk: true, Value: { } newest })
            return found;
        if (newest.Type != "AVRO")
            return
            [
                .. found.Select(message => message.IsNull ? message : message with { Decoded = Plain(newest.Type, message.Payload.Span) }),
            ];
        var versions = await VersionsAsync(found, cancellationToken);
        List<Message> decoded = [];
        var written = 0L;
        foreach (var message in found)
        {
            if (message.IsNull)
            {
                decoded.Add(message);
                continue;
            }
            var value =
                written > LargestPage
                    ? new DecodedValue("AVRO", null, null, "This page is full. Read fewer messages at once to decode them all.")
                    : await AvroAsync(message, versions, cancellationToken);
            written += value.Json?.Length ?? 0;
            decoded.Add(message with { Decoded = value });
        }
        return decoded;
    }

    private async Task<DecodedValue> AvroAsync(
        Message message,
        Dictionary<(int?, long, long), Outcome<long?>> versions,
        CancellationToken cancellationToken
    )
    {
        if (Place(message) is not { } place || !versions.TryGetValue(place, out var asked))
            return new("AVRO", null, null, "We couldn't tell which version it was written with.");
        if (!asked.TryGet(out var written, out var problem))
            return new("AVRO", null, null, problem.Message);
        if (written is not { } version)
            return new("AVRO", null, null, "It was written without a schema.");
        var (type, definition) = await cache.FindAsync(schemas, topic, version, cancellationToken);
        if (!definition.TryGet(out var avro, out problem))
            return new(type, version, null, problem.Message);
        return AvroValue.ToJson(avro, message.Payload.Span, LargestValue).TryGet(out var json, out problem)
            ? new(type, version, json, null)
            : new(type, version, null, $"It doesn't fit version {version} of the schema. {problem.Message}");
    }

    /// <summary>Of each entry once: the messages of a batch have one version.</summary>
    private async Task<Dictionary<(int?, long, long), Outcome<long?>>> VersionsAsync(
        IReadOnlyList<Message> found,
        CancellationToken cancellationToken
    )
    {
        var places = found.Where(message => !message.IsNull).Select(Place).OfType<(int?, long, long)>().Distinct().ToArray();
        var answers = new Outcome<long?>[places.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, places.Length),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = cancellationToken },
            async (index, token) =>
                answers[index] = await schemas.WrittenWithAsync(
                    topic.OnCluster,
                    places[index].Item1,
                    places[index].Item2,
                    places[index].Item3,
                    token
                )
        );
        return places.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private (int?, long, long)? Place(Message message) =>
        messages.Locate(message.MessageId).TryGet(out var place, out _)
            ? (place.Partition, place.Position.Ledger, place.Position.Entry)
            : null;

    /// <summary>
    /// Types whose values need no definition to be read. Null for JSON and text that are what they should be: they say it themselves.
    /// </summary>
    internal static DecodedValue? Plain(string type, ReadOnlySpan<byte> payload) =>
        type switch
        {
            "JSON" => IsJson(payload) ? null : new(type, null, null, "It isn't valid JSON, which the topic's schema asks for."),
            "STRING" => System.Text.Unicode.Utf8.IsValid(payload)
                ? null
                : new(type, null, null, "It isn't text in UTF-8, which the topic's schema asks for."),
            "BOOLEAN" => payload.Length == 1 ? new(type, null, payload[0] == 0 ? "false" : "true", null) : Wrong(type, payload, 1),
            "INT8" => payload.Length == 1 ? Number(type, (sbyte)payload[0]) : Wrong(type, payload, 1),
            "INT16" => payload.Length == 2 ? Number(type, BinaryPrimitives.ReadInt16BigEndian(payload)) : Wrong(type, payload, 2),
            "INT32" => payload.Length == 4 ? Number(type, BinaryPrimitives.ReadInt32BigEndian(payload)) : Wrong(type, payload, 4),
            "INT64" => payload.Length == 8 ? Number(type, BinaryPrimitives.ReadInt64BigEndian(payload)) : Wrong(type, payload, 8),
            "FLOAT" => payload.Length == 4 ? Real(type, BinaryPrimitives.ReadSingleBigEndian(payload)) : Wrong(type, payload, 4),
            "DOUBLE" => payload.Length == 8 ? Real(type, BinaryPrimitives.ReadDoubleBigEndian(payload)) : Wrong(type, payload, 8),
            _ => new(type, null, null, $"Portal doesn't decode {type} values. Read them with a client."),
        };

    private static bool IsJson(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 500 });
            while (reader.Read())
            {
                // To its end.
            }
            return System.Text.Unicode.Utf8.IsValid(payload);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static DecodedValue Number(string type, long number) => new(type, null, number.ToString(CultureInfo.InvariantCulture), null);

    private static DecodedValue Real(string type, double number) =>
        new(
            type,
            null,
            double.IsFinite(number)
                ? number.ToString("R", CultureInfo.InvariantCulture)
                : $"\"{number.ToString(CultureInfo.InvariantCulture)}\"",
            null
        );

    private static DecodedValue Wrong(string type, ReadOnlySpan<byte> payload, int expected) =>
        new(type, null, null, $"It has {(payload.Length == 1 ? "1 byte" : $"{payload.Length} bytes")}; {type} values have {expected}.");
}
