using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Connectors;
using Xunit;

namespace Portal.Tests.Domain.Connectors;

public sealed class ConnectorGuideTests
{
    private static readonly ConnectorGuides Guides = new([]);

    private static readonly IReadOnlyList<ConnectorField> OfKafka =
    [
        new("fetchMinBytes", FieldKind.LargeWhole, false, "1", null, false),
        new("bootstrapServers", FieldKind.Text, true, null, "Written by the author.", false),
        new("groupId", FieldKind.Text, true, null, null, false),
        new("topic", FieldKind.Text, true, null, null, false),
        new("securityProtocol", FieldKind.Text, false, null, null, false),
        new("saslJaasConfig", FieldKind.Text, false, null, null, true),
        new("ofANewerVersion", FieldKind.Text, false, null, "Kept.", false),
        new("consumerConfigProperties", FieldKind.Map, false, null, null, false),
    ];

    [Fact]
    public void Settings_come_in_the_guides_order_and_what_it_does_not_know_comes_last_as_it_is()
    {
        var fields = Guides.Find(ConnectorKind.Source, "kafka")!.Guided(OfKafka);
        Assert.Equal(
            [
                "bootstrapServers",
                "topic",
                "groupId",
                "securityProtocol",
                "saslJaasConfig",
                "fetchMinBytes",
                "consumerConfigProperties",
                "ofANewerVersion",
            ],
            fields.Select(field => field.Name)
        );
        Assert.Equal(("Kafka brokers", "ofANewerVersion"), (fields[0].Label, fields[^1].Label));
        Assert.True(fields[0].Required);
    }

    [Theory]
    [InlineData("bootstrapServers", "kafka", "connector-field-format")]
    [InlineData("bootstrapServers", "kafka:9092, other:9093", null)]
    [InlineData("bootstrapServers", "kafka:9092,", "connector-field-format")]
    [InlineData("securityProtocol", "TLS", "connector-field-choice")]
    [InlineData("securityProtocol", "SASL_SSL", null)]
    public void What_a_guide_knows_is_checked_before_a_cluster_takes_it(string name, string value, string? code)
    {
        var guide = Guides.Find(ConnectorKind.Source, "kafka")!;
        var definition = new ConnectorDefinition(new(ConnectorKind.Source, "kafka", null), guide.Guided(OfKafka));
        var given = new JsonObject
        {
            ["bootstrapServers"] = "kafka:9092",
            ["groupId"] = "g",
            ["topic"] = "t",
            [name] = value,
        };
        Assert.Equal(
            code is null ? [] : [(code, $"configuration.{name}")],
            ConnectorConfiguration.Check(definition, given, []).Select(problem => (problem.Code, problem.Field!))
        );
    }

    /// <summary>
    /// A worker's files hold the cluster's own token, and Kafka's client reads them, loads classes and opens any address when a setting
    /// says so.
    /// </summary>
    [Theory]
    [InlineData("""{"fetch.max.bytes": 1000, "ssl.truststore.type": "PEM", "ssl.truststore.certificates": "-----BEGIN"}""", null)]
    [InlineData(
        """{"config.providers": "d", "config.providers.d.class": "org.apache.kafka.common.config.provider.DirectoryConfigProvider"}""",
        "connector-field-reach"
    )]
    [InlineData("""{"client.id": "${d:/pulsar/conf:admin.token}"}""", "connector-field-reach")]
    [InlineData("""{"sasl.jaas.config": "com.sun.security.auth.module.JndiLoginModule required;"}""", "connector-field-reach")]
    [InlineData("""{"sasl.oauthbearer.jwks.endpoint.url": "file:///etc/passwd"}""", "connector-field-reach")]
    [InlineData("""{"ssl.truststore.location": "/etc/passwd"}""", "connector-field-reach")]
    [InlineData("""{"Client.ID": "a"}""", "connector-field-reach")]
    [InlineData("""{"client.id": {"a": 1}}""", "connector-field-reach")]
    public void More_settings_of_Kafkas_client_are_those_that_stay_inside_it(string properties, string? code)
    {
        var guide = Guides.Find(ConnectorKind.Source, "kafka")!;
        var definition = new ConnectorDefinition(new(ConnectorKind.Source, "kafka", null), guide.Guided(OfKafka));
        var given = new JsonObject
        {
            ["bootstrapServers"] = "kafka:9092",
            ["groupId"] = "g",
            ["topic"] = "t",
            ["consumerConfigProperties"] = JsonNode.Parse(properties),
        };
        Assert.Equal(code is null ? [] : [code], ConnectorConfiguration.Check(definition, given, []).Select(problem => problem.Code));
    }

    [Theory]
    [InlineData("sink", "jdbc-postgres", "jdbcUrl", "jdbc:postgresql://a:5432,b:5432/shop?sslmode=require&currentSchema=sales", true)]
    [InlineData(
        "sink",
        "jdbc-postgres",
        "jdbcUrl",
        "jdbc:postgresql://a/shop?socketFactory=org.springframework.context.support.ClassPathXmlApplicationContext",
        false
    )]
    [InlineData("sink", "jdbc-postgres", "jdbcUrl", "jdbc:postgresql://a/shop?ssl=true&loggerFile=/tmp/x", false)]
    [InlineData("sink", "jdbc-mariadb", "jdbcUrl", "jdbc:mariadb://a/shop?allowLocalInfile=true", false)]
    [InlineData("sink", "jdbc-mariadb", "jdbcUrl", "jdbc:mysql://a/shop?autoDeserialize=true", false)]
    [InlineData("sink", "jdbc-clickhouse", "jdbcUrl", "jdbc:clickhouse:http://a:8123/default", true)]
    [InlineData("sink", "jdbc-sqlite", "jdbcUrl", "jdbc:sqlite:shop.db", true)]
    [InlineData("sink", "jdbc-sqlite", "jdbcUrl", "jdbc:sqlite:/pulsar/conf/shop.db", false)]
    [InlineData(
        "source",
        "kafka",
        "saslJaasConfig",
        """org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="it's \"b\"";""",
        true
    )]
    [InlineData(
        "sink",
        "kafka",
        "saslJaasConfig",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"a\"\n  password=\"b\" tokenauth=true ;",
        true
    )]
    [InlineData(
        "source",
        "kafka",
        "saslJaasConfig",
        """com.sun.security.auth.module.JndiLoginModule required user.provider.url="ldap://mine/x";""",
        false
    )]
    [InlineData(
        "source",
        "kafka",
        "saslJaasConfig",
        "org.apache.kafka.common.security.plain.PlainLoginModule required; com.sun.security.auth.module.JndiLoginModule required;",
        false
    )]
    [InlineData(
        "source",
        "kafka",
        "saslJaasConfig",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\n; com.evil.Module required x=\" password=\"b\";",
        false
    )]
    [InlineData("source", "kafka", "valueDeserializationClass", "org.apache.kafka.common.serialization.StringDeserializer", true)]
    [InlineData("source", "kafka", "valueDeserializationClass", "javax.script.ScriptEngineManager", false)]
    public void What_loads_code_or_reads_files_on_the_cluster_is_not_taken(string kind, string type, string field, string value, bool fits)
    {
        Assert.True(ConnectorWords.TryKind(kind, out var way));
        Assert.Equal(fits, Guides.Find(way, type)!.Fields!.Single(one => one.Name == field).Fits(value));
    }

    [Theory]
    [InlineData("topic", "other", false)]
    [InlineData("bootstrapServers", "elsewhere:9092", true)]
    [InlineData("securityProtocol", "PLAINTEXT", true)]
    public void A_saved_secret_is_asked_for_again_only_where_it_may_go_elsewhere(string changed, string value, bool needed)
    {
        var guide = Guides.Find(ConnectorKind.Source, "kafka")!;
        var definition = new ConnectorDefinition(new(ConnectorKind.Source, "kafka", null), guide.Guided(OfKafka));
        var before = new JsonObject
        {
            ["bootstrapServers"] = "kafka:9092",
            ["groupId"] = "g",
            ["topic"] = "t",
            ["securityProtocol"] = "SASL_SSL",
        };
        var after = (JsonObject)before.DeepClone();
        after[changed] = value;
        Assert.Equal(needed, KeptSecrets.Refuse(definition, before, after, ["saslJaasConfig"]) is not null);
    }

    [Theory]
    [InlineData(FieldKind.Whole, "port", true)]
    [InlineData(FieldKind.Flag, "useTls", true)]
    [InlineData(FieldKind.Whole, "batchSize", false)]
    // What a function makes of a number only it knows: 3232235777 is an address too.
    [InlineData(FieldKind.Anything, "limit", true)]
    public void A_number_or_a_switch_leads_elsewhere_by_what_it_is_called(FieldKind kind, string changed, bool needed)
    {
        var field = new ConnectorField(changed, kind, false, null, null, false);
        var definition = new ConnectorDefinition(
            new(ConnectorKind.Sink, "own", null),
            [field, new("password", FieldKind.Text, false, null, null, true)]
        );
        Assert.Equal(needed, KeptSecrets.Refuse(definition, new() { [changed] = 1 }, new() { [changed] = 2 }, ["password"]) is not null);
    }

    [Fact]
    public void A_setting_that_looks_like_a_mark_is_put_in_as_it_is()
    {
        var guide = Guides.Find(ConnectorKind.Source, "kafka")!;
        string? Value(string name) =>
            name switch
            {
                "bootstrapServers" => string.Concat(Enumerable.Repeat("{topic}", 100)),
                "topic" => string.Concat(Enumerable.Repeat("{groupId}", 100)),
                _ => new string('g', 10_000),
            };
        var said = guide.Explain("Failed to construct kafka consumer", Value).Says;
        Assert.Contains("resolve {topic}{topic}", said, StringComparison.Ordinal);
        Assert.InRange(said.Length, 200, 500);
    }

    [Fact]
    public void Exceptions_are_explained_with_what_the_settings_say()
    {
        var guide = Guides.Find(ConnectorKind.Sink, "cassandra")!;
        string? Value(string name) =>
            name switch
            {
                "keyspace" => "shop",
                "columnFamily" => "readings",
                _ => null,
            };
        Assert.Equal(
            new("The table shop.readings doesn't exist. Create it in Cassandra, and the sink goes on.", "columnFamily"),
            guide.Explain("unconfigured table readings", Value)
        );
        Assert.Equal(new("something new", null), guide.Explain("something new", Value));
        Assert.Equal(
            "CREATE TABLE IF NOT EXISTS shop.readings (\n  id text PRIMARY KEY,\n  reading text\n);",
            guide.Filled(guide.Snippet!.Code, Value)
        );
    }

    [Fact]
    public void An_operators_own_guide_takes_the_place_of_the_portals()
    {
        var own = ConnectorGuide.Read("""{"kind": "source", "types": ["kafka", "kafka-2"], "title": "Our Kafka"}""");
        var guides = new ConnectorGuides([own]);
        Assert.Equal(
            ("Our Kafka", "Our Kafka", "Apache Cassandra"),
            (Title(ConnectorKind.Source, "kafka"), Title(ConnectorKind.Source, "kafka-2"), Title(ConnectorKind.Sink, "cassandra"))
        );

        string? Title(ConnectorKind kind, string type) => guides.Find(kind, type)?.Title;
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"kind": "drain", "types": ["kafka"]}""")]
    [InlineData("""{"kind": "sink", "types": []}""")]
    [InlineData("""{"kind": "sink", "types": ["a"], "titel": "A"}""")]
    [InlineData("""{"kind": "sink", "types": ["a"], "fields": [{"name": "x", "pattern": "("}]}""")]
    [InlineData("""{"kind": "sink", "types": ["a"], "troubles": [{"contains": "", "says": "x"}]}""")]
    public void A_file_that_is_no_guide_says_why(string json) =>
        Assert.NotEmpty(Assert.ThrowsAny<JsonException>(() => ConnectorGuide.Read(json)).Message);

    [Fact]
    public void A_pattern_that_takes_for_ever_holds_nobody_up()
    {
        var guide = ConnectorGuide.Read("""{"kind": "sink", "types": ["a"], "fields": [{"name": "x", "pattern": "^(a+)+$"}]}""");
        Assert.False(guide.Fields!.Single().Fits(new string('a', 10_000) + "!"));
        // What looks back cannot be told in such a time. Some patterns keep files safe, so it is not taken.
        guide = ConnectorGuide.Read("""{"kind": "sink", "types": ["a"], "fields": [{"name": "x", "pattern": "^(?=(a+)+b)(a+)+$"}]}""");
        Assert.False(guide.Fields!.Single().Fits(new string('a', 40)));
    }
}
