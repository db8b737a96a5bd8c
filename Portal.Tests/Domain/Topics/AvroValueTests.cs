using System.Text.Json;
using CsCheck;
using Portal.Domain.Topics;

namespace Portal.Tests.Domain.Topics;

/// <summary>Values in Avro's binary form, read by hand-made bytes of the specification's examples and by any bytes at all.</summary>
public sealed class AvroValueTests
{
    [Theory]
    // The specification's own example.
    [InlineData("""[{"name":"a","type":"long"},{"name":"b","type":"string"}]""", "3606666F6F", """{"a":27,"b":"foo"}""")]
    [InlineData("""[{"name":"a","type":"int"}]""", "01", """{"a":-1}""")]
    [InlineData("""[{"name":"a","type":["null","string"]}]""", "00", """{"a":null}""")]
    [InlineData("""[{"name":"a","type":["null","string"]}]""", "020261", """{"a":"a"}""")]
    [InlineData("""[{"name":"a","type":{"type":"array","items":"long"}}]""", "04063600", """{"a":[3,27]}""")]
    [InlineData("""[{"name":"a","type":{"type":"array","items":"long"}}]""", "0304063600", """{"a":[3,27]}""")] // a block with its length
    [InlineData("""[{"name":"a","type":{"type":"map","values":"boolean"}}]""", "0202780100", """{"a":{"x":true}}""")]
    [InlineData("""[{"name":"a","type":{"type":"enum","name":"E","symbols":["A","B"]}}]""", "02", """{"a":"B"}""")]
    [InlineData("""[{"name":"a","type":{"type":"fixed","name":"F","size":2}}]""", "0102", """{"a":"AQI="}""")]
    [InlineData("""[{"name":"a","type":"bytes"}]""", "04FFFE", """{"a":"//4="}""")]
    [InlineData("""[{"name":"a","type":"double"},{"name":"b","type":"float"}]""", "000000000000F03FCDCCCC3D", """{"a":1,"b":0.1}""")]
    [InlineData("""[{"name":"a","type":"float"}]""", "0000C07F", """{"a":"NaN"}""")]
    [InlineData(
        """[{"name":"a","type":{"type":"long","logicalType":"timestamp-millis"}}]""",
        "8090FB99A65E",
        """{"a":"2021-05-03T09:46:40Z"}"""
    )]
    [InlineData("""[{"name":"a","type":{"type":"int","logicalType":"date"}}]""", "02", """{"a":"1970-01-02"}""")]
    [InlineData("""[{"name":"v","type":"int"},{"name":"n","type":["null","R"]}]""", "02020400", """{"v":1,"n":{"v":2,"n":null}}""")]
    public void A_value_reads_as_its_definition_says(string fields, string hex, string json)
    {
        var read = AvroValue.ToJson(Type(fields), Convert.FromHexString(hex), 1_000_000);
        Assert.True(read.IsOk && read.Value == json, $"{read}");
    }

    [Theory]
    [InlineData("""[{"name":"a","type":"string"}]""", "0A6162", "Field \"a\" ends too early: 5 bytes expected, 2 bytes left.")]
    [InlineData("""[{"name":"a","type":"string"}]""", "", "Field \"a\" ends too early: 1 byte expected, 0 bytes left.")]
    [InlineData("""[{"name":"a","type":"int"}]""", "0200", "1 byte left over after the last field.")]
    [InlineData("""[{"name":"a","type":"int"}]""", "FFFFFFFFFFFFFFFFFFFFFF", "Field \"a\" has a number of more than ten bytes.")]
    [InlineData("""[{"name":"a","type":"int"}]""", "FEFFFFFF7F", "Field \"a\" has a number too large for an int.")]
    [InlineData("""[{"name":"a","type":["null","int"]}]""", "08", "Field \"a\" has a value of branch 4, and the union has 2.")]
    [InlineData("""[{"name":"a","type":"string"}]""", "02FF", "Field \"a\" has a text that isn't UTF-8.")]
    [InlineData("""[{"name":"a","type":"boolean"}]""", "07", "Field \"a\" has 7 for a boolean.")]
    [InlineData(
        """[{"name":"a","type":{"type":"array","items":"null"}}]""",
        "FEFFFFFFFFFFFFFFFF01",
        "Field \"a\" has more than 100,000 items."
    )]
    [InlineData("""[{"name":"a","type":"string"}]""", "01", "Field \"a\" has a length of -1 bytes.")]
    public void What_does_not_fit_is_said(string fields, string hex, string words) =>
        Assert.Equal(words, AvroValue.ToJson(Type(fields), Convert.FromHexString(hex), 10_000_000).Problem?.Message);

    [Fact]
    public void Any_bytes_are_read_to_an_end_within_their_room()
    {
        var type = Type(
            """[{"name":"a","type":{"type":"array","items":["null","R","string",{"type":"map","values":"long"}]}},{"name":"b","type":["null","R"]},{"name":"c","type":{"type":"array","items":{"type":"record","name":"E","fields":[]}}}]"""
        );
        Gen.Byte.Array[0, 200]
            .Sample(
                bytes =>
                {
                    var read = AvroValue.ToJson(type, bytes, 100_000);
                    if (!read.IsOk)
                        return read.Problem.Message.Length < 500;
                    using var document = JsonDocument.Parse(read.Value, new() { MaxDepth = 500 });
                    return read.Value.Length < 300_000;
                },
                iter: 20_000
            );
    }

    private static AvroType Type(string fields) => AvroDefinition.Parse($$"""{"type":"record","name":"R","fields":{{fields}}}""").Value;
}
