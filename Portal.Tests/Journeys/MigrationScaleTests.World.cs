using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

public sealed partial class MigrationScaleTests
{
    private static string Folder => Path.Combine(Repository.Root, "Portal.Tests", "Journeys", "Java");

    private static string Name(int topic) => $"shop.topic_{topic:00}";

    private static int Partitions(int topic) => 1 + topic % 4;

    /// <summary>Messages of a topic; the last one has what is written while it moves.</summary>
    private static long Share(int topic) => topic == Topics - 1 ? 0 : Messages / (Topics - 1);

    private static ProducerConfig Producing(KafkaServer kafka) =>
        new()
        {
            BootstrapServers = kafka.Plaintext,
            LingerMs = 20,
            MessageMaxBytes = 2_000_000,
            EnableIdempotence = true,
            QueueBufferingMaxMessages = 200_000,
        };

    private static async Task FillAsync(KafkaServer kafka)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        await admin.CreateTopicsAsync(
            Enumerable
                .Range(0, Topics)
                .Select(topic => new TopicSpecification
                {
                    Name = Name(topic),
                    NumPartitions = Partitions(topic),
                    ReplicationFactor = 1,
                    Configs =
                        topic is 3 or 4 ? new() { ["cleanup.policy"] = "compact" }
                        : topic == 5 ? new() { ["retention.ms"] = "864000000" }
                        : [],
                })
        );
        using (var producer = new ProducerBuilder<byte[]?, byte[]?>(Producing(kafka)).Build())
        {
            for (var topic = 0; topic < Topics; topic++)
            for (long number = 0; number < Share(topic); number++)
                Produce(producer, topic, number);
            producer.Flush(TimeSpan.FromMinutes(5));
        }
        await admin.DeleteRecordsAsync([new TopicPartitionOffset(Name(5), 0, 10)]);
        foreach (
            var (group, topic, offset) in new[]
            {
                ("start", 0, 0L),
                ("billing", 1, Share(1) / Partitions(1) / 2),
                ("reports", 2, 3L),
                ("ended", 6, Share(6) / Partitions(6)),
            }
        )
        {
            using var consumer = new ConsumerBuilder<byte[], byte[]>(
                new ConsumerConfig
                {
                    BootstrapServers = kafka.Plaintext,
                    GroupId = group,
                    EnableAutoCommit = false,
                }
            ).Build();
            consumer.Commit([new TopicPartitionOffset(Name(topic), 0, offset)]);
        }
    }

    /// <summary>From 1 B to 900 KB, with and without key, tombstones among them, each with its number.</summary>
    private static void Produce(IProducer<byte[]?, byte[]?> producer, int topic, long number)
    {
        var size =
            number % 2000 == 7 ? 450_000 + (int)(number % 9) * 50_000
            : number % 50 == 3 ? (int)(number * 37 % 8000) + 1
            : (int)(number * 31 % 250) + 1;
        var value = new byte[size];
        for (var at = 0; at < Math.Min(size, 64); at++)
            value[at] = (byte)((number * 7 + at) % 256);
        byte[]? key =
            number % 7 == 0 && topic is not (3 or 4) ? null
            : number % 5 == 1 ? [0xfe, (byte)(number % 97)]
            : Encoding.UTF8.GetBytes($"key-{number % 1000}");
        var message = new Message<byte[]?, byte[]?>
        {
            Key = key,
            Value = key is not null && number % 31 == 2 ? null : value,
            Headers = new() { { "n", Encoding.UTF8.GetBytes($"{number}") }, { "raw", [0xff, (byte)(number % 256)] } },
        };
        while (true)
        {
            try
            {
                producer.Produce(new TopicPartition(Name(topic), (int)(number % Partitions(topic))), message);
                return;
            }
            catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
            {
                producer.Poll(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private static async Task<long> WriteOnAsync(KafkaServer kafka, CancellationToken stop)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(Producing(kafka)).Build();
        long number = 0;
        for (; !stop.IsCancellationRequested; number++)
        {
            Produce(producer, Topics - 1, number);
            await Task.Delay(20, CancellationToken.None);
        }
        producer.Flush(TimeSpan.FromMinutes(1));
        return number;
    }

    private static Task<long> ReadOnAsync(KafkaServer kafka, CancellationToken stop) =>
        Task.Run(
            () =>
            {
                using var consumer = new ConsumerBuilder<byte[], byte[]>(
                    new ConsumerConfig
                    {
                        BootstrapServers = kafka.Plaintext,
                        GroupId = "lasting",
                        AutoCommitIntervalMs = 500,
                        AutoOffsetReset = AutoOffsetReset.Earliest,
                    }
                ).Build();
                consumer.Subscribe(Written);
                long read = 0;
                while (!stop.IsCancellationRequested)
                    if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not null)
                        read++;
                consumer.Close();
                return read;
            },
            CancellationToken.None
        );

    /// <summary>The most that the portal and its Kafka client have held, in MiB.</summary>
    private static async Task<string> WatchAsync(PortalProcess portal, CancellationToken stop)
    {
        long most = 0,
            client = 0;
        var course = new List<long>();
        var began = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var process = Process.GetProcessById(portal.ProcessId);
                most = Math.Max(most, process.WorkingSet64);
                if (began.Elapsed.TotalSeconds >= 15 * course.Count)
                    course.Add(process.WorkingSet64 / 1024 / 1024);
                // A child belongs to the thread that started it.
                foreach (
                    var child in Directory
                        .GetDirectories($"/proc/{portal.ProcessId}/task")
                        .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                )
                {
                    using var kafka = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture));
                    client = Math.Max(client, kafka.WorkingSet64);
                }
                await Task.Delay(1000, stop);
            }
            catch (Exception exception)
                when (exception is OperationCanceledException or ArgumentException or InvalidOperationException or IOException)
            {
                // A client that has ended, or the end of it all.
            }
        }
        return $"{most / 1024 / 1024} MiB, of a Kafka client {client / 1024 / 1024} MiB; every 15 s: {string.Join(", ", course)}";
    }

    private static IConsumer<byte[]?, byte[]?> Reader(KafkaServer kafka) => new ConsumerBuilder<byte[]?, byte[]?>(
            new ConsumerConfig
            {
                BootstrapServers = kafka.Plaintext,
                GroupId = "plain",
                EnableAutoCommit = false,
                AutoOffsetReset = AutoOffsetReset.Earliest,
                EnablePartitionEof = true,
            }
        ).SetKeyDeserializer(Bytes.Plain).SetValueDeserializer(Bytes.Plain).Build();

    /// <summary>What Kafka has: of each partition how many, and a hash as the Java client makes it.</summary>
    private static Dictionary<(string Topic, int Partition), (long Count, string Hash)> Expected(KafkaServer kafka)
    {
        var all = new Dictionary<(string, int), (long, string)>();
        for (var topic = 0; topic < Topics; topic++)
        {
            for (var partition = 0; partition < Partitions(topic); partition++)
            {
                using var consumer = Reader(kafka);
                consumer.Assign(new TopicPartitionOffset(Name(topic), partition, Offset.Beginning));
                using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                long count = 0;
                while (consumer.Consume(TimeSpan.FromSeconds(60)) is { IsPartitionEOF: false, Message: { } message })
                {
                    digest.AppendData(message.Key is null ? "-"u8 : "k"u8);
                    if (message.Key is { } key)
                        digest.AppendData(key);
                    digest.AppendData(message.Value is null ? "-"u8 : "v"u8);
                    if (message.Value is { } value)
                        digest.AppendData(value);
                    digest.AppendData(message.Headers.GetLastBytes("n"));
                    count++;
                }
                all[(Name(topic), partition)] = (count, Convert.ToHexStringLower(digest.GetHashAndReset()));
            }
        }
        return all;
    }

    private static string NumberAt(KafkaServer kafka, string topic, int partition, long offset)
    {
        using var consumer = Reader(kafka);
        consumer.Assign(new TopicPartitionOffset(topic, partition, offset));
        return Encoding.UTF8.GetString(consumer.Consume(TimeSpan.FromSeconds(60)).Message.Headers.GetLastBytes("n"));
    }

    /// <summary>What a write would change: every end, every committed offset, every group, every setting.</summary>
    private static async Task<string> ShapeAsync(KafkaServer kafka)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        var partitions = Enumerable
            .Range(0, Topics)
            .SelectMany(topic => Enumerable.Range(0, Partitions(topic)).Select(number => new TopicPartition(Name(topic), number)))
            .ToList();
        var ends = (
            await admin.ListOffsetsAsync(
                partitions.Select(one => new TopicPartitionOffsetSpec { TopicPartition = one, OffsetSpec = OffsetSpec.Latest() }),
                new()
            )
        ).ResultInfos.Select(one => $"{one.TopicPartitionOffsetError.TopicPartition} {one.TopicPartitionOffsetError.Offset}");
        var groups = (await admin.ListConsumerGroupsAsync()).Valid.Select(group => group.GroupId).Order(StringComparer.Ordinal).ToList();
        var commits = new List<string>();
        foreach (var group in groups)
            commits.AddRange(
                (await admin.ListConsumerGroupOffsetsAsync([new(group, null)]))[0]
                    .Partitions.Select(one => $"{group} {one.TopicPartition} {one.Offset}")
                    .Order(StringComparer.Ordinal)
            );
        var topics = admin
            .GetMetadata(TimeSpan.FromSeconds(30))
            .Topics.Select(topic => $"{topic.Topic} {topic.Partitions.Count}")
            .Order(StringComparer.Ordinal);
        var settings = (
            await admin.DescribeConfigsAsync(
                Enumerable.Range(0, Topics).Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = Name(topic) })
            )
        )
            .SelectMany(one =>
                one.Entries.Values.Where(entry => entry.Source == ConfigSource.DynamicTopicConfig)
                    .Select(entry => $"{one.ConfigResource.Name} {entry.Name}={entry.Value}")
            )
            .Order(StringComparer.Ordinal);
        return string.Join('\n', [.. ends, .. groups, .. commits, .. topics, .. settings]);
    }

    private static async Task<string> LibrariesAsync(PulsarServer server)
    {
        var process = await File.ReadAllTextAsync(Path.Combine(server.Folder, "broker-1.pid"));
        var arguments = (await File.ReadAllTextAsync($"/proc/{process.Trim()}/cmdline")).Split('\0');
        return arguments[Array.IndexOf(arguments, "-cp") + 1];
    }

    private sealed class Bytes : IDeserializer<byte[]?>
    {
        public static readonly Bytes Plain = new();

        public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
    }
}
