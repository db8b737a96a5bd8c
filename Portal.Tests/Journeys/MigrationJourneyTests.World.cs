using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

public sealed partial class MigrationJourneyTests
{
    private static AclBinding Rule(ResourceType type, string name, AclOperation operation) =>
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

    /// <summary>What came from Pulsar, read by a plain consumer of Kafka's own: its texts, each with the header that says so.</summary>
    private static List<string> ReadBack(string servers, string topic, int partitions)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = servers,
                GroupId = "plain",
                EnableAutoCommit = false,
                AutoOffsetReset = AutoOffsetReset.Earliest,
                EnablePartitionEof = true,
            }
        ).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(number => new TopicPartitionOffset(topic, number, Offset.Beginning)));
        var (texts, ended) = (new List<string>(), 0);
        while (ended < partitions && consumer.Consume(TimeSpan.FromSeconds(20)) is { } read)
        {
            if (read.IsPartitionEOF)
                ended++;
            else if (read.Message.Headers.Any(header => header.Key == "pulsar.message.id"))
                texts.Add(System.Text.Encoding.UTF8.GetString(read.Message.Value));
        }
        return texts;
    }

    /// <summary>Keeps pictures: light, dark and as wide as a phone.</summary>
    private static async Task LooksAsync(Visitor visitor, string name)
    {
        await visitor.LookedAtAsync();
        await visitor.PictureAsync($"migration-{name}-light");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await visitor.PictureAsync($"migration-{name}-dark");
        await visitor.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await visitor.Page.SetViewportSizeAsync(390, 800);
        await visitor.PictureAsync($"migration-{name}-phone");
        await visitor.Page.SetViewportSizeAsync(1280, 900);
    }

    private static async Task ChooseAsync(Visitor visitor, string topic, string choice, string? name, string? inside = null)
    {
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = topic, Exact = true }).ClickAsync();
        var dialog = visitor.Page.Locator(".mud-dialog");
        await dialog.GetByText(choice).ClickAsync();
        if (name is not null)
            await dialog.Locator("#target-name").FillAsync(name);
        if (inside is not null)
            await dialog.Locator("#target-namespace").FillAsync(inside);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save choice", Exact = true }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);
    }

    /// <summary>30 topics with traps among them, and a group.</summary>
    private static async Task FillAsync(KafkaServer kafka)
    {
        string[] names =
        [
            "shop.orders",
            "a.b_c",
            "sensors-partition-0",
            Long,
            "taken",
            .. Enumerable.Range(0, 25).Select(number => $"many-{number:00}"),
        ];
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.Plaintext }).Build();
        await admin.CreateTopicsAsync(
            names.Select(name => new TopicSpecification
            {
                Name = name,
                NumPartitions = name == "shop.orders" ? 3 : 1,
                ReplicationFactor = 1,
                Configs = name == "a.b_c" ? new() { ["cleanup.policy"] = "compact" } : null,
            })
        );
        using var producer = new ProducerBuilder<string?, string?>(new ProducerConfig { BootstrapServers = kafka.Plaintext }).Build();
        foreach (
            var (key, value) in new (string?, string?)[]
            {
                ("a", """{"total":1}"""),
                ("b", """{"total":2}"""),
                (null, """{"total":3}"""),
                ("a", null),
            }
        )
            await producer.ProduceAsync(
                new TopicPartition("shop.orders", 0),
                new()
                {
                    Key = key,
                    Value = value,
                    Headers = new() { { "trace", [1] } },
                }
            );
        using var consumer = new ConsumerBuilder<byte[], byte[]>(
            new ConsumerConfig
            {
                BootstrapServers = kafka.Plaintext,
                GroupId = "billing",
                EnableAutoCommit = false,
            }
        ).Build();
        consumer.Commit([new TopicPartitionOffset("shop.orders", 0, 2)]);
    }
}
