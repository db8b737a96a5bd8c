using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Domain.Topics;

/// <summary>
/// Payloads read by their topic's schema: what fits is shown as what it says, what does not keeps its bytes and a reason.
/// </summary>
public sealed class DecodedMessagesTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Fact]
    public async Task Values_in_Avro_are_read_by_the_version_they_were_written_with()
    {
        await OrdersAsync();
        Schemas.Has(Order(Field("n", "long")), "AVRO");
        Schemas.Has(Order(Field("n", "long"), Field("note", "string", "\"\"")), "AVRO");
        Holds("1:0", 54);
        Schemas.Written = 0;
        Assert.Equal(new DecodedValue("AVRO", 0, """{"n":27}""", null), (await ReadAsync())[0].Decoded);
        Schemas.Written = 1;
        Assert.Equal(
            new DecodedValue(
                "AVRO",
                1,
                null,
                "It doesn't fit version 1 of the schema. Field \"note\" ends too early: 1 byte expected, 0 bytes left."
            ),
            (await ReadAsync())[0].Decoded
        );
        Schemas.Written = 7;
        Assert.Equal(
            new DecodedValue("AVRO", 7, null, "The topic's schema has no version 7. It may have been deleted."),
            (await ReadAsync())[0].Decoded
        );
        Schemas.Written = null;
        Assert.Equal(new DecodedValue("AVRO", null, null, "It was written without a schema."), (await ReadAsync())[0].Decoded);
    }

    [Fact]
    public async Task A_definition_is_read_once_for_all_messages_and_forgotten_after_a_while()
    {
        await OrdersAsync();
        Schemas.Has(Order(Field("n", "long")), "AVRO");
        Schemas.Written = 0;
        for (var entry = 0; entry < 20; entry++)
            Holds($"1:{entry}", 54);
        Assert.All(await ReadAsync(), message => Assert.Equal("""{"n":27}""", message.Decoded?.Json));
        await ReadAsync();
        Assert.Equal(1, Schemas.Gets.Count(version => version == 0));
        Clock.Advance(TimeSpan.FromMinutes(11));
        await ReadAsync();
        Assert.Equal(2, Schemas.Gets.Count(version => version == 0));
    }

    [Theory]
    [InlineData("JSON", "7B7D", null, null)]
    [InlineData("JSON", "7B", null, "It isn't valid JSON, which the topic's schema asks for.")]
    [InlineData("JSON", "22FF22", null, "It isn't valid JSON, which the topic's schema asks for.")]
    [InlineData("STRING", "C3A9", null, null)]
    [InlineData("STRING", "FF", null, "It isn't text in UTF-8, which the topic's schema asks for.")]
    [InlineData("INT32", "FFFFFFFE", "-2", null)]
    [InlineData("INT64", "00", null, "It has 1 byte; INT64 values have 8.")]
    [InlineData("BOOLEAN", "01", "true", null)]
    [InlineData("DOUBLE", "3FF8000000000000", "1.5", null)]
    [InlineData("FLOAT", "7FC00000", "\"NaN\"", null)]
    [InlineData("PROTOBUF_NATIVE", "00", null, "Portal doesn't decode PROTOBUF_NATIVE values. Read them with a client.")]
    public async Task Other_types_say_what_they_are_or_why_not(string type, string hex, string? json, string? reason)
    {
        await OrdersAsync();
        Schemas.Has("{}", type);
        Holds("1:0", Convert.FromHexString(hex));
        var decoded = (await ReadAsync())[0].Decoded;
        Assert.Equal((json, reason), (decoded?.Json, decoded?.Reason));
    }

    [Fact]
    public async Task Without_a_schema_or_its_cluster_and_unasked_messages_come_as_they_are()
    {
        await OrdersAsync();
        Holds("1:0", 54);
        Assert.Null((await ReadAsync())[0].Decoded);
        Schemas.Has(Order(Field("n", "long")), "AVRO");
        Assert.Null((await ReadAsync(decode: false))[0].Decoded);
        Schemas.Trouble = new Problem.Unavailable("cluster-unreachable", "Away.");
        Assert.Null((await ReadAsync())[0].Decoded);
    }

    private async Task OrdersAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
    }

    private void Holds(string id, params byte[] payload) =>
        Cluster.Held.Add(new(id, null, new Dictionary<string, string>(), payload, DateTimeOffset.UnixEpoch, payload.Length));

    private async Task<IReadOnlyList<Message>> ReadAsync(bool decode = true) =>
        (await Use<ReadMessages>().RunAsync(Owner, Org, "shop", "default", "orders", new ReadQuery(Decode: decode), null, Now)).Value.Items;
}
