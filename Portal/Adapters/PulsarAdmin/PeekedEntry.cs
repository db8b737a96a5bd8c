using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// An entry as brokers hand it out to whoever peeks: its metadata in headers, which hold Latin letters only, and its payload
/// without compression. A batch's payload is its messages one after another, each behind its own metadata.
/// </summary>
internal static class PeekedEntry
{
    /// <summary>Null for an answer that is none.</summary>
    public static IReadOnlyList<Message>? Read(PulsarAnswer answer, int? partition) =>
        Header(answer, "X-Pulsar-Message-ID") is { } id
        && id.Split(':') is [var first, var second, ..]
        && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var ledger)
        && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var entry)
            ? Messages(answer, ledger, entry, partition)?.ConvertAll(stored => stored.Message)
            : null;

    /// <summary>
    /// Null for an answer that is none. An entry that readers are not given, such as the mark of a transaction, has no messages.
    /// </summary>
    public static StoredEntry? Stored(PulsarAnswer answer, long ledger, long entry, int? partition)
    {
        var place = new MessagePosition(ledger, entry, -1);
        if (Header(answer, "X-Pulsar-marker-type") is not null || Header(answer, "X-Pulsar-txn-aborted") == "true")
            return new(place, 0, [], true);
        if (Messages(answer, ledger, entry, partition) is not { } messages)
            return null;
        var single = Header(answer, "X-Pulsar-num-batch-message") is null;
        var whole = Header(answer, "X-Pulsar-Is-Encrypted") != "true" && Header(answer, "X-Pulsar-num-chunks-from-msg") is null;
        var size = single ? 0 : int.Parse(Header(answer, "X-Pulsar-num-batch-message")!, CultureInfo.InvariantCulture);
        return new(
            place,
            size,
            messages,
            whole && (!single || IsLatin(Header(answer, "X-Pulsar-partition-key")) && IsLatin(Header(answer, "X-Pulsar-PROPERTY")))
        );
    }

    /// <summary>Of a transaction that is still open: readers are given neither it nor what follows.</summary>
    public static bool IsHeldBack(PulsarAnswer answer) => Header(answer, "X-Pulsar-txn-uncommitted") == "true";

    // What a header cannot hold has become a blank, or a question mark.
    private static bool IsLatin(string? header) => header?.AsSpan().ContainsAny(' ', '?') != true;

    private static List<StoredMessage>? Messages(PulsarAnswer answer, long ledger, long entry, int? partition)
    {
        var place = partition is { } number
            ? string.Create(CultureInfo.InvariantCulture, $"{ledger}:{entry}:{number}")
            : $"{ledger}:{entry}";
        DateTimeOffset.TryParse(
            Header(answer, "X-Pulsar-publish-time"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var published
        );
        var inBatch = Header(answer, "X-Pulsar-num-batch-message");
        if (inBatch is null || Header(answer, "X-Pulsar-Is-Encrypted") == "true")
        {
            var message = new Message(
                place,
                Header(answer, "X-Pulsar-partition-key"),
                Properties(answer),
                answer.Body,
                published,
                answer.Body.Length
            )
            {
                IsNull = Header(answer, "X-Pulsar-null-value") == "true",
                EventTime = Event(answer),
                Origin = PulsarOrigins.In(answer, -1),
            };
            return [new(new(ledger, entry, -1), message)];
        }
        return int.TryParse(inBatch, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? Batch(answer.Body, count, place, new(ledger, entry, -1), partition, published, PulsarOrigins.In(answer, 0))
            : null;
    }

    private static List<StoredMessage>? Batch(
        byte[] body,
        int count,
        string place,
        MessagePosition position,
        int? partition,
        DateTimeOffset published,
        MessageOrigin? sender
    )
    {
        List<StoredMessage> found = [];
        var at = 0;
        for (var index = 0; index < count; index++)
        {
            if (body.Length - at < sizeof(int))
                return null;
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            at += sizeof(int);
            if (length < 0 || length > body.Length - at || Metadata.Read(body.AsSpan(at, length)) is not { } metadata)
                return null;
            at += length;
            if (metadata.Size < 0 || metadata.Size > body.Length - at)
                return null;
            // The index follows a partition, which is -1 where there is none.
            var id = string.Create(CultureInfo.InvariantCulture, $"{place}{(partition is null ? ":-1" : "")}:{index}");
            if (!metadata.CompactedOut)
            {
                found.Add(
                    new(
                        position with
                        {
                            BatchIndex = index,
                        },
                        new(id, metadata.Key, metadata.Properties, body.AsMemory(at, metadata.Size), published, metadata.Size)
                        {
                            IsNull = metadata.IsNull,
                            EventTime = metadata.EventTime,
                            Origin = sender is null
                                ? null
                                : sender with
                                {
                                    SequenceId = metadata.SequenceId ?? (index == 0 ? sender.SequenceId : null),
                                },
                        }
                    )
                );
            }
            at += metadata.Size;
        }
        return found;
    }

    private static DateTimeOffset? Event(PulsarAnswer answer) =>
        DateTimeOffset.TryParse(
            Header(answer, "X-Pulsar-event-time"),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var at
        )
            ? at
            : null;

    private static Dictionary<string, string> Properties(PulsarAnswer answer)
    {
        try
        {
            return JsonSerializer.Deserialize(Header(answer, "X-Pulsar-PROPERTY") ?? "{}", PulsarJson.Default.DictionaryStringString) ?? [];
        }
        catch (JsonException)
        {
            return []; // what a header cannot hold has become something else
        }
    }

    private static string? Header(PulsarAnswer answer, string name) =>
        answer.Headers is { } headers && headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>Pulsar's SingleMessageMetadata (protobuf), the fields that are shown.</summary>
    private sealed record Metadata(string? Key, Dictionary<string, string> Properties, int Size, bool CompactedOut)
    {
        // Of year 9999, in milliseconds.
        private const ulong LastInstant = 253_402_300_799_999;

        public DateTimeOffset? EventTime { get; init; }

        public long? SequenceId { get; init; }

        public bool IsNull { get; init; }

        public static Metadata? Read(ReadOnlySpan<byte> bytes)
        {
            var read = new Metadata(null, [], 0, false);
            while (!bytes.IsEmpty)
            {
                if (!Next(ref bytes, out var field, out var number, out var value))
                    return null;
                switch (field)
                {
                    case 1 when Pair(value) is var (name, said):
                        read.Properties[name] = said;
                        break;
                    case 2:
                        read = read with { Key = Encoding.UTF8.GetString(value) };
                        break;
                    case 3:
                        read = read with { Size = number <= int.MaxValue ? (int)number : -1 };
                        break;
                    case 4:
                        read = read with { CompactedOut = number != 0 };
                        break;
                    case 5:
                        read = read with
                        {
                            EventTime = number is > 0 and < LastInstant ? DateTimeOffset.FromUnixTimeMilliseconds((long)number) : null,
                        };
                        break;
                    case 8:
                        read = read with { SequenceId = number <= long.MaxValue ? (long)number : null };
                        break;
                    case 9:
                        read = read with { IsNull = number != 0 };
                        break;
                }
            }
            return read;
        }

        private static (string, string) Pair(ReadOnlySpan<byte> bytes)
        {
            var (name, said) = ("", "");
            while (!bytes.IsEmpty && Next(ref bytes, out var field, out _, out var value))
            {
                if (field == 1)
                    name = Encoding.UTF8.GetString(value);
                if (field == 2)
                    said = Encoding.UTF8.GetString(value);
            }
            return (name, said);
        }

        private static bool Next(ref ReadOnlySpan<byte> bytes, out int field, out ulong number, out ReadOnlySpan<byte> value)
        {
            (field, number) = (0, 0);
            value = default;
            if (!Varint(ref bytes, out var tag) || tag > int.MaxValue)
                return false;
            field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    return Varint(ref bytes, out number);
                case 2:
                    if (!Varint(ref bytes, out var length) || length > (ulong)bytes.Length)
                        return false;
                    value = bytes[..(int)length];
                    bytes = bytes[(int)length..];
                    return true;
                default:
                    return false; // not among its fields
            }
        }

        private static bool Varint(ref ReadOnlySpan<byte> bytes, out ulong value)
        {
            value = 0;
            for (var shift = 0; shift < 64 && !bytes.IsEmpty; shift += 7)
            {
                var one = bytes[0];
                bytes = bytes[1..];
                value |= (ulong)(one & 0x7f) << shift;
                if (one < 0x80)
                    return true;
            }
            return false;
        }
    }
}
