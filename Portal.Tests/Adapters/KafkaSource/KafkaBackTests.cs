using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.KafkaSource;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>
/// The one way in which the portal writes to a customer's Kafka, against a real one and read by Confluent's own consumer.
/// </summary>
public sealed class KafkaBackTests
{
    private static readonly IKafkaBack Back = Ports(KafkaReach.Anywhere);

    [Fact]
    public async Task What_is_written_back_stands_there_as_it_was_and_in_order()
    {
        var kafka = await KafkaServer.SharedAsync();
        var topic = await TopicAsync(kafka, "test.back", partitions: 2);
        BackRecord[] records =
        [
            new(
                [1, 2, 0xFF],
                Encoding.UTF8.GetBytes("with a key that is no text"),
                1_700_000_000_123,
                [new("trace", [1]), new("trace", [2]), new("none", null)],
                new(3, 1, 0)
            ),
            new(null, Encoding.UTF8.GetBytes("without a key"), 0, [], new(3, 1, 1)),
            new(
                Encoding.UTF8.GetBytes("gone"),
                null,
                1_700_000_000_456,
                [new(BackForm.Header, Encoding.UTF8.GetBytes("3:2:-1"))],
                new(3, 2, -1)
            ),
            new([], [], 1, [], new(3, 3, -1)),
        ];
        await using (var writer = (await Back.OpenAsync(kafka.Connection, new(topic, 1), default)).Value)
        {
            Assert.Equal(4L, (await writer.WriteAsync(records, default)).Value);
            Assert.Equal(
                1_004L,
                (await writer.WriteAsync([.. Enumerable.Range(0, 1_000).Select(number => Record($"{number}"))], default)).Value
            );
        }
        var read = Read(kafka, topic, 1_004);
        Assert.All(read, record => Assert.Equal(1, record.Partition.Value));
        foreach (var (record, got) in records.Zip(read))
        {
            Assert.Equal(record.Key, got.Message.Key);
            Assert.Equal(record.Value, got.Message.Value);
            Assert.Equal(
                record.Headers.Select(header => (header.Name, header.Value is null ? null : Convert.ToHexString(header.Value))),
                got.Message.Headers.Select(header => (header.Key, header.GetValueBytes() is { } value ? Convert.ToHexString(value) : null))
            );
            if (record.Timestamp > 0)
                Assert.Equal(record.Timestamp, got.Message.Timestamp.UnixTimestampMs);
            else
                Assert.InRange(got.Message.Timestamp.UtcDateTime, DateTime.UtcNow.AddMinutes(-5), DateTime.UtcNow.AddMinutes(5));
        }
        Assert.Equal(
            Enumerable.Range(0, 1_000).Select(number => $"{number}"),
            read.Skip(4).Select(record => Encoding.UTF8.GetString(record.Message.Value))
        );
    }

    [Fact]
    public async Task What_Kafka_refuses_is_named_with_the_way_out_and_nothing_behind_it_is_written()
    {
        var kafka = await KafkaServer.SharedAsync();
        var small = await TopicAsync(kafka, "test.small", settings: new() { ["max.message.bytes"] = "20000" });
        await using (var writer = (await Back.OpenAsync(kafka.Connection, new(small, 0), default)).Value)
        {
            Assert.True((await writer.WriteAsync([Record("first")], default)).IsOk);
            var refused = await writer.WriteAsync([new(null, new byte[100_000], 0, [], new(1, 1, -1)), Record("behind")], default);
            Assert.Equal("record-too-large", refused.Problem?.Code);
            Assert.Contains("max.message.bytes", refused.Problem!.Message, StringComparison.Ordinal);
        }
        Assert.Equal(["first"], Read(kafka, small, 1).Select(record => Encoding.UTF8.GetString(record.Message.Value)));
        Assert.Equal(1, Ends(kafka, small));

        var compacted = await TopicAsync(kafka, "test.compacted", settings: new() { ["cleanup.policy"] = "compact" });
        await using (var writer = (await Back.OpenAsync(kafka.Connection, new(compacted, 0), default)).Value)
            Assert.Equal("kafka-record-refused", (await writer.WriteAsync([Record("no key")], default)).Problem?.Code);
    }

    [Fact]
    public async Task Whether_the_user_may_write_is_known_before_and_said_when_tried()
    {
        // Rules change what everybody else may see: a server of its own.
        await using var kafka = await KafkaServer.StartAsync();
        var (open, closed) = (await TopicAsync(kafka, "test.open"), await TopicAsync(kafka, "test.closed"));
        using (var admin = Admin(kafka))
            await admin.CreateAclsAsync([
                Rule(open, AclOperation.Write),
                Rule(open, AclOperation.Describe),
                Rule(closed, AclOperation.Describe),
            ]);
        var limited = kafka.SaslConnection("limited");
        Assert.Equal(true, (await Back.MayWriteAsync(limited, open, default)).Value);
        Assert.Equal(false, (await Back.MayWriteAsync(limited, closed, default)).Value);
        Assert.Null((await Back.MayWriteAsync(limited, "test.absent", default)).Value);

        await using (var writer = (await Back.OpenAsync(limited, new(open, 0), default)).Value)
            Assert.Equal(1L, (await writer.WriteAsync([Record("1")], default)).Value);
        await using (var writer = (await Back.OpenAsync(limited, new(closed, 0), default)).Value)
            Assert.Equal("kafka-write-denied", (await writer.WriteAsync([Record("1")], default)).Problem?.Code);
        Assert.Equal(0, Ends(kafka, closed));
    }

    [Fact]
    public async Task Positions_of_a_group_are_set_while_nobody_reads_with_it_and_refusals_say_what_to_do()
    {
        await using var kafka = await KafkaServer.StartAsync();
        var topic = await TopicAsync(kafka, "test.group", partitions: 2);
        await using (var writer = (await Back.OpenAsync(kafka.Connection, new(topic, 1), default)).Value)
            await writer.WriteAsync([.. Enumerable.Range(0, 10).Select(number => Record($"{number}"))], default);
        var offsets = new Dictionary<KafkaPartition, long> { [new(topic, 0)] = 0, [new(topic, 1)] = 7 };
        // A fresh Kafka makes its topic of positions first, and says that it is away until then.
        Problem? last = null;
        await Eventually.TrueAsync(
            async () => (last = (await Back.CommitAsync(kafka.Connection, "billing", offsets, default)).Problem) is null,
            () => $"the positions are set: {last}"
        );
        using (var consumer = Reader())
        {
            consumer.Subscribe(topic);
            var read = consumer.Consume(TimeSpan.FromSeconds(60));
            Assert.Equal((1, 7L), (read.Partition.Value, read.Offset.Value));
            var refused = await Back.CommitAsync(kafka.Connection, "billing", offsets, default);
            Assert.Equal("group-has-members", refused.Problem?.Code);
            Assert.Contains("Stop its consumers in Kafka", refused.Problem!.Message, StringComparison.Ordinal);
            consumer.Close();
        }
        using (var admin = Admin(kafka))
            await admin.CreateAclsAsync([
                Rule(topic, AclOperation.Describe),
                Rule(topic, AclOperation.Read),
                Rule("billing", AclOperation.Describe, ResourceType.Group),
            ]);
        var denied = await Back.CommitAsync(kafka.SaslConnection("limited"), "billing", offsets, default);
        Assert.Equal("kafka-commit-denied", denied.Problem?.Code);
        Assert.Contains("--operation Read --operation Describe --group 'billing'", denied.Problem!.Message, StringComparison.Ordinal);

        IConsumer<byte[], byte[]> Reader() =>
            new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig
                {
                    BootstrapServers = kafka.Plaintext,
                    GroupId = "billing",
                    EnableAutoCommit = false,
                }
            ).Build();
    }

    [Fact]
    public async Task A_Kafka_that_went_away_is_an_outage_and_private_addresses_stay_closed()
    {
        var gone = await Back.MayWriteAsync(new("127.0.0.1:1", KafkaSecurity.Plaintext, null, null, null), "any", default);
        Assert.IsType<Problem.Unavailable>(gone.Problem);
        var closed = Ports(new(_ => false));
        var connection = new KafkaConnection("127.0.0.1:1", KafkaSecurity.Plaintext, null, null, null);
        Assert.Equal("kafka-private-address", (await closed.MayWriteAsync(connection, "any", default)).Problem?.Code);
        Assert.Equal("kafka-private-address", (await closed.OpenAsync(connection, new("any", 0), default)).Problem?.Code);
    }

    private static BackRecord Record(string text) => new(null, Encoding.UTF8.GetBytes(text), 0, [], new MessagePosition(1, 1, -1));

    private static IKafkaBack Ports(KafkaReach reach) =>
        new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddKafkaSource(reach)
            .BuildServiceProvider()
            .GetRequiredService<IKafkaBack>();

    private static IAdminClient Admin(KafkaServer kafka) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();

    private static async Task<string> TopicAsync(
        KafkaServer kafka,
        string name,
        int partitions = 1,
        Dictionary<string, string>? settings = null
    )
    {
        var topic = KafkaServer.Unique(name);
        using var admin = Admin(kafka);
        await admin.CreateTopicsAsync([
            new TopicSpecification
            {
                Name = topic,
                NumPartitions = partitions,
                ReplicationFactor = 1,
                Configs = settings,
            },
        ]);
        return topic;
    }

    private static IConsumer<byte[], byte[]> Consumer(KafkaServer kafka) =>
        new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = kafka.Plaintext,
                GroupId = KafkaServer.Unique("reader"),
                EnableAutoCommit = false,
                AutoOffsetReset = AutoOffsetReset.Earliest,
            }
        ).Build();

    /// <summary>From the beginning of every partition.</summary>
    private static List<ConsumeResult<byte[], byte[]>> Read(KafkaServer kafka, string topic, int count)
    {
        using var consumer = Consumer(kafka);
        consumer.Subscribe(topic);
        var read = new List<ConsumeResult<byte[], byte[]>>();
        while (read.Count < count)
            read.Add(
                consumer.Consume(TimeSpan.FromSeconds(30)) ?? throw new Xunit.Sdk.XunitException($"{read.Count} of {count} messages came.")
            );
        consumer.Close();
        return read;
    }

    private static long Ends(KafkaServer kafka, string topic)
    {
        using var consumer = Consumer(kafka);
        return consumer.QueryWatermarkOffsets(new TopicPartition(topic, 0), TimeSpan.FromSeconds(30)).High.Value;
    }

    private static AclBinding Rule(string name, AclOperation operation, ResourceType type = ResourceType.Topic) =>
        new()
        {
            Pattern = new()
            {
                Type = type,
                Name = name,
                ResourcePatternType = ResourcePatternType.Literal,
            },
            Entry = new()
            {
                Principal = "User:limited",
                Host = "*",
                Operation = operation,
                PermissionType = AclPermissionType.Allow,
            },
        };
}
