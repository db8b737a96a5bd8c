using System.Buffers.Binary;
using CsCheck;
using Portal.Adapters.PulsarWire;
using Portal.Domain.Migration;
using Portal.Tests.Domain.Migration;
using Xunit;

namespace Portal.Tests.Adapters.PulsarWire;

/// <summary>
/// The bytes of Pulsar's binary protocol. That brokers and Pulsar's own clients read them is seen in <see cref="WireTests"/>.
/// </summary>
public sealed class WireEntryTests
{
    [Fact]
    public void The_checksum_is_CRC_32C()
    {
        // The check value of the polynomial, and a vector of RFC 3720.
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(Crc32C.Of("123456789"u8), Crc32C.Of("1234"u8, "56789"u8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_written_as_an_entry_is_read_as_the_same(bool compress) =>
        CopyFormTests
            .Record.Array[1, 5]
            .Sample(
                records =>
                {
                    var written = records
                        .Select((record, index) => CopyForm.ToPulsar(record with { Offset = index * 3 }, Tombstones.Keep)!)
                        .ToArray();
                    var frame = new WireEntry("portal-producer-a", compress).Frame(written, 1000);
                    var read = Read(frame.Span);
                    Assert.Equal(written.Select(Shown), read.Select(one => Shown(one.Record)));
                    Assert.All(read, one => Assert.Equal("portal-producer-a", one.Producer));
                    Assert.Equal(
                        written.Length == 1 ? [-1] : Enumerable.Range(0, written.Length),
                        read.Select(one => one.Position.BatchIndex)
                    );
                },
                iter: 2000
            );

    /// <summary>As Pulsar's clients compress: what is read goes back to Kafka, where nobody would notice an empty value.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_clients_compress_is_read_and_another_size_than_said_is_noticed(int compression)
    {
        byte[] value = [.. Enumerable.Range(0, 5000).Select(number => (byte)(number % 7))];
        var packed = Packed(compression, value);
        Assert.Equal(value, Assert.Single(WireEntry.Read(Compressed(compression, packed, value.Length), 1, 1)).Record.Value);
        Assert.Throws<WireFormatException>(() => WireEntry.Read(Compressed(compression, packed, value.Length + 1), 1, 1));
        Assert.Throws<WireFormatException>(() =>
            WireEntry.Read(Compressed(compression, packed[..(packed.Length / 2)], value.Length), 1, 1)
        );
        Assert.Throws<WireFormatException>(() => WireEntry.Read(Compressed(9, packed, value.Length), 1, 1));
    }

    /// <summary>A client compresses a message and then cuts it; chunks of other messages come in between, and repeats.</summary>
    [Fact]
    public void A_message_in_chunks_is_one_message_where_its_last_chunk_is()
    {
        byte[] value = [.. Enumerable.Range(0, 5000).Select(number => (byte)(number % 7))];
        var packed = Packed(3, value);
        var (head, tail) = (packed[..(packed.Length / 2)], packed[(packed.Length / 2)..]);
        var chunks = new WireChunks();
        Assert.Empty(Read(Chunk("a", "one", 0, 2, packed.Length, head, 3, value.Length), 1));
        Assert.Equal(1000, chunks.OpenSince);
        Assert.Empty(Read(Chunk("b", "two", 0, 2, 8, [1, 2, 3, 4]), 2));
        Assert.Empty(Read(Chunk("a", "one", 0, 2, packed.Length, head, 3, value.Length), 3));
        var whole = Assert.Single(Read(Chunk("a", "one", 1, 2, packed.Length, tail, 3, value.Length), 4));
        Assert.Equal(("a", 4L, -1, ReadObstacle.None), (whole.Producer, whole.Position.Entry, whole.Position.BatchIndex, whole.Obstacle));
        Assert.Equal(value, whole.Record.Value);
        Assert.Empty(Read(Chunk("a", "one", 1, 2, packed.Length, tail, 3, value.Length), 5));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Assert.Single(Read(Chunk("b", "two", 1, 2, 8, [5, 6, 7, 8]), 6)).Record.Value);
        Assert.Null(chunks.OpenSince);

        IReadOnlyList<ReadRecord> Read(byte[] entry, long at) => WireEntry.Read(entry, 1, at, chunks);
    }

    [Fact]
    public void Chunks_without_a_beginning_too_large_ones_and_those_of_a_producer_that_gave_up_are_told_apart()
    {
        var chunks = new WireChunks();
        Assert.Equal(ReadObstacle.Beheaded, Assert.Single(WireEntry.Read(Chunk("a", "one", 1, 2, 8, [5, 6, 7, 8]), 1, 1, chunks)).Obstacle);
        Assert.Empty(WireEntry.Read(Chunk("a", "two", 0, 2, WireChunks.MostBytes + 1, [1]), 1, 2, chunks));
        Assert.Equal(
            ReadObstacle.TooLarge,
            Assert.Single(WireEntry.Read(Chunk("a", "two", 1, 2, WireChunks.MostBytes + 1, [2]), 1, 3, chunks)).Obstacle
        );
        // What the producer sends next ends what it had begun, and somebody else's messages a minute later do.
        Assert.Empty(WireEntry.Read(Chunk("a", "three", 0, 2, 8, [1]), 1, 4, chunks));
        Assert.Single(WireEntry.Read(Chunk("a", null, 0, 0, 0, [9]), 1, 5, chunks));
        Assert.Null(chunks.OpenSince);
        Assert.Empty(WireEntry.Read(Chunk("a", "four", 0, 2, 8, [1]), 1, 6, chunks));
        Assert.Single(WireEntry.Read(Chunk("b", null, 0, 0, 0, [9], sent: 70_000), 1, 7, chunks));
        Assert.Null(chunks.OpenSince);
        // More than they said they are.
        Assert.Empty(WireEntry.Read(Chunk("a", "five", 0, 2, 2, [1]), 1, 8, chunks));
        Assert.Equal(ReadObstacle.Beheaded, Assert.Single(WireEntry.Read(Chunk("a", "five", 1, 2, 2, [1, 2, 3]), 1, 9, chunks)).Obstacle);
        Assert.Throws<WireFormatException>(() => WireEntry.Read(Chunk("a", "six", 2, 2, 2, [1]), 1, 10, chunks));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(5, 5)]
    public void What_is_encrypted_is_counted_and_has_no_value(int? messages, int count)
    {
        var key = new ProtoWriter().Text(1, "their-key").Bytes(2, [1, 2, 3]);
        var metadata = new ProtoWriter().Text(1, "p").Number(2, 1).Number(3, 1000);
        if (messages is { } said)
            metadata.Number(11, (ulong)said);
        var read = WireEntry.Read(Entry(metadata.Message(13, key), [7, 7, 7]), 1, 1);
        Assert.Equal(count, read.Count);
        Assert.All(read, one => Assert.Equal((ReadObstacle.Encrypted, null), (one.Obstacle, one.Record.Value)));
    }

    private static byte[] Chunk(
        string producer,
        string? message,
        int number,
        int of,
        int bytes,
        byte[] payload,
        int compression = 0,
        int size = 0,
        long sent = 1000
    )
    {
        var metadata = new ProtoWriter().Text(1, producer).Number(2, 1).Number(3, (ulong)sent);
        if (compression > 0)
            metadata.Number(8, (ulong)compression).Number(9, (ulong)size);
        if (message is not null)
            metadata.Text(26, message).Number(27, (ulong)of).Number(28, (ulong)bytes).Number(29, (ulong)number);
        return Entry(metadata, payload);
    }

    private static byte[] Packed(int compression, byte[] value)
    {
        switch (compression)
        {
            case 1:
                var packed = new byte[K4os.Compression.LZ4.LZ4Codec.MaximumOutputSize(value.Length)];
                return packed[..K4os.Compression.LZ4.LZ4Codec.Encode(value, packed)];
            case 2:
                using (var bytes = new MemoryStream())
                {
                    using (
                        var zlib = new System.IO.Compression.ZLibStream(
                            bytes,
                            System.IO.Compression.CompressionLevel.Fastest,
                            leaveOpen: true
                        )
                    )
                        zlib.Write(value);
                    return bytes.ToArray();
                }
            case 3:
                using (var zstd = new ZstdSharp.Compressor())
                    return zstd.Wrap(value).ToArray();
            default:
                return Snappier.Snappy.CompressToArray(value);
        }
    }

    private static byte[] Compressed(int compression, byte[] payload, int size)
    {
        return Entry(
            new ProtoWriter().Text(1, "p").Number(2, 1).Number(3, 1000).Number(8, (ulong)compression).Number(9, (ulong)size),
            payload
        );
    }

    private static byte[] Entry(ProtoWriter head, byte[] payload)
    {
        var metadata = head.Written.ToArray();
        byte[] content = [0, 0, (byte)(metadata.Length >> 8), (byte)metadata.Length, .. metadata, .. payload];
        var checksum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32C.Of(content));
        return [0x0e, 0x01, .. checksum, .. content];
    }

    /// <summary>Pulsar's protocol lets producers leave the checksum out, and brokers take what they send.</summary>
    [Fact]
    public void An_entry_without_a_checksum_is_read_too()
    {
        var frame = new WireEntry("p", compress: false).Frame([new(1, "k", false, [1, 2, 3], 5, [new("a", "b")])], 1000).ToArray();
        var entry = frame[(8 + (int)BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)))..];
        Assert.Equal(
            Shown(Assert.Single(WireEntry.Read(entry, 1, 1)).Record),
            Shown(Assert.Single(WireEntry.Read(entry.AsSpan(6), 1, 1)).Record)
        );
    }

    [Fact]
    public void A_byte_that_changed_on_its_way_is_noticed()
    {
        var frame = new WireEntry("p", compress: false).Frame([new(1, "k", false, [1, 2, 3], 5, [new("a", "b")])], 1000).ToArray();
        var command = (int)BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4));
        for (var at = 8 + command; at < frame.Length; at++)
        {
            var changed = frame.ToArray();
            changed[at] ^= 0x40;
            Assert.Throws<WireFormatException>(() => Read(changed));
        }
    }

    [Fact]
    public void Bytes_that_are_no_command_are_said_to_be_none() =>
        Gen
            .Byte.Array[0, 60]
            .Sample(
                bytes =>
                {
                    try
                    {
                        WireAnswer.Read(bytes);
                        WireEntry.Read(bytes, 1, 1);
                    }
                    catch (WireFormatException)
                    {
                        // The one thing that may come of it.
                    }
                },
                iter: 20_000
            );

    [Fact]
    public void Commands_are_as_Pulsar_writes_them()
    {
        // Sizes, then field 1 with the type and the field of that number: a lookup of the topic "t" with number 7, and a ping.
        Assert.Equal("0000000E0000000A0817BA01050A01741007", Convert.ToHexString(WireCommands.Lookup("t", 7, authoritative: false).Span));
        Assert.Equal("00000009000000050812920100", Convert.ToHexString(WireCommands.Ping.Span));
    }

    private static IReadOnlyList<ReadRecord> Read(ReadOnlySpan<byte> frame)
    {
        Assert.Equal((uint)frame.Length - 4, BinaryPrimitives.ReadUInt32BigEndian(frame));
        return WireEntry.Read(frame[(8 + (int)BinaryPrimitives.ReadUInt32BigEndian(frame[4..]))..], 1, 1);
    }

    private static string Shown(PulsarRecord record) =>
        $"{record.Sequence} {record.Key ?? "null"} {record.KeyIsBinary} "
        + $"{(record.Value is null ? "null" : Convert.ToHexString(record.Value))} {record.EventTime} "
        + $"{string.Join(";", record.Properties)}";
}
