using Portal.Domain.Common;
using Portal.Domain.Gateway;

namespace Portal.Tests.Domain.Gateway;

/// <summary>
/// Every parameter of Pulsar's WebSocket API on every endpoint. The broker carries them out as a superuser, so what is
/// let through has to be known.
/// </summary>
public sealed class GatewayParametersTests
{
    private const string Keys = "eyJrIjp7ImtleVZhbHVlIjoiQUFBQSJ9fQ==";

    // The names that the handlers of Pulsar 4.0.7 and 4.2.4 read, the pattern consumer of /ws/v3 included, with values that are fine and
    // values that are not.
    private static readonly (string Name, string On, string[] Fine, string[] Wrong)[] Table =
    [
        ("sendTimeoutMillis", "producer", ["0", "30000", "2147483647"], ["-1", "2147483648", "x", "", "1.5", "+1", " 1"]),
        ("batchingEnabled", "producer", ["true", "false", "True"], ["yes", "1", ""]),
        ("batchingMaxMessages", "producer", ["1", "1000", "10000"], ["0", "10001", "99999999999999999999"]),
        ("maxPendingMessages", "producer", ["0", "1000", "10000"], ["10001", "-1"]),
        ("batchingMaxPublishDelay", "producer", ["1", "60000"], ["0", "60001"]),
        ("messageRoutingMode", "producer", ["SinglePartition", "RoundRobinPartition", "CustomPartition"], ["singlepartition", "x"]),
        ("compressionType", "producer", ["NONE", "LZ4", "ZLIB", "ZSTD", "SNAPPY"], ["lz4", "GZIP"]),
        ("producerName", "producer", ["orders", "a name with blanks"], ["", "portal-producer-1", "Portal-x", "line\nbreak"]),
        ("initialSequenceId", "producer", ["-1", "0", "9223372036854775807"], ["-2", "9223372036854775808", "x"]),
        ("hashingScheme", "producer", ["JavaStringHash", "Murmur3_32Hash"], ["MD5"]),
        (
            "encryptionKeys",
            "producer",
            [Keys],
            [
                "operators-key",
                "a,b",
                "e30=",
                "eyJrIjp7fX0=",
                "bm90IGpzb24=",
                "eyJrIjp7ImtleVZhbHVlIjpudWxsfX0=",
                "eyJrIjp7ImtleVZhbHVlIjoiXHVkODAwIn19",
            ]
        ),
        ("ackTimeoutMillis", "consumer", ["0", "1000"], ["999", "-1"]),
        ("subscriptionType", "consumer", ["Exclusive", "Shared", "Failover", "Key_Shared"], ["shared", "KeyShared"]),
        ("subscriptionMode", "consumer", ["Durable", "NonDurable"], ["durable"]),
        ("subscriptionInitialPosition", "consumer", ["Latest", "Earliest"], ["earliest"]),
        ("receiverQueueSize", "consumer reader", ["0", "1000", "5000"], ["-1", "x"]),
        ("consumerName", "consumer", ["c"], ["portal-reader-1", ""]),
        ("priorityLevel", "consumer", ["0", "5"], ["-1"]),
        ("maxRedeliverCount", "consumer", ["1", "10"], ["0", "-1", "x", "1\0", "+1", " 1", "1-"]),
        ("deadLetterTopic", "", [], ["persistent://t/n/x", "x", ""]),
        ("pullMode", "consumer", ["true", "false"], ["1"]),
        ("negativeAckRedeliveryDelay", "consumer", ["0", "100"], ["-1"]),
        ("cryptoFailureAction", "consumer reader", ["FAIL", "DISCARD", "CONSUME"], ["consume", "x"]),
        ("readerName", "reader", ["r"], ["portal-reader-1"]),
        ("messageId", "reader", ["earliest", "latest", "CGwQADAA", "CGwQ+DA/", "CGwQ DA/"], ["", "first", "CG wQ=", "persistent://t/n/x"]),
        ("topics", "", [], ["persistent://t/n/x"]),
        ("topicsPattern", "", [], ["persistent://t/n/.*"]),
    ];

    public static TheoryData<string> Names() => [.. Table.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_parameter_goes_through_on_its_endpoints_with_known_values_only(string name)
    {
        var (_, on, fine, wrong) = Table.Single(row => row.Name == name);
        foreach (var address in Addresses())
        {
            var known = on.Split(' ').Contains(address.Kind.ToString().ToLowerInvariant());
            foreach (var value in fine)
            {
                var answer = Check(address, (name, value));
                if (known)
                    Assert.Contains(
                        answer.Value.Passed,
                        passed => passed.Key == name && passed.Value == value.Replace(' ', name == "messageId" ? '+' : ' ')
                    );
                else
                    Assert.Equal("parameter-unknown", answer.Problem!.Code);
            }
            foreach (var value in wrong)
            {
                var problem = Assert.IsType<Problem.Invalid>(Check(address, (name, value)).Problem);
                Assert.Contains(
                    name is "deadLetterTopic" && address.Kind == SessionKind.Consumer ? "deadLetterTopic" : name,
                    problem.Message
                );
            }
        }
    }

    [Fact]
    public void What_is_not_known_is_refused_by_name()
    {
        foreach (var address in Addresses())
        {
            foreach (
                var name in new[]
                {
                    "retryLetterTopic",
                    "initialSubscriptionName",
                    "SubscriptionType",
                    "token2",
                    "Token",
                    "replicationClusters",
                    "",
                }
            )
            {
                var problem = Assert.IsType<Problem.Invalid>(Check(address, (name, "x")).Problem);
                Assert.Equal(("parameter-unknown", name), (problem.Code, problem.Field));
            }
        }
    }

    [Fact]
    public void A_parameter_is_given_once() =>
        Assert.Equal(
            "parameter-repeated",
            Check(
                Address("consumer/persistent/shop/default/orders/s"),
                ("subscriptionType", "Shared"),
                ("subscriptionType", "Shared")
            ).Problem!.Code
        );

    [Fact]
    public void Dead_letters_always_have_a_named_place()
    {
        var consumer = Address("consumer/persistent/shop/default/orders/s");
        Assert.Null(Check(consumer, ("subscriptionType", "Shared")).Value.DeadLetterTopic);
        Assert.Equal("persistent://shop/default/orders-s-DLQ", Check(consumer, ("maxRedeliverCount", "1")).Value.DeadLetterTopic);
        Assert.Equal(
            "persistent://victim/default/x",
            Check(consumer, ("deadLetterTopic", "persistent://victim/default/x"), ("maxRedeliverCount", "1")).Value.DeadLetterTopic
        );
        // A short name would be one of public/default.
        Assert.Equal("parameter-invalid", Check(consumer, ("maxRedeliverCount", "1"), ("deadLetterTopic", "letters")).Problem!.Code);
        Assert.Equal("dead-letters-without-count", Check(consumer, ("deadLetterTopic", "persistent://shop/default/x")).Problem!.Code);
        Assert.Equal(
            "maxRedeliverCount=1&deadLetterTopic=persistent%3A%2F%2Fshop%2Fdefault%2Forders-s-DLQ",
            Check(consumer, ("maxRedeliverCount", "1")).Value.Query
        );
    }

    [Theory]
    [InlineData("/ws/v2/producer/persistent/shop/default/orders", "/ws/v2/producer/persistent/shop/default/orders")]
    [InlineData("/ws/v2/consumer/persistent/shop/default/orders/sub", "/ws/v2/consumer/persistent/shop/default/orders/sub")]
    [InlineData(
        "/ws/v2/reader/non-persistent/shop/default/orders-partition-12",
        "/ws/v2/reader/non-persistent/shop/default/orders-partition-12"
    )]
    [InlineData("/ws/v2/producer/persistent/shop/default/größe", "/ws/v2/producer/persistent/shop/default/gr%C3%B6%C3%9Fe")]
    [InlineData("/ws/v2/producer/persistent/shop/default", null)]
    [InlineData("/ws/v2/producer/persistent/shop/default/orders/more", null)]
    [InlineData("/ws/v2/consumer/persistent/shop/default/orders", null)]
    [InlineData("/ws/v2/consumer/persistent/shop/default/a/b/sub", null)]
    [InlineData("/ws/v2/consumer/persistent/shop/default/orders/__compaction", null)]
    [InlineData("/ws/v2/consumer/persistent/shop/default/orders/portal-x", null)]
    [InlineData("/ws/v2/producer/persistent/shop/default/__change_events", null)]
    [InlineData("/ws/v2/producer/persistent/public/functions/coordinate", null)]
    [InlineData("/ws/v2/producer/persistent/pulsar/system/x", null)]
    [InlineData("/ws/v2/producer/persistent/shop/default/..", null)]
    [InlineData("/ws/v2/producer/persistent/shop/default/a%2Fb", null)]
    [InlineData("/ws/v2/producer/persistent/shop/default/orders-partition-07", null)]
    [InlineData("/ws/v2/producer/persistent/shop/default/orders-partition-1-partition-1", null)]
    [InlineData("/ws/v2/producer//shop/default/orders", null)]
    [InlineData("/ws/v3/consumer/sub", null)]
    [InlineData("/ws/producer/persistent/shop/cluster/default/orders", null)]
    [InlineData("/ws/v2/pingpong", null)]
    public void An_address_is_made_anew_from_names_that_Portal_gives_out(string path, string? atBroker)
    {
        var address = GatewayAddress.Parse(path);
        Assert.Equal(atBroker, address.IsOk ? address.Value.Path : null);
    }

    private static GatewayAddress[] Addresses() =>
        [
            Address("producer/persistent/shop/default/orders"),
            Address("consumer/persistent/shop/default/orders/s"),
            Address("reader/persistent/shop/default/orders"),
        ];

    private static GatewayAddress Address(string path) => GatewayAddress.Parse("/ws/v2/" + path).Value;

    private static Outcome<CheckedParameters> Check(GatewayAddress address, params (string Name, string Value)[] query) =>
        GatewayParameters.Check(address, [.. query.Select(one => KeyValuePair.Create(one.Name, one.Value))]);
}
