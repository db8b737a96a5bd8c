using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.KafkaSource;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>The look at a customer's Kafka against a real one.</summary>
public sealed class KafkaClusterContractTests
{
    private static readonly IKafkaCluster Anywhere = Cluster(KafkaReach.Anywhere);

    [Theory]
    [InlineData(KafkaSecurity.SaslPlain)]
    [InlineData(KafkaSecurity.SaslScram256)]
    [InlineData(KafkaSecurity.SaslScram512)]
    public async Task A_user_with_the_right_password_passes_every_step(KafkaSecurity security)
    {
        var kafka = await KafkaServer.SharedAsync();
        await TopicAsync(kafka, KafkaServer.Unique("test.seen"));
        var test = await Anywhere.TestAsync(kafka.SaslConnection(security: security), CancellationToken.None);
        Assert.All(test.Checks, check => Assert.True(check.State == CheckState.Passed, $"{check}"));
        Assert.Equal(1, test.Brokers);
        Assert.False(string.IsNullOrEmpty(test.ClusterId));
    }

    [Fact]
    public async Task Each_failure_has_its_sentence_and_says_what_to_do()
    {
        var kafka = await KafkaServer.SharedAsync();
        var plain = kafka.Connection;
        await FailsAsync(
            plain with
            {
                BootstrapServers = "no-such-host.invalid:9092",
            },
            ConnectionStep.Name,
            "kafka-name-unknown",
            "no-such-host.invalid doesn't resolve"
        );
        await FailsAsync(
            plain with
            {
                BootstrapServers = "127.0.0.1:1",
            },
            ConnectionStep.Port,
            "kafka-port-closed",
            "127.0.0.1:1 refuses connections"
        );
        await FailsAsync(plain with { BootstrapServers = kafka.Tls }, ConnectionStep.Kafka, "kafka-", "TLS");
        await FailsAsync(plain with { BootstrapServers = kafka.Sasl }, ConnectionStep.Kafka, "kafka-needs-sign-in", "SCRAM-SHA-512");
        await FailsAsync(plain with { Security = KafkaSecurity.Tls }, ConnectionStep.Tls, "kafka-tls-failed", "may not speak TLS");
        await FailsAsync(
            kafka.SaslConnection() with
            {
                BootstrapServers = kafka.Plaintext,
            },
            ConnectionStep.Kafka,
            "kafka-no-sign-in",
            "doesn't ask clients to sign in"
        );
        await FailsAsync(kafka.SaslConnection(password: "wrong"), ConnectionStep.SignIn, "kafka-sign-in-failed", "SCRAM-SHA-512");
        await FailsAsync(
            kafka.SaslConnection(password: "wrong", security: KafkaSecurity.SaslPlain),
            ConnectionStep.SignIn,
            "kafka-sign-in-failed",
            "PLAIN"
        );
        await FailsAsync(kafka.SaslConnection("nobody"), ConnectionStep.SignIn, "kafka-sign-in-failed", "user and password");
    }

    [Fact]
    public async Task An_untrusted_certificate_is_shown_and_trusted_once_it_was_pasted()
    {
        var kafka = await KafkaServer.SharedAsync();
        var tls = new KafkaConnection(kafka.Tls, KafkaSecurity.Tls, null, null, null);
        var untrusted = await Anywhere.TestAsync(tls, CancellationToken.None);
        Assert.Equal(("kafka-tls-untrusted", ConnectionStep.Tls), (untrusted.Failure!.Code, untrusted.Failure.Step));
        Assert.Contains("CN=localhost", untrusted.Failure.Message, StringComparison.Ordinal);

        var trusted = await Anywhere.TestAsync(tls with { CertificateAuthority = untrusted.Failure.Paste }, CancellationToken.None);
        Assert.True(trusted.Works, string.Join('\n', trusted.Checks));
        await using var look = (
            await Anywhere.OpenAsync(tls with { CertificateAuthority = kafka.AuthorityPem }, CancellationToken.None)
        ).Value;
        Assert.True((await look.TopicNamesAsync(CancellationToken.None)).IsOk);
    }

    [Fact]
    public async Task A_dead_server_beside_a_living_one_is_a_warning()
    {
        var kafka = await KafkaServer.SharedAsync();
        var test = await Anywhere.TestAsync(
            kafka.Connection with
            {
                BootstrapServers = $"127.0.0.1:1,{kafka.Plaintext}",
            },
            CancellationToken.None
        );
        Assert.True(test.Works, string.Join('\n', test.Checks));
        var port = test.Checks.Single(check => check.Step == ConnectionStep.Port);
        Assert.Equal((CheckState.Warning, "kafka-port-closed"), (port.State, port.Code));
        Assert.True(
            (
                await Anywhere.OpenAsync(
                    kafka.Connection with
                    {
                        BootstrapServers = $"127.0.0.1:1,{kafka.Plaintext}",
                    },
                    CancellationToken.None
                )
            ).IsOk
        );
    }

    [Fact]
    public async Task A_Kafka_that_hangs_is_given_up_in_time_with_its_sentence()
    {
        using var hanging = new TcpListener(IPAddress.Loopback, 0);
        hanging.Start();
        var connection = new KafkaConnection($"{hanging.LocalEndpoint}", KafkaSecurity.Plaintext, null, null, null);
        var began = Environment.TickCount64;
        var test = await Anywhere.TestAsync(connection, CancellationToken.None);
        Assert.Equal(("kafka-silent", ConnectionStep.Kafka), (test.Failure!.Code, test.Failure.Step));
        var opened = await Anywhere.OpenAsync(connection, CancellationToken.None);
        Assert.IsType<Problem.Unavailable>(opened.Problem);
        Assert.InRange(Environment.TickCount64 - began, 0, 40_000);
    }

    [Fact]
    public async Task Private_addresses_are_reached_only_where_the_operator_allows_them()
    {
        var kafka = await KafkaServer.SharedAsync();
        var closed = Cluster(new(address => !IPAddress.IsLoopback(address)));
        var test = await closed.TestAsync(kafka.Connection, CancellationToken.None);
        Assert.Equal(("kafka-private-address", ConnectionStep.Name), (test.Failure!.Code, test.Failure.Step));
        Assert.Equal("kafka-private-address", (await closed.OpenAsync(kafka.Connection, CancellationToken.None)).Problem?.Code);

        // Long after the connection was tried: the name leads elsewhere by now, or it is the broker behind it that does.
        foreach (var good in new[] { 0, 1 })
        {
            foreach (
                var read in new Func<IKafkaPartitions, Task<Problem?>>[]
                {
                    async source => (await source.OffsetsAsync(kafka.Connection, new("any", 0), CancellationToken.None)).Problem,
                    async source => (await source.OpenAsync(kafka.Connection, new("any", 0), 0, CancellationToken.None)).Problem,
                    async source => (await source.IsCompactedAsync(kafka.Connection, "any", CancellationToken.None)).Problem,
                }
            )
            {
                var left = good;
                // Whoever decides counts, which no process beside this one could.
                var source = new KafkaPartitions(new(_ => left-- > 0), TimeProvider.System);
                // With one good answer the look beforehand passes, and the connection is what is refused: nobody is there.
                var problem = await read(source);
                Assert.True(good == 0 ? problem?.Code == "kafka-private-address" : problem is Problem.Unavailable, $"{problem}");
            }
        }
    }

    [Fact]
    public async Task A_topic_is_described_as_it_is()
    {
        var kafka = await KafkaServer.SharedAsync();
        var name = KafkaServer.Unique("test.orders");
        await TopicAsync(
            kafka,
            name,
            3,
            new()
            {
                ["cleanup.policy"] = "compact",
                ["retention.ms"] = "86400000",
                ["max.message.bytes"] = "2000000",
                ["message.timestamp.type"] = "LogAppendTime",
            }
        );
        var empty = KafkaServer.Unique("test.empty");
        await TopicAsync(kafka, empty);
        await SendAsync(kafka, name, 0, [("a", "{\"total\": 12}"), ("b", "{\"total\": 30}"), ("a", null)]);
        await SendAsync(kafka, name, 1, [("c", "{\"total\": 5}")]);

        await using var look = (await Anywhere.OpenAsync(kafka.Connection, CancellationToken.None)).Value;
        var described = (await look.DescribeAsync([name, empty, "no-such-topic"], CancellationToken.None)).Value;
        Assert.Equal([empty, name], described.Keys.Order(StringComparer.Ordinal));
        var facts = described[name];
        Assert.Equal(
            (3, 1, 4L, 4L, true, true),
            (facts.Partitions, facts.Replication, facts.Messages, facts.Ends, facts.MayRead, facts.IsCompacted)
        );
        Assert.Equal((86_400_000L, 2_000_000L, true), (facts.RetentionMilliseconds, facts.LargestMessage, facts.HasAppendTime));
        var sample = facts.Sample!;
        Assert.Equal((4, 0, 1, 4), (sample.Messages, sample.NullKeys, sample.Tombstones, sample.WithHeaders));
        Assert.Equal((DataFormat.Text, DataFormat.Json), (sample.Keys, sample.Values));
        Assert.Equal(sample.Bytes, facts.EstimatedBytes);
        Assert.InRange(facts.LastWrittenAt!.Value, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Equal((0L, 0L, null), (described[empty].Messages, described[empty].EstimatedBytes, described[empty].Sample));

        var ends = (await look.EndsAsync(new Dictionary<string, int> { [name] = 3, [empty] = 1 }, CancellationToken.None)).Value;
        Assert.Equal((4L, 0L), (ends[name], ends[empty]));
        // Looking makes no topic, whatever it asks for.
        Assert.DoesNotContain(
            (await look.TopicNamesAsync(CancellationToken.None)).Value,
            topic => topic.StartsWith("portal-", StringComparison.Ordinal) || topic == "no-such-topic"
        );
    }

    [Fact]
    public async Task A_group_tells_its_lag_and_how_far_it_has_read_and_ours_is_not_there()
    {
        var kafka = await KafkaServer.SharedAsync();
        var (topic, group) = (KafkaServer.Unique("test.read"), KafkaServer.Unique("group"));
        await TopicAsync(kafka, topic);
        await SendAsync(kafka, topic, 0, [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
        using (
            var consumer = new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig
                {
                    BootstrapServers = kafka.Plaintext,
                    GroupId = group,
                    EnableAutoCommit = false,
                }
            ).Build()
        )
            consumer.Commit([new TopicPartitionOffset(topic, 0, 3)]);

        await using var look = (await Anywhere.OpenAsync(kafka.Connection, CancellationToken.None)).Value;
        Assert.Contains(group, (await look.GroupNamesAsync(CancellationToken.None)).Value);
        var facts = Assert.Single((await look.GroupsAsync([group], CancellationToken.None)).Value);
        Assert.Equal((1L, 3L, 0), (facts.Lag, facts.Position, facts.Members));
        Assert.Equal([topic], facts.Topics);
        Assert.NotNull(facts.ReadUpTo);
        Assert.DoesNotContain(
            (await look.GroupNamesAsync(CancellationToken.None)).Value,
            name => name.StartsWith("portal-", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Commits_are_told_by_partition_with_who_is_there_and_a_group_that_is_gone_has_none()
    {
        var kafka = await KafkaServer.SharedAsync();
        var (topic, group) = (KafkaServer.Unique("test.commits"), KafkaServer.Unique("group"));
        await TopicAsync(kafka, topic, 3);
        for (var partition = 0; partition < 3; partition++)
            await SendAsync(kafka, topic, partition, [("a", "1"), ("b", "2")]);
        await using var look = (await Anywhere.OpenAsync(kafka.Connection, CancellationToken.None)).Value;
        Assert.Equal(("Dead", 0, 0), Of((await look.CommitsAsync(group, CancellationToken.None)).Value));

        using (
            var consumer = new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig
                {
                    BootstrapServers = kafka.Plaintext,
                    GroupId = group,
                    EnableAutoCommit = false,
                    AutoOffsetReset = AutoOffsetReset.Earliest,
                }
            ).Build()
        )
        {
            consumer.Subscribe(topic);
            while (consumer.Consume(TimeSpan.FromSeconds(30)) is null) { }
            consumer.Commit([new TopicPartitionOffset(topic, 0, 2), new TopicPartitionOffset(topic, 2, 1)]);
            var connected = (await look.CommitsAsync(group, CancellationToken.None)).Value;
            Assert.Equal(("Stable", 1, 2), Of(connected));
            Assert.Equal((2L, 1L), (connected.Offsets[new(topic, 0)], connected.Offsets[new(topic, 2)]));
            consumer.Close();
        }
        var left = (await look.CommitsAsync(group, CancellationToken.None)).Value;
        Assert.Equal(("Empty", 0, 2), Of(left));
        Assert.Equal(2L, left.Offsets[new(topic, 0)]);

        static (string, int, int) Of(GroupCommits commits) => (commits.State, commits.Members, commits.Offsets.Count);
    }

    [Fact]
    public async Task A_limited_user_is_told_what_is_missing_and_the_commands_that_help()
    {
        // Rules change what everybody else may see: a server of its own.
        await using var kafka = await KafkaServer.StartAsync();
        await TopicAsync(kafka, "closed.orders");
        await TopicAsync(kafka, "open.orders");
        await SendAsync(kafka, "open.orders", 0, [("a", "1")]);
        using var admin = Admin(kafka);
        await admin.CreateAclsAsync([
            Rule("closed.orders", "User:somebody", AclOperation.Read),
            Rule("open.orders", "User:limited", AclOperation.Describe),
        ]);

        var test = await Anywhere.TestAsync(kafka.SaslConnection("limited"), CancellationToken.None);
        var permissions = test.Checks.Single(check => check.Step == ConnectionStep.Permissions);
        Assert.Equal((CheckState.Warning, "kafka-permission-missing"), (permissions.State, permissions.Code));
        Assert.Contains("read any topic", permissions.Message, StringComparison.Ordinal);
        Assert.Contains("--allow-principal 'User:limited'", permissions.Paste, StringComparison.Ordinal);

        await using var look = (await Anywhere.OpenAsync(kafka.SaslConnection("limited"), CancellationToken.None)).Value;
        Assert.DoesNotContain("closed.orders", (await look.TopicNamesAsync(CancellationToken.None)).Value);
        var facts = (await look.DescribeAsync(["open.orders"], CancellationToken.None)).Value["open.orders"];
        Assert.Equal((false, 1L, null), (facts.MayRead, facts.Messages, facts.Sample));

        await using var whole = (await Anywhere.OpenAsync(kafka.Connection, CancellationToken.None)).Value;
        var acls = (await whole.AclsAsync(100, CancellationToken.None)).Value;
        Assert.Contains(new KafkaAcl("User:limited", "topic open.orders", "Describe", "Allow", "*"), acls);
    }

    private static async Task FailsAsync(KafkaConnection connection, ConnectionStep step, string code, string words)
    {
        var test = await Anywhere.TestAsync(connection, CancellationToken.None);
        var failure = Assert.Single(test.Checks, check => check.State == CheckState.Failed);
        Assert.True(
            failure.Step == step
                && failure.Code!.StartsWith(code, StringComparison.Ordinal)
                && failure.Message.Contains(words, StringComparison.Ordinal),
            $"{connection}: {failure}"
        );
        Assert.All(test.Checks.Where(check => check.Step > step), check => Assert.Equal(CheckState.NotReached, check.State));
    }

    /// <summary>In a process of its own, as the portal has it.</summary>
    private static IKafkaCluster Cluster(KafkaReach reach) =>
        new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddKafkaSource(reach)
            .BuildServiceProvider()
            .GetRequiredService<IKafkaCluster>();

    private static IAdminClient Admin(KafkaServer kafka) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();

    private static async Task TopicAsync(KafkaServer kafka, string name, int partitions = 1, Dictionary<string, string>? settings = null)
    {
        using var admin = Admin(kafka);
        await admin.CreateTopicsAsync([
            new TopicSpecification
            {
                Name = name,
                NumPartitions = partitions,
                ReplicationFactor = 1,
                Configs = settings,
            },
        ]);
    }

    private static async Task SendAsync(KafkaServer kafka, string topic, int partition, (string? Key, string? Value)[] messages)
    {
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build();
        foreach (var (key, value) in messages)
            await producer.ProduceAsync(
                new TopicPartition(topic, partition),
                new()
                {
                    Key = key,
                    Value = value,
                    Headers = new() { { "trace", [1, 2] } },
                }
            );
    }

    private static AclBinding Rule(string topic, string principal, AclOperation operation) =>
        new()
        {
            Pattern = new()
            {
                Type = ResourceType.Topic,
                Name = topic,
                ResourcePatternType = ResourcePatternType.Literal,
            },
            Entry = new()
            {
                Principal = principal,
                Host = "*",
                Operation = operation,
                PermissionType = AclPermissionType.Allow,
            },
        };
}
