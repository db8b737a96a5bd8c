using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using static Portal.Tests.Support.Fakes.StandingSchemas;

namespace Portal.Tests.Domain.Topics;

/// <summary>What people do to a topic's schema: malformed and incompatible ones are refused in words, what is done is recorded.</summary>
public sealed class SchemaTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;
    private static readonly string First = Order(Field("id", "string"));
    private static readonly string Second = Order(Field("id", "string"), Field("note", "string", "\"\""));

    [Fact]
    public async Task An_upload_is_checked_recorded_and_given_its_version()
    {
        await OrdersAsync();
        Assert.Equal(0, (await UploadAsync("JSON", First)).Value);
        Assert.Equal(1, (await UploadAsync("JSON", $"  {Second}\n")).Value);
        Assert.Equal(["check JSON", "upload JSON", "check JSON", "upload JSON"], Schemas.Asked);
        var record = await RecordAsync("schema.upload");
        Assert.Equal(
            ("shop/default/orders", AuditOutcome.Allowed, "JSON", ByteSize.Text(Second.Length)),
            (record.Subject, record.Outcome, record.Details["type"], record.Details["size"])
        );
    }

    [Theory]
    [InlineData(null, "", "schema-type-unknown", "Choose a schema type")]
    [InlineData("json", "{}", "schema-type-unknown", "Choose a schema type")]
    [InlineData("KEY_VALUE", "{}", "schema-type-unknown", "Choose a schema type")]
    [InlineData("JSON", "", "schema-malformed", "Enter the schema's definition")]
    [InlineData("JSON", "{\n\"type\": }", "schema-malformed", "The definition isn't valid JSON. Look at line 2.")]
    [InlineData("JSON", """{"type":"object","properties":{}}""", "schema-malformed", "The definition has the unknown type \"object\".")]
    [InlineData(
        "AVRO",
        """{"type":"record","name":"R","fields":[{"name":"a","type":"strng"}]}""",
        "schema-malformed",
        "Field \"a\" has the unknown type \"strng\"."
    )]
    [InlineData(
        "AVRO",
        """{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"b"}]}}]}""",
        "schema-malformed",
        "Field \"a.b\" has no \"type\"."
    )]
    [InlineData(
        "AVRO",
        """{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}""",
        "schema-malformed",
        "two fields named \"a\""
    )]
    [InlineData("AVRO", """{"type":"record","name":"1R","fields":[]}""", "schema-malformed", "valid \"name\"")]
    [InlineData("AVRO", """{"type":"record","fields":[]}""", "schema-malformed", "valid \"name\"")]
    [InlineData("AVRO", """{"type":"record","name":"R"}""", "schema-malformed", "without a list of \"fields\"")]
    [InlineData(
        "AVRO",
        """{"type":"record","name":"R","fields":[{"name":"e","type":{"type":"enum","name":"E"}}]}""",
        "schema-malformed",
        "without a list of \"symbols\""
    )]
    [InlineData(
        "AVRO",
        """{"type":"record","name":"R","fields":[{"name":"u","type":["int",["string"]]}]}""",
        "schema-malformed",
        "another union"
    )]
    [InlineData("AVRO", """{"type":"record","name":"R","fields":[{"name":"u","type":["int","int"]}]}""", "schema-malformed", "int twice")]
    [InlineData("AVRO", "\"string\"", "schema-malformed", "must be a record")]
    [InlineData("AVRO", "[]", "schema-malformed", "must be a record")]
    [InlineData("AVRO", "null", "schema-malformed", "has no type")]
    [InlineData("STRING", "text", "schema-malformed", "has no definition")]
    [InlineData("PROTOBUF_NATIVE", "syntax = \"proto3\";", "schema-malformed", "fileDescriptorSet")]
    public async Task What_is_no_schema_is_refused_where_it_is_wrong_and_never_sent(
        string? type,
        string definition,
        string code,
        string words
    )
    {
        await OrdersAsync();
        foreach (var problem in new[] { (await UploadAsync(type, definition)).Problem, (await CheckAsync(type, definition)).Problem })
        {
            Assert.Equal(code, problem?.Code);
            Assert.Contains(words, problem!.Message, StringComparison.Ordinal);
        }
        Assert.Empty(Schemas.Asked);
    }

    [Fact]
    public async Task What_nests_without_end_or_is_too_large_is_refused()
    {
        await OrdersAsync();
        var deep = string.Concat(Enumerable.Repeat("""{"type":"array","items":""", 60_000 / 25)) + "\"int\"" + new string('}', 60_000 / 25);
        Assert.Equal("schema-malformed", (await CheckAsync("AVRO", deep)).Problem?.Code);
        Assert.Equal("schema-too-large", (await CheckAsync("AVRO", new string('x', SchemaDefinition.Largest + 1))).Problem?.Code);
    }

    /// <summary>Brokers compare field by field, through every name: 4 KB of this would keep one of their threads busy for years.</summary>
    [Theory]
    [InlineData(8, true)]
    [InlineData(40, false)]
    public void What_spreads_without_bound_is_refused(int levels, bool taken)
    {
        var fields = string.Join(
            ',',
            Enumerable
                .Range(0, levels)
                .Select(level =>
                    $$$"""
                        {"name":"f{{{level}}}","type":{"type":"record","name":"A{{{level}}}","fields":[{"name":"l","type":{{{Inner(
                            level
                        )}}}},{"name":"r","type":{{{Inner(level)}}}}]}}
                        """
                )
        );
        Assert.Equal(
            taken ? null : "schema-too-wide",
            SchemaDefinition.Create("AVRO", $$"""{"type":"record","name":"Top","fields":[{{fields}}]}""").Problem?.Code
        );

        static string Inner(int level) => level == 0 ? "\"int\"" : $"\"A{level - 1}\"";
    }

    /// <summary>A list of itself is no spread.</summary>
    [Fact]
    public void A_type_inside_itself_is_taken() =>
        Assert.True(
            SchemaDefinition
                .Create(
                    "AVRO",
                    """{"type":"record","name":"Tree","fields":[{"name":"left","type":["null","Tree"]},{"name":"right","type":["null","Tree"]}]}"""
                )
                .IsOk
        );

    [Fact]
    public async Task An_incompatible_schema_is_refused_with_its_reasons_and_leaves_no_record()
    {
        await OrdersAsync();
        Schemas.Has(First);
        var wrong = Order(Field("id", "long"), Field("note", "string"));
        var refused = Assert.IsType<Problem.Conflict>((await UploadAsync("JSON", wrong)).Problem);
        Assert.Equal(("schema-incompatible", "definition"), (refused.Code, refused.Field));
        Assert.Equal(
            "This schema isn't compatible with version 0. Field \"id\" changed from string to long. "
                + "Field \"note\" (string) was added without a default value. "
                + "The namespace's rule is full compatibility: the new and the previous schema must be able to read each other's messages.",
            refused.Message
        );
        Assert.Equal(["check JSON"], Schemas.Asked);
        Assert.Empty(await RecordsAsync("schema.upload"));
        var check = (await CheckAsync("JSON", wrong)).Value;
        Assert.Equal(("FULL", 0L, 2), (check.Strategy, check.Clash!.Against, check.Clash.Reasons.Count));
        Assert.Null((await CheckAsync("JSON", Second)).Value.Clash);
        Assert.Contains(
            "type JSON, and the type can't change to STRING",
            (await CheckAsync("STRING", "")).Value.Clash!.Sentence,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Versions_come_in_pages_and_two_of_them_are_compared()
    {
        await OrdersAsync();
        for (var version = 0; version < 60; version++)
            Schemas.Has(Order([Field("id", "string"), .. Enumerable.Range(0, version).Select(number => Field($"n{number}", "int", "0"))]));
        var first = (await ListAsync(new PageRequest(1000))).Value;
        Assert.Equal((50, 59L, "9"), (first.Items.Count, first.Items[0].Version, first.Next));
        var last = (await ListAsync(new PageRequest(1000, first.Next))).Value;
        Assert.Equal((10, 9L, (string?)null), (last.Items.Count, last.Items[0].Version, last.Next));
        await Assert.ThrowsAsync<CursorUnknownException>(() => ListAsync(new PageRequest(10, "x")));
        Assert.Equal(59, (await ListAsync(PageRequest.OfPage(10, "x"))).Value.Items[0].Version);

        var compared = (await CompareAsync(1, 3)).Value;
        Assert.Equal(
            ["Field \"n1\" (int) was added with a default value.", "Field \"n2\" (int) was added with a default value."],
            compared.Changes!.Select(one => one.Words)
        );
        Assert.Contains(compared.Lines!, line => line is { Mark: '+' } && line.Text.Contains("n2", StringComparison.Ordinal));
        Assert.Equal("schema-version-missing", (await CompareAsync(null, 3)).Problem?.Code);
        Assert.Equal("schema-version-not-found", (await CompareAsync(1, 60)).Problem?.Code);
        Assert.Equal("schema-version-not-found", (await VersionAsync(99)).Problem?.Code);
    }

    [Fact]
    public async Task A_deletion_is_recorded_and_without_a_schema_there_is_nothing_to_do()
    {
        await OrdersAsync();
        Assert.True((await DeleteAsync(Owner)).IsOk);
        Assert.Empty(Schemas.Asked);
        Schemas.Has(First);
        Assert.True((await DeleteAsync(Owner)).IsOk);
        Assert.Equal("0", (await RecordAsync("schema.delete")).Details["version"]);
        Assert.Equal("schema-not-found", (await VersionAsync(null)).Problem?.Code);
    }

    [Fact]
    public async Task Who_may_only_look_changes_nothing_and_a_cluster_that_is_away_is_said()
    {
        await OrdersAsync();
        Schemas.Has(First);
        var viewer = await MemberAsync(Role.Viewer);
        foreach (
            var problem in new[]
            {
                (await UploadAsync("JSON", Second, viewer)).Problem,
                (await CheckAsync("JSON", Second, viewer)).Problem,
                (await DeleteAsync(viewer)).Problem,
            }
        )
            Assert.IsType<Problem.Forbidden>(problem);
        Assert.Equal(First, (await Use<GetSchemaVersion>().RunAsync(viewer, Org, "shop", "default", "orders", null, Now)).Value.Definition);
        Assert.Empty(Schemas.Asked);
        Schemas.Trouble = new Problem.Unavailable("cluster-unreachable", "Away.");
        foreach (
            var problem in new[]
            {
                (await UploadAsync("JSON", Second)).Problem,
                (await DeleteAsync(Owner)).Problem,
                (await VersionAsync(null)).Problem,
                (await CompareAsync(0, 0)).Problem,
            }
        )
            Assert.Equal("cluster-unreachable", problem?.Code);
    }

    [Fact]
    public async Task A_topic_that_is_not_ready_has_no_schema_yet()
    {
        await TenantAsync();
        await Use<CreateTopic>().RunAsync(Owner, Org, "shop", "default", new("orders"), Now);
        foreach (
            var problem in new[]
            {
                (await UploadAsync("JSON", First)).Problem,
                (await DeleteAsync(Owner)).Problem,
                (await VersionAsync(null)).Problem,
            }
        )
            Assert.Equal("topic-not-ready", problem?.Code);
    }

    private async Task OrdersAsync()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
    }

    private Task<Outcome<long>> UploadAsync(string? type, string definition, Actor? actor = null) =>
        Use<UploadSchema>().RunAsync(actor ?? Owner, Org, "shop", "default", "orders", type, definition, Now);

    private Task<Outcome<SchemaCheck>> CheckAsync(string? type, string definition, Actor? actor = null) =>
        Use<CheckSchema>().RunAsync(actor ?? Owner, Org, "shop", "default", "orders", type, definition, Now);

    private Task<Outcome<Done>> DeleteAsync(Actor actor) => Use<DeleteSchema>().RunAsync(actor, Org, "shop", "default", "orders", Now);

    private Task<Outcome<PageOf<SchemaVersionHead>>> ListAsync(PageRequest page) =>
        Use<ListSchemaVersions>().RunAsync(Owner, Org, "shop", "default", "orders", page, Now);

    private Task<Outcome<SchemaComparison>> CompareAsync(long? from, long? to) =>
        Use<CompareSchemas>().RunAsync(Owner, Org, "shop", "default", "orders", from, to, Now);

    private Task<Outcome<SchemaVersion>> VersionAsync(long? version) =>
        Use<GetSchemaVersion>().RunAsync(Owner, Org, "shop", "default", "orders", version, Now);

    private async Task<IReadOnlyList<AuditRecord>> RecordsAsync(string operation) =>
        (await Use<ListAudit>().RunAsync(Owner, Org, new(Operation: operation), new(), Now)).Value.Items;

    private async Task<AuditRecord> RecordAsync(string operation) => (await RecordsAsync(operation))[0];
}
