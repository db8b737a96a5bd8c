using System.Buffers.Binary;
using System.IO.Compression;
using K4os.Compression.LZ4;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarWire;

/// <summary>
/// Messages as entries of a topic, both ways: one message as it is, or several in a batch whose messages keep their own sequence ids.
/// </summary>
internal sealed class WireEntry(string producer, bool compress)
{
    private const ushort Magic = 0x0e01;
    private const ushort BrokerMetadata = 0x0e02;
    private const int Lz4 = 1,
        Zlib = 2,
        Zstd = 3,
        Snappy = 4;
    private const int MostInEntry = 1_000_000;
    private const int MostEncrypted = 10_000;

    private readonly ProtoWriter _metadata = new();
    private readonly ProtoWriter _single = new();
    private readonly ProtoWriter _payload = new(64 * 1024);
    private readonly ProtoWriter _frame = new(64 * 1024);

    /// <summary>A whole SEND frame; valid until the next one is made.</summary>
    /// <param name="publishTime">Milliseconds since 1970.</param>
    public ReadOnlyMemory<byte> Frame(ReadOnlySpan<PulsarRecord> records, long publishTime)
    {
        var (first, last) = (records[0], records[^1]);
        var batch = records.Length > 1;
        _payload.Reset();
        foreach (var record in records)
        {
            if (!batch)
                _payload.Raw(record.Value);
            else
                Single(record);
        }
        var size = _payload.Length;
        ReadOnlyMemory<byte> payload = compress ? Compressed(_payload.Written) : _payload.Written;

        _metadata.Reset().Text(1, producer).Number(2, (ulong)first.Sequence).Number(3, (ulong)publishTime);
        if (!batch)
            foreach (var (name, value) in first.Properties)
                _metadata.Pair(4, name, value);
        _metadata.Text(6, first.Key);
        if (compress)
            _metadata.Number(8, Zlib).Number(9, (ulong)size);
        if (batch)
            _metadata.Number(11, (ulong)records.Length);
        if (!batch && first.EventTime > 0)
            _metadata.Number(12, (ulong)first.EventTime);
        _metadata.Flag(17, first is { Key: not null, KeyIsBinary: true });
        if (batch)
            _metadata.Number(24, (ulong)last.Sequence);
        else
            _metadata.Flag(25, first.Value is null).Flag(30, first.Key is null);

        _single.Reset().Number(1, 0).Number(2, (ulong)first.Sequence);
        if (batch)
            _single.Number(3, (ulong)records.Length).Number(6, (ulong)last.Sequence);
        _frame.Reset();
        var total = _frame.Leave();
        var command = _frame.Leave();
        _frame.Number(1, (ulong)WireKind.Send).Message((int)WireKind.Send, _single);
        _frame.Fill(command, (uint)(_frame.Length - command - 4));
        _frame.Raw([Magic >> 8, Magic & 0xff]);
        var checksum = _frame.Leave();
        var content = _frame.Length;
        _frame.Fill(_frame.Leave(), (uint)_metadata.Length);
        _frame.Raw(_metadata.Written.Span).Raw(payload.Span);
        _frame.Fill(checksum, Crc32C.Of(_frame.Written.Span[content..]));
        _frame.Fill(total, (uint)(_frame.Length - 4));
        return _frame.Written;
    }

    /// <summary>
    /// The messages of an entry, however its producer compressed it; none of a broker's own mark. What its producer encrypted
    /// is counted, and has no keys and values.
    /// </summary>
    /// <param name="frame">What follows the command.</param>
    /// <param name="chunks">Keeps the first chunks of messages that are several entries; none, and their last ones stand for them.</param>
    /// <exception cref="WireFormatException">It is no entry, or was damaged on its way.</exception>
    public static IReadOnlyList<ReadRecord> Read(ReadOnlySpan<byte> frame, long ledger, long entry, WireChunks? chunks = null)
    {
        if (frame.Length >= 6 && BinaryPrimitives.ReadUInt16BigEndian(frame) == BrokerMetadata)
            frame = frame[(6 + Size(frame[2..], frame.Length - 6))..];
        // A producer may leave the checksum out: then its metadata's size stands there, which is never as large as the mark.
        if (frame.Length >= 6 && BinaryPrimitives.ReadUInt16BigEndian(frame) == Magic)
        {
            if (Crc32C.Of(frame[6..]) != BinaryPrimitives.ReadUInt32BigEndian(frame[2..]))
                throw new WireFormatException("The checksum of an entry is wrong.");
            frame = frame[6..];
        }
        if (frame.Length < 4)
            throw new WireFormatException("An entry ends early.");
        var length = Size(frame, frame.Length - 4);
        var head = Head.Read(frame.Slice(4, length));
        if (head.IsMark)
            return [];
        if (head.Messages is < 0 or > MostInEntry)
            throw new WireFormatException("An entry has no sensible number of messages.");
        var payload = frame[(4 + length)..];
        if (head.Chunk is { } chunk)
        {
            if (chunk.Number < 0 || chunk.Number >= chunk.Of)
                throw new WireFormatException("A chunk of a message has no sensible number.");
            var (whole, obstacle) = (chunks ?? new()).Add(head.Producer, head.PublishTime, chunk, payload);
            if (chunk.Number < chunk.Of - 1 || (whole is null && obstacle is null))
                return [];
            if (obstacle is not null || head.IsEncrypted)
                return [Barred(head.IsEncrypted ? ReadObstacle.Encrypted : obstacle!.Value, -1)];
            payload = whole;
        }
        else
            chunks?.Other(head.Producer, head.PublishTime);
        // An encrypted entry only says how many messages it is, and nobody can count them.
        if (head.IsEncrypted)
        {
            return head.Messages is { } said
                ? [.. Enumerable.Range(0, Math.Min(said, MostEncrypted)).Select(index => Barred(ReadObstacle.Encrypted, index))]
                : [Barred(ReadObstacle.Encrypted, -1)];
        }
        if (head.Compression != 0)
            payload = Plain(head.Compression, payload, head.UncompressedSize);
        if (head.Messages is not { } count)
            return [Of(head, head.First with { Value = head.IsNull ? null : payload.ToArray() }, -1)];
        var records = new List<ReadRecord>(Math.Min(count, 4096));
        for (var index = 0; index < count; index++)
        {
            var size = Size(payload, payload.Length - 4);
            var (record, isNull, bytes) = Head.ReadSingle(payload.Slice(4, size));
            payload = payload[(4 + size)..];
            if (bytes > payload.Length)
                throw new WireFormatException("A batch ends early.");
            records.Add(Of(head, record with { Value = isNull ? null : payload[..bytes].ToArray() }, index));
            payload = payload[bytes..];
        }
        return records;

        ReadRecord Of(Head of, PulsarRecord record, int index) => new(record, of.Producer, new(ledger, entry, index), of.PublishTime);

        ReadRecord Barred(ReadObstacle obstacle, int index) =>
            new(head.First, head.Producer, new(ledger, entry, index), head.PublishTime, obstacle);
    }

    private void Single(PulsarRecord record)
    {
        _single.Reset();
        foreach (var (name, value) in record.Properties)
            _single.Pair(1, name, value);
        _single.Text(2, record.Key).Number(3, (ulong)(record.Value?.Length ?? 0));
        if (record.EventTime > 0)
            _single.Number(5, (ulong)record.EventTime);
        _single
            .Flag(6, record is { Key: not null, KeyIsBinary: true })
            .Number(8, (ulong)record.Sequence)
            .Flag(9, record.Value is null)
            .Flag(10, record.Key is null);
        _payload.Fill(_payload.Leave(), (uint)_single.Length);
        _payload.Raw(_single.Written.Span).Raw(record.Value);
    }

    private static byte[] Compressed(ReadOnlyMemory<byte> payload)
    {
        using var bytes = new MemoryStream();
        using (var zlib = new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(payload.Span);
        return bytes.ToArray();
    }

    private static byte[] Plain(int compression, ReadOnlySpan<byte> payload, int size)
    {
        // What a broker says is not believed beyond what it may store, however well it is packed.
        if (size is < 0 or > 256 * 1024 * 1024)
            throw new WireFormatException("A compressed entry has no sensible size.");
        var plain = new byte[size];
        try
        {
            return Unpack(compression, payload, plain) == size
                ? plain
                : throw new WireFormatException("A compressed entry has another size than it says.");
        }
        catch (Exception exception)
            when (exception is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException or ArgumentException)
        {
            throw new WireFormatException("A compressed entry cannot be unpacked.");
        }
    }

    /// <summary>The numbers are Pulsar's own.</summary>
    private static int Unpack(int compression, ReadOnlySpan<byte> payload, byte[] plain)
    {
        switch (compression)
        {
            case Lz4:
                return LZ4Codec.Decode(payload, plain);
            case Snappy:
                return Snappier.Snappy.Decompress(payload, plain);
            case Zstd:
                using (var zstd = new ZstdSharp.Decompressor())
                    return zstd.Unwrap(payload, plain);
            case Zlib:
                using (var zlib = new ZLibStream(new MemoryStream(payload.ToArray()), CompressionMode.Decompress))
                    zlib.ReadExactly(plain);
                return plain.Length;
            default:
                throw new WireFormatException("An entry is compressed in a way that nobody knows.");
        }
    }

    private static int Size(ReadOnlySpan<byte> at, int most)
    {
        if (at.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(at) is var size && size > (uint)Math.Max(most, 0))
            throw new WireFormatException("An entry ends early.");
        return (int)BinaryPrimitives.ReadUInt32BigEndian(at);
    }

    /// <summary>What an entry says of all its messages, and of the one that it is when it is no batch.</summary>
    private readonly record struct Head(
        string Producer,
        PulsarRecord First,
        bool IsNull,
        int Compression,
        int UncompressedSize,
        int? Messages,
        bool IsMark,
        long PublishTime,
        bool IsEncrypted,
        WireChunk? Chunk
    )
    {
        public static Head Read(ReadOnlySpan<byte> metadata)
        {
            var (producer, key, sequence, eventTime, publishTime) = ("", (string?)null, 0L, 0L, 0L);
            var (binary, isNull, isMark, compression, size, messages) = (false, false, false, 0, 0, (int?)null);
            var (encrypted, uuid, chunks, bytes, chunk) = (false, (string?)null, 0, 0, -1);
            List<KeyValuePair<string, string>>? properties = null;
            var reader = new ProtoReader(metadata);
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case 1:
                        producer = reader.Text;
                        break;
                    case 2:
                        sequence = reader.Signed;
                        break;
                    case 3:
                        publishTime = reader.Signed;
                        break;
                    case 4:
                        (properties ??= []).Add(Pair(reader.Bytes));
                        break;
                    case 6:
                        key = reader.Text;
                        break;
                    case 8:
                        compression = reader.Small;
                        break;
                    case 9:
                        size = reader.Small;
                        break;
                    case 11:
                        messages = reader.Small;
                        break;
                    case 12:
                        eventTime = reader.Signed;
                        break;
                    // The keys of what is encrypted, each encrypted itself.
                    case 13:
                        encrypted = true;
                        break;
                    case 17:
                        binary = reader.Flag;
                        break;
                    case 20:
                        isMark = reader.Number != 0;
                        break;
                    case 25:
                        isNull = reader.Flag;
                        break;
                    case 26:
                        uuid = reader.Text;
                        break;
                    case 27:
                        chunks = reader.Small;
                        break;
                    case 28:
                        bytes = reader.Small;
                        break;
                    case 29:
                        chunk = reader.Small;
                        break;
                    default:
                        break;
                }
            }
            return new(
                producer,
                new(sequence, key, binary, null, eventTime, properties ?? []),
                isNull,
                compression,
                size,
                messages,
                isMark,
                publishTime,
                encrypted,
                uuid is not null && chunks > 1 ? new(uuid, chunk, chunks, bytes) : null
            );
        }

        public static (PulsarRecord Record, bool IsNull, int Bytes) ReadSingle(ReadOnlySpan<byte> metadata)
        {
            var (key, sequence, eventTime, bytes, binary, isNull) = ((string?)null, 0L, 0L, 0, false, false);
            List<KeyValuePair<string, string>>? properties = null;
            var reader = new ProtoReader(metadata);
            while (reader.Next())
            {
                switch (reader.Field)
                {
                    case 1:
                        (properties ??= []).Add(Pair(reader.Bytes));
                        break;
                    case 2:
                        key = reader.Text;
                        break;
                    case 3:
                        bytes = reader.Small;
                        break;
                    case 5:
                        eventTime = reader.Signed;
                        break;
                    case 6:
                        binary = reader.Flag;
                        break;
                    case 8:
                        sequence = reader.Signed;
                        break;
                    case 9:
                        isNull = reader.Flag;
                        break;
                    default:
                        break;
                }
            }
            return (new(sequence, key, binary, null, eventTime, properties ?? []), isNull, bytes);
        }

        private static KeyValuePair<string, string> Pair(ReadOnlySpan<byte> bytes)
        {
            var (key, value) = ("", "");
            var reader = new ProtoReader(bytes);
            while (reader.Next())
            {
                if (reader.Field == 1)
                    key = reader.Text;
                else if (reader.Field == 2)
                    value = reader.Text;
            }
            return new(key, value);
        }
    }
}
