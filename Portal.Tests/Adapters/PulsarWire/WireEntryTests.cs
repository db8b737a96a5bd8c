using System.Buffers.Binary;
using CsCheck;
using Portal.Adapters.PulsarWire;
using Portal.Domain.Migration;
using Portal.Tests.Domain.Migration;
using Xunit;

namespace Portal.Tests.Adapters.PulsarWire;

/// <summary>The bytes of Pulsar's binary protocol. That brokers and Pulsar's own clients read them is seen in <see cref="WireTests"/>.</summary>
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
    public void Whatever_is_written_as_an_entry_is_read_as_the_same(bool compress) => CopyFormTests.Record.Array[1, 5].Sample(records =>
    {
        var written = records.Select((record, index) => CopyForm.ToPulsar(record with { Offset = index * 3 }, Tombstones.Keep)!).ToArray();
        var frame = new WireEntry("portal-producer-a", compress).Frame(written, 1000);
        var read = Read(frame.Span);
        Assert.Equal(written.Select(Shown), read.Select(one => Shown(one.Record)));
        Assert.All(read, one => Assert.Equal("portal-producer-a", one.Producer));
        Assert.Equal(written.Length == 1 ? [-1] : Enumerable.Range(0, written.Length), read.Select(one => one.Position.BatchIndex));
    }, iter: 2000);

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
    public void Bytes_that_are_no_command_are_said_to_be_none() => Gen.Byte.Array[0, 60].Sample(bytes =>
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
    }, iter: 20_000);

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
        $"{record.Sequence} {record.Key ?? "null"} {record.KeyIsBinary} {(record.Value is null ? "null" : Convert.ToHexString(record.Value))} {record.EventTime} {string.Join(";", record.Properties)}";
}
