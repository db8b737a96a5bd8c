using System.Text;
using CsCheck;
using Portal.Domain.Access;
using Portal.Domain.Migration;
using Portal.Domain.Plans;

namespace Portal.Tests.Domain.Migration;

public sealed class TopicMappingTests
{
    private static readonly EffectivePlan Free = new PlanCatalog([]).For(PlanCode.Free, OwnLimits.None);
    private static readonly EffectivePlan Dedicated = new PlanCatalog([]).For(PlanCode.Dedicated, OwnLimits.None);
    private static readonly TopicFacts Plain = new(1, 1, false, 10, 10, new Dictionary<string, string>());

    [Fact]
    public void The_first_rule_that_matches_decides_and_what_none_matches_stays()
    {
        var mapping = new TopicMapping(
            "shop",
            [
                new("prefix", "tmp.", null, null, null),
                new("prefix", "orders.", null, "orders", "{rest}"),
                new("regex", @"([a-z]+)\.eu\.(.*)", "office", "europe", "$2-of-$1"),
                new("regex", ".*-log", null, "logs", null),
            ]
        );
        Assert.Equal((null, StayReason.ByRule), mapping.Of("tmp.x", false));
        Assert.Equal(new MappingTarget("shop", "orders", "paid"), mapping.Of("orders.paid", false).Target);
        Assert.Equal(new MappingTarget("office", "europe", "cash-of-till"), mapping.Of("till.eu.cash", false).Target);
        Assert.Equal(new MappingTarget("shop", "logs", "web-log"), mapping.Of("web-log", false).Target);
        Assert.Equal((null, StayReason.ByRule), mapping.Of("web-log-2", false));
        Assert.Equal((null, StayReason.Internal), mapping.Of("orders.paid", true));
    }

    [Fact]
    public void An_expression_that_takes_too_long_moves_nothing_and_the_rest_of_a_mapping_does_not_try_it_again()
    {
        MappingRule[] rules =
        [
            new("prefix", "quick.", null, "quick", null),
            new("regex", "(x+x+)+y", null, "slow", "$1$1$1"),
            MappingRule.Everything("rest"),
        ];
        Assert.All(rules.Index(), rule => Assert.Null(rule.Item.Refusal(rule.Index)));
        var mapping = new TopicMapping("shop", rules);
        Assert.Equal(new MappingTarget("shop", "rest", "orders"), mapping.Of("orders", false).Target);
        for (var number = 0; number < 500; number++)
            Assert.Equal((null, StayReason.RuleTooSlow), mapping.Of($"{new string('x', 240)}{number}", false));
        Assert.Equal(new MappingTarget("shop", "quick", "quick.orders"), mapping.Of("quick.orders", false).Target);
    }

    [Fact]
    public void A_name_made_of_groups_stays_within_what_is_kept() =>
        Assert.Equal(
            300,
            new TopicMapping("shop", [new("regex", "(.*)", null, "default", string.Concat(Enumerable.Repeat("$1", 100)))])
                .Of(new string('a', 240), false)
                .Target!.Name.Length
        );

    [Theory]
    [InlineData("something", null, "mapping-rule-kind")]
    [InlineData("prefix", "", "mapping-rule-pattern")]
    [InlineData("regex", "(", "mapping-rule-pattern")]
    [InlineData("regex", @"(a)\1", "mapping-rule-pattern")]
    [InlineData("regex", "(?=a)", "mapping-rule-pattern")]
    public void A_rule_that_cannot_be_is_refused_with_its_place(string kind, string? pattern, string code)
    {
        var refusal = new MappingRule(kind, pattern, null, "default", null).Refusal(2);
        Assert.Equal(code, refusal?.Code);
        Assert.StartsWith("rules[2].", refusal?.Field, StringComparison.Ordinal);
        Assert.Equal("namespace-name-malformed", new MappingRule("all", null, null, "a/b", null).Refusal(0)?.Code);
    }

    [Fact]
    public void Any_names_that_Kafka_takes_and_differ_map_to_paths_that_differ_under_the_rule_for_all() =>
        Gen.String[Gen.Char["abcXYZ019._-"], 1, 249]
            .Array[2]
            .Sample(names =>
            {
                var mapping = new TopicMapping("shop", [MappingRule.Everything("default")]);
                Assert.Equal(names[0] == names[1], mapping.Of(names[0], false).Target!.Path == mapping.Of(names[1], false).Target!.Path);
            });

    [Theory]
    [InlineData("orders-partition-0", "name-refused")]
    [InlineData("__mine", "name-refused")]
    [InlineData("..", "name-refused")]
    [InlineData("new", "name-refused")]
    public void Names_that_Pulsar_or_the_portal_refuses_block_with_a_way_out(string name, string code)
    {
        var clash = Assert.Single(MappingClashes.Of(Topic(name, Plain), new(Dedicated, [], false)));
        Assert.Equal((code, ClashWeight.Blocks), (clash.Code, clash.Weight));
        Assert.Contains("another name", clash.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_name_of_Kafka_is_too_long_and_200_characters_are_not()
    {
        Assert.Equal("name-refused", Assert.Single(MappingClashes.Of(Topic(new('a', 249), Plain), new(Dedicated, [], false))).Code);
        Assert.Empty(MappingClashes.Of(Topic(new('a', 200), Plain), new(Dedicated, [], false)));
        Assert.Empty(MappingClashes.Of(Topic("a.b_c", Plain), new(Dedicated, [], false)));
    }

    [Fact]
    public void Topics_that_map_alike_and_those_that_are_there_block()
    {
        var clashes = MappingClashes.Of(Topic("orders", Plain), new(Dedicated, ["eu.orders"], true));
        Assert.Equal(["maps-alike", "topic-exists"], clashes.Select(clash => clash.Code));
        Assert.Contains("eu.orders", clashes[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_is_too_small_is_named_with_the_plan_that_lifts_it()
    {
        var facts = Plain with
        {
            Partitions = 12,
            Configuration = new Dictionary<string, string> { ["retention.ms"] = "-1", ["max.message.bytes"] = "10485760" },
        };
        var clashes = MappingClashes.Of(Topic("orders", facts), new(Free, [], false));
        Assert.Equal(["partitions-limit", "large-messages-allowed", "retention-forever"], clashes.Select(clash => clash.Code));
        Assert.Contains("Pay as you go", clashes[0].Message, StringComparison.Ordinal);
        Assert.Contains("forever", clashes[2].Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            MappingClashes.Of(Topic("orders", facts), new(Dedicated, [], false)),
            clash => clash.Weight == ClashWeight.Blocks
        );
    }

    [Fact]
    public void What_Pulsar_does_otherwise_is_said()
    {
        var facts = Plain with
        {
            Partitions = 3,
            Configuration = new Dictionary<string, string>
            {
                ["cleanup.policy"] = "compact,delete",
                ["message.timestamp.type"] = "LogAppendTime",
            },
            Sample = new(10, 1000, 200, DataFormat.Text, DataFormat.Avro, [7], 2, 1, 3),
        };
        Assert.Equal(
            ["compacted", "append-time", "tombstones", "schema-registry", "null-keys", "headers", "partitioner"],
            MappingClashes.Of(Topic("orders", facts), new(Dedicated, [], false)).Select(clash => clash.Code)
        );
        var large = facts with { Sample = facts.Sample with { Largest = MappingClashes.LargestMessage + 1 } };
        Assert.Equal("message-too-large", MappingClashes.Of(Topic("orders", large), new(Dedicated, [], false))[0].Code);
        Assert.Equal("not-readable", MappingClashes.Of(Topic("orders", Plain with { MayRead = false }), new(Dedicated, [], false))[0].Code);
    }

    [Theory]
    [InlineData(DataFormat.Json, "{\"a\": 1}", "[1, 2]")]
    [InlineData(DataFormat.Text, "{\"a\": 1}", "hello")]
    [InlineData(DataFormat.Text, "{not json", "")]
    [InlineData(DataFormat.Binary, "hello", "\u0001\u0002")]
    [InlineData(DataFormat.Avro, "\0\0\0\0\u0007abc", "\0\0\0\0\u0009d")]
    [InlineData(DataFormat.Empty, "", "")]
    public void Formats_are_told_from_a_few_messages(DataFormat format, string first, string second)
    {
        var guess = new FormatGuess();
        guess.See(Encoding.UTF8.GetBytes(first));
        guess.See(Encoding.UTF8.GetBytes(second));
        Assert.Equal(format, guess.Format);
        Assert.Equal(format == DataFormat.Avro ? [7, 9] : Array.Empty<int>(), guess.SchemaIds);
    }

    [Theory]
    [InlineData("kafka-1:9092, kafka-2:9092,kafka-1:9092", "kafka-1:9092,kafka-2:9092")]
    [InlineData("[::1]:9092", "[::1]:9092")]
    [InlineData("10.0.0.1:9092", "10.0.0.1:9092")]
    public void Bootstrap_servers_are_read_as_Kafka_writes_them(string given, string read) =>
        Assert.Equal(read, string.Join(',', KafkaHost.ParseAll(given).Value));

    [Theory]
    [InlineData("")]
    [InlineData("kafka")]
    [InlineData("kafka:0")]
    [InlineData("kafka:99999")]
    [InlineData("http://kafka:9092")]
    [InlineData("kafka:9092;sasl.jaas=x")]
    [InlineData("a b:9092")]
    public void What_is_no_server_is_refused_with_an_example(string given) =>
        Assert.StartsWith("kafka-server", KafkaHost.ParseAll(given).Problem?.Code, StringComparison.Ordinal);

    private static MigrationTopic Topic(string name, TopicFacts facts)
    {
        var topic = new MigrationTopic(default, name);
        topic.Seen(facts, DateTimeOffset.UnixEpoch);
        topic.MapTo(new("shop", "default", name), MappingSource.Rule, blocked: false);
        return topic;
    }
}
