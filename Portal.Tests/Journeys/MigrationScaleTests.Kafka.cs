using System.Net;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Playwright;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

public sealed partial class MigrationScaleTests
{
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
}
