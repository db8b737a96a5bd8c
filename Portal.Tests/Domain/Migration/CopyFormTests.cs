using CsCheck;
using Portal.Domain.Migration;
using Xunit;

namespace Portal.Tests.Domain.Migration;

/// <summary>A Kafka record in Pulsar, and out of it again.</summary>
public sealed class CopyFormTests
{
    private static readonly Gen<byte[]?> Bytes = Gen.OneOf(
        Gen.Const((byte[]?)null),
        Gen.Byte.Array[0, 20].Select(bytes => (byte[]?)bytes),
        Gen.String[Gen.Char.AlphaNumeric, 0, 8].Select(text => (byte[]?)System.Text.Encoding.UTF8.GetBytes(text))
    );

    private static readonly Gen<KafkaHeader> Header = Gen.Select(
        Gen.OneOf(
            Gen.Int[0, 3].Select(which => new[] { "a", "b", CopyForm.HeadersProperty, "" }[which]),
            Gen.String[Gen.Char.AlphaNumeric, 0, 5]
        ),
        Bytes,
        (name, value) => new KafkaHeader(name, value)
    );

    internal static readonly Gen<KafkaRecord> Record = Gen.Select(
        Gen.Long[0, 1L << 40],
        Gen.Long[0, 4_000_000_000_000],
        Bytes,
        Bytes,
        Header.Array[0, 4],
        (offset, time, key, value, headers) => new KafkaRecord(offset, time, key, value, headers)
    );

    [Fact]
    public void Whatever_a_record_holds_comes_back_as_it_was() =>
        Record.Sample(
            record =>
            {
                var back = CopyForm.ToKafka(CopyForm.ToPulsar(record, Tombstones.Keep)!);
                Assert.Equal((record.Offset, record.Timestamp), (back.Offset, back.Timestamp));
                Assert.Equal(record.Key, back.Key);
                Assert.Equal(record.Value, back.Value);
                Assert.Equal(record.Headers.Select(Shown), back.Headers.Select(Shown));
                Assert.Equal(CopyForm.Digest(record, Tombstones.Keep), CopyForm.Digest(back, Tombstones.Keep));
            },
            iter: 20_000
        );

    [Fact]
    public void Any_change_of_a_record_changes_its_hash() =>
        Gen.Select(Record, Record)
            .Sample(
                (one, other) =>
                    Assert.Equal(
                        Same(one, other),
                        CopyForm.Digest(one, Tombstones.Keep).AsSpan().SequenceEqual(CopyForm.Digest(other, Tombstones.Keep))
                    ),
                iter: 5_000
            );

    [Fact]
    public void Text_headers_are_properties_that_any_client_reads()
    {
        var message = CopyForm.ToPulsar(
            new(7, 5, "k"u8.ToArray(), "v"u8.ToArray(), [new("trace", "abc"u8.ToArray()), new("tenant", "ü"u8.ToArray())]),
            Tombstones.Keep
        )!;
        Assert.Equal([new("trace", "abc"), new("tenant", "ü")], message.Properties);
        Assert.Equal((8L, "k", false, 5L), (message.Sequence, message.Key, message.KeyIsBinary, message.EventTime));
    }

    [Fact]
    public void Headers_that_are_no_properties_are_all_in_one()
    {
        var message = CopyForm.ToPulsar(
            new(0, 0, [0xff, 0x00], null, [new("a", "1"u8.ToArray()), new("a", "2"u8.ToArray()), new("raw", [0xff]), new("none", null)]),
            Tombstones.Keep
        )!;
        Assert.Equal(
            [new("a", "1"), new(CopyForm.HeadersProperty, """[["a","MQ=="],["a","Mg=="],["raw","/w=="],["none",null]]""")],
            message.Properties
        );
        Assert.Equal(("/wA=", true, null), (message.Key, message.KeyIsBinary, message.Value));
    }

    [Fact]
    public void Tombstones_become_what_was_chosen()
    {
        var tombstone = new KafkaRecord(1, 1, "k"u8.ToArray(), null, []);
        Assert.Null(CopyForm.ToPulsar(tombstone, Tombstones.Keep)!.Value);
        Assert.Empty(CopyForm.ToPulsar(tombstone, Tombstones.Empty)!.Value!);
        Assert.Null(CopyForm.ToPulsar(tombstone, Tombstones.Skip));
        Assert.Equal(CopyForm.Digest(tombstone with { Value = [] }, Tombstones.Empty), CopyForm.Digest(tombstone, Tombstones.Empty));
        Assert.NotEqual(CopyForm.Digest(tombstone with { Value = [] }, Tombstones.Keep), CopyForm.Digest(tombstone, Tombstones.Keep));
    }

    private static bool Same(KafkaRecord one, KafkaRecord other) =>
        one.Timestamp == other.Timestamp
        && Text(one.Key) == Text(other.Key)
        && Text(one.Value) == Text(other.Value)
        && one.Headers.Select(Shown).SequenceEqual(other.Headers.Select(Shown));

    private static string Shown(KafkaHeader header) => $"{header.Name}={Text(header.Value)}";

    private static string Text(byte[]? bytes) => bytes is null ? "null" : Convert.ToHexString(bytes);
}
