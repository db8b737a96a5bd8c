using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Schemas of topics, the same on every Pulsar.</summary>
public abstract class SchemasContract : PulsarContract
{
    private const string Id = """{"name":"id","type":"string"}""";
    private const string Note = """{"name":"note","type":"string","default":""}""";

    [Theory]
    [InlineData("AVRO", 0, true)]
    [InlineData("JSON", 2, true)]
    [InlineData("JSON", 0, false)]
    public async Task Versions_come_one_after_another_and_one_that_is_there_keeps_its_number(string type, int partitions, bool persistent)
    {
        var topic = await TopicAsync(partitions, persistent);
        Assert.Null(await Ports.Schemas.GetAsync(topic, null, Stop).Ok());
        Assert.Empty(await Ports.Schemas.ListAsync(topic, null, 10, Stop).Ok());
        Assert.Equal(new SchemaAnswer(true, null, 0), await Ports.Schemas.UploadAsync(topic, Schema(type, Id), Stop).Ok());
        Assert.Equal(new SchemaAnswer(true, null, 1), await Ports.Schemas.UploadAsync(topic, Schema(type, Id, Note), Stop).Ok());
        Assert.Equal(new SchemaAnswer(true, null, 0), await Ports.Schemas.UploadAsync(topic, Schema(type, Id), Stop).Ok());

        var newest = (await Ports.Schemas.GetAsync(topic, null, Stop).Ok())!;
        Assert.Equal((1L, type, Schema(type, Id, Note).Text), (newest.Version, newest.Type, newest.Definition));
        Assert.InRange(
            newest.RegisteredAt!.Value,
            TimeProvider.System.GetUtcNow().AddMinutes(-5),
            TimeProvider.System.GetUtcNow().AddMinutes(5)
        );
        Assert.Equal(Schema(type, Id).Text, (await Ports.Schemas.GetAsync(topic, 0, Stop).Ok())!.Definition);
        Assert.Null(await Ports.Schemas.GetAsync(topic, 2, Stop).Ok());
    }

    [Fact]
    public async Task A_list_goes_down_from_any_version_as_far_as_it_is_asked()
    {
        var topic = await TopicAsync();
        for (var version = 0; version < 12; version++)
        {
            var fields = Enumerable.Range(0, version).Select(number => $$"""{"name":"n{{number}}","type":"int","default":0}""");
            await Ports.Schemas.UploadAsync(topic, Schema("AVRO", [Id, .. fields]), Stop).Ok();
        }
        Assert.Equal(
            [11L, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
            (await Ports.Schemas.ListAsync(topic, null, 100, Stop).Ok()).Select(one => one.Version)
        );
        Assert.Equal([11L, 10, 9], (await Ports.Schemas.ListAsync(topic, null, 3, Stop).Ok()).Select(one => one.Version));
        Assert.Equal([1L, 0], (await Ports.Schemas.ListAsync(topic, 1, 100, Stop).Ok()).Select(one => one.Version));
        Assert.Empty(await Ports.Schemas.ListAsync(topic, 77, 100, Stop).Ok());
    }

    [Theory]
    [InlineData("BACKWARD", """{"name":"note","type":"string"}""", false)]
    [InlineData("FORWARD", """{"name":"note","type":"string"}""", true)]
    [InlineData("FULL", """{"name":"note","type":"string"}""", false)]
    [InlineData("ALWAYS_INCOMPATIBLE", """{"name":"note","type":"string","default":""}""", false)]
    [InlineData("ALWAYS_COMPATIBLE", """{"name":"id2","type":"long"}""", true)]
    [InlineData("FULL_TRANSITIVE", """{"name":"note","type":"string","default":""}""", true)]
    public async Task A_check_says_what_an_upload_would_and_changes_nothing(string strategy, string field, bool fits)
    {
        var topic = await TopicAsync();
        await StrategyAsync(topic, strategy);
        await Ports.Schemas.UploadAsync(topic, Schema("AVRO", Id), Stop).Ok();
        var wanted = Schema("AVRO", Id, field);
        Assert.Equal(new SchemaAnswer(fits, strategy), await Ports.Schemas.CheckAsync(topic, wanted, Stop).Ok());
        Assert.Equal(0, (await Ports.Schemas.GetAsync(topic, null, Stop).Ok())!.Version);
        var uploaded = await Ports.Schemas.UploadAsync(topic, wanted, Stop).Ok();
        Assert.Equal((fits, fits ? 1 : null), (uploaded.Fits, uploaded.Version));
        if (!fits)
            Assert.Equal(strategy, uploaded.Strategy);
    }

    [Fact]
    public async Task Another_type_does_not_fit_and_what_the_cluster_does_not_read_is_malformed()
    {
        var topic = await TopicAsync();
        var native = SchemaDefinition
            .Create("PROTOBUF_NATIVE", """{"fileDescriptorSet":"AAAA","rootMessageTypeName":"x.Y","rootFileDescriptorName":"y.proto"}""")
            .Value;
        await Ports.Schemas.CheckAsync(topic, native, Stop).Refused("schema-malformed");
        await Ports.Schemas.UploadAsync(topic, native, Stop).Refused("schema-malformed");
        Assert.True((await Ports.Schemas.CheckAsync(topic, Schema("JSON", Id), Stop).Ok()).Fits);
        await Ports.Schemas.UploadAsync(topic, Schema("JSON", Id), Stop).Ok();
        var text = SchemaDefinition.Create("STRING", "").Value;
        Assert.False((await Ports.Schemas.CheckAsync(topic, text, Stop).Ok()).Fits);
        Assert.False((await Ports.Schemas.UploadAsync(topic, text, Stop).Ok()).Fits);
    }

    [Fact]
    public async Task A_deletion_takes_all_versions_and_numbers_never_come_again()
    {
        var topic = await TopicAsync();
        await Ports.Schemas.UploadAsync(topic, Schema("AVRO", Id), Stop).Ok();
        await Ports.Schemas.UploadAsync(topic, Schema("AVRO", Id, Note), Stop).Ok();
        await Ports.Schemas.DeleteAsync(topic, Stop).Ok();
        Assert.Null(await Ports.Schemas.GetAsync(topic, null, Stop).Ok());
        Assert.Null(await Ports.Schemas.GetAsync(topic, 0, Stop).Ok());
        // A type that would not have fitted before.
        var next = (await Ports.Schemas.UploadAsync(topic, SchemaDefinition.Create("STRING", null).Value, Stop).Ok()).Version;
        Assert.Equal(3, next);
        Assert.Equal([3L], (await Ports.Schemas.ListAsync(topic, null, 10, Stop).Ok()).Select(one => one.Version));
    }

    /// <summary>The reason in words is made from the same rules: what they call broken the cluster refuses, and nothing else.</summary>
    [Theory]
    [InlineData("""{"name":"id","type":"string"}""", """{"name":"id","type":"bytes"}""")]
    [InlineData("""{"name":"n","type":"int"}""", """{"name":"n","type":"long"}""")]
    [InlineData("""{"name":"n","type":"long"}""", """{"name":"n","type":"int"}""")]
    [InlineData("""{"name":"n","type":"string"}""", """{"name":"n","type":["null","string"]}""")]
    [InlineData(
        """{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}}""",
        """{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}}"""
    )]
    [InlineData(
        """{"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}}""",
        """{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}}"""
    )]
    [InlineData(
        """{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}}""",
        """{"name":"e","type":{"type":"enum","name":"F","symbols":["A"]}}"""
    )]
    [InlineData(
        """{"name":"f","type":{"type":"fixed","name":"F","size":4}}""",
        """{"name":"f","type":{"type":"fixed","name":"G","size":4}}"""
    )]
    [InlineData(
        """{"name":"r","type":{"type":"record","name":"R","fields":[]}}""",
        """{"name":"r","type":{"type":"record","name":"S","fields":[]}}"""
    )]
    [InlineData(
        """{"name":"r","type":["null",{"type":"record","name":"R","fields":[]}]}""",
        """{"name":"r","type":["null",{"type":"record","name":"S","fields":[]}]}"""
    )]
    [InlineData("""{"name":"id","type":"string"}""", """{"name":"ident","aliases":["id"],"type":"string"}""")]
    [InlineData("""{"name":"u","type":["int","string"]}""", """{"name":"u","type":["long","string"]}""")]
    [InlineData("""{"name":"u","type":["int","string"]}""", """{"name":"u","type":"string"}""")]
    [InlineData(
        """{"name":"r","type":{"type":"record","name":"R","fields":[]}}""",
        """{"name":"r","type":{"type":"record","name":"R","fields":[{"name":"x","type":"int"}]}}"""
    )]
    [InlineData(
        """{"name":"t","type":["null",{"type":"record","name":"T","fields":[{"name":"t","type":["null","T"]}]}]}""",
        """{"name":"t","type":["null",{"type":"record","name":"T","fields":[{"name":"t","type":["null","T"]},{"name":"y","type":"int","default":1}]}]}"""
    )]
    [InlineData(
        """{"name":"f","type":{"type":"fixed","name":"F","size":4}}""",
        """{"name":"f","type":{"type":"fixed","name":"F","size":8}}"""
    )]
    [InlineData("""{"name":"m","type":{"type":"map","values":"int"}}""", """{"name":"m","type":{"type":"map","values":"string"}}""")]
    public async Task What_the_words_call_broken_the_cluster_refuses(string before, string after)
    {
        var topic = await TopicAsync();
        var (old, wanted) = (Schema("AVRO", before), Schema("AVRO", after));
        await Ports.Schemas.UploadAsync(topic, old, Stop).Ok();
        var changes = SchemaDifference.Between(AvroDefinition.Parse(old.Text).Value, AvroDefinition.Parse(wanted.Text).Value);
        foreach (
            var (strategy, fits) in new[]
            {
                ("BACKWARD", !changes.Any(one => one.BreaksNewReaders)),
                ("FORWARD", !changes.Any(one => one.BreaksOldReaders)),
            }
        )
        {
            await StrategyAsync(topic, strategy);
            Assert.Equal($"{strategy} {fits}", $"{strategy} {(await Ports.Schemas.CheckAsync(topic, wanted, Stop).Ok()).Fits}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_entry_tells_the_version_it_was_written_with_and_none_where_there_is_none(int partitions)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Schemas.UploadAsync(topic.OnCluster, Schema("AVRO", Id), Stop).Ok();
        await Ports.Schemas.UploadAsync(topic.OnCluster, Schema("AVRO", Id, Note), Stop).Ok();
        var sent = Ports
            .Messages.Locate(
                await Ports.Messages.SendAsync(@namespace, topic, new("x"u8.ToArray(), null, new Dictionary<string, string>()), Stop).Ok()
            )
            .Value;
        Assert.Null(await WrittenWithAsync(sent));
        Assert.Null(await Ports.Schemas.WrittenWithAsync(topic.OnCluster, sent.Partition, 999_999_999, 0, Stop).Ok());
        Assert.Null(await Ports.Schemas.WrittenWithAsync(topic.OnCluster, sent.Partition, -1, -1, Stop).Ok());
        if (!HasProducersWithSchemas)
            return;

        foreach (var version in new[] { 1, 0 })
        {
            var value = version == 1 ? """{"id":"a","note":"b"}""" : """{"id":"a"}""";
            var body = System.Text.Json.JsonSerializer.Serialize(
                new
                {
                    producerName = $"p{version}",
                    schemaVersion = version,
                    messages = new[] { new { payload = value } },
                }
            );
            var (status, said) = await Pulsar.CallAsync(HttpMethod.Post, $"/topics/persistent/{@namespace.Path}/{topic.Name}", body);
            Assert.True(status == HttpStatusCode.OK, $"{status} {said}");
            var id = (string)System.Text.Json.Nodes.JsonNode.Parse(said)!["messagePublishResults"]![0]!["messageId"]!;
            var parts = id.Split(':').Select(long.Parse).ToArray();
            Assert.Equal(version, await WrittenWithAsync(new(new(parts[0], parts[1], -1), partitions == 0 ? null : (int)parts[2])));
        }

        Task<long?> WrittenWithAsync(MessagePlace place) =>
            Ports.Schemas.WrittenWithAsync(topic.OnCluster, place.Partition, place.Position.Ledger, place.Position.Entry, Stop).Ok();
    }

    /// <summary>
    /// LocalPulsar has the WebSocket's producers alone, which have no schema; those over REST of 4.0 leave their version out.
    /// </summary>
    protected virtual bool HasProducersWithSchemas => true;

    private static SchemaDefinition Schema(string type, params string[] fields) =>
        SchemaDefinition.Create(type, $$"""{"type":"record","name":"Order","fields":[{{string.Join(',', fields)}}]}""").Value;

    private async Task<TopicAddress> TopicAsync(int partitions = 0, bool persistent = true)
    {
        var (_, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, partitions: partitions, persistent: persistent);
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return topic.OnCluster;
    }

    /// <summary>Brokers follow a change of a policy after a moment.</summary>
    private async Task StrategyAsync(TopicAddress topic, string strategy)
    {
        var (set, said) = await Pulsar.CallAsync(
            HttpMethod.Put,
            $"/admin/v2/namespaces/{topic.Namespace.Path}/schemaCompatibilityStrategy",
            $"\"{strategy}\""
        );
        Assert.True(set == HttpStatusCode.NoContent, $"{set} {said}");
    }
}
