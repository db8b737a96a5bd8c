using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Playwright;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Journeys;

/// <summary>
/// A whole move of 20 topics and 4 groups, by SASL and then by TLS, while a producer goes on writing and a group goes on
/// reading; a client that knows nothing of the portal says in the end what is there. <c>PORTAL_MIGRATION_MESSAGES=1000000</c>
/// for as many; it prints times and memory.
/// </summary>
[Trait("tier", "thorough")]
public sealed partial class MigrationScaleTests(ITestOutputHelper output)
{
    private const int Topics = 20;
    private static readonly int Messages = int.TryParse(
        Environment.GetEnvironmentVariable("PORTAL_MIGRATION_MESSAGES"),
        CultureInfo.InvariantCulture,
        out var wanted
    )
        ? wanted
        : 4_000;
    private static readonly string Written = Name(19);

    [Theory]
    [InlineData("4.2.4")]
    public async Task Every_message_is_there_once_and_in_order_and_the_old_cluster_is_as_it_was(string version)
    {
        await using var kafka = await KafkaServer.StartAsync();
        await FillAsync(kafka);
        await using var browser = await Browser.StartAsync();
        var pulsar = await PulsarServer.SharedAsync(new(version));
        await using var portal = await PortalProcess.StartAsync(TestedCluster.Of(pulsar).Settings);
        using var rest = portal.Rest();
        var slug = $"s{Guid.NewGuid():N}"[..10];
        var world = new GatewayWorld(portal, rest, slug);
        await world.CreateAsync();
        await rest.PutAsync($"{GatewayWorld.Operators}/{slug}/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await world.LimitAsync(
            rest,
            ("topicsPerNamespace", null),
            ("messagesPerSecond", null),
            ("bytesPerSecond", null),
            ("retentionBytes", null),
            ("backlogQuotaBytes", null)
        );
        using var stop = new CancellationTokenSource();
        var writing = WriteOnAsync(kafka, stop.Token);
        var reading = ReadOnAsync(kafka, stop.Token);
        var memory = WatchAsync(portal, stop.Token);

        var api = $"/api/v1/organizations/{slug}/migrations";
        var made = await rest.PostAsync(
            api,
            new JsonObject
            {
                ["name"] = "Old Kafka",
                ["tenant"] = world.Tenant,
                ["bootstrapServers"] = kafka.Sasl,
                ["security"] = "sasl-scram-512",
                ["user"] = "portal",
                ["password"] = "portal-secret",
            },
            HttpStatusCode.Accepted
        );
        var one = $"{api}/{made["id"]}";
        await WaitAsync(
            async () => await rest.GetAsync(one) is var now && (string?)now["stage"] == "planned" && !(bool)now["mapping"]!,
            "inventory and mapping"
        );
        var totals = (await rest.GetAsync(one))["totals"]!;
        Assert.Equal((Topics, 0), ((int)totals["moving"]!, (int)totals["blocked"]!));
        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        var page = visitor.Page;
        await visitor.GoAsync($"o/{slug}/migrations/{made["id"]}?tab=dry-run");
        await page.GetByRole(AriaRole.Link, new() { Name = "Start copying…" }).ClickAsync();
        await visitor.PressAsync("Start copying");
        await WaitAsync(
            async () =>
                await CopyAsync() is var copy
                && (int)copy["partitions"]! > 0
                && (int)copy["following"]! == (int)copy["partitions"]!
                && (long)copy["lag"]! < 1000,
            "the copy",
            "copying"
        );
        var copied = await CopyAsync();
        output.WriteLine($"copied {copied["messages"]} messages, {copied["bytes"]} bytes");
        await visitor.PictureAsync("migration-scale-copy");

        // The other way in, for whatever is read from here on.
        await rest.PutAsync(
            $"{one}/connection",
            new JsonObject
            {
                ["bootstrapServers"] = kafka.Tls,
                ["security"] = "tls",
                ["certificateAuthority"] = kafka.AuthorityPem,
            }
        );
        await visitor.PressAsync("Verify all");
        await WaitAsync(async () => await CopyAsync() is var copy && (int)copy["proven"]! == (int)copy["partitions"]!, "verification");
        await visitor.GoAsync($"o/{slug}/migrations/{made["id"]}?tab=applications");
        await visitor.PressAsync("Create all subscriptions…");
        await page.Locator(".mud-dialog")
            .GetByRole(AriaRole.Button, new() { Name = "Create all subscriptions", Exact = true })
            .ClickAsync();
        await WaitAsync(
            async () =>
                (await rest.GetAsync($"{one}/applications/groups"))["items"]!.AsArray() is { Count: 5 } groups
                && groups.All(group => (string?)group!["subscriptionState"] == "ready"),
            "subscriptions"
        );
        await stop.CancelAsync();
        var (wrote, read) = (await writing, await reading);
        output.WriteLine($"written meanwhile {wrote}, read meanwhile {read}; most memory {await memory}");
        Assert.True(wrote > 0 && read > 0);
        var before = await ShapeAsync(kafka);

        await rest.PostAsync($"{one}/cut-over", new JsonObject { ["acceptOpen"] = true }, HttpStatusCode.Accepted);
        await WaitAsync(async () => (string?)(await rest.GetAsync($"{one}/cut-over"))["stage"] is "done" or "failed", "cut-over");
        Assert.Equal("done", (string?)(await rest.GetAsync($"{one}/cut-over"))["stage"]);

        // Nothing of it was written to Kafka: ends, committed offsets and settings are as they were.
        Assert.Equal(before, await ShapeAsync(kafka));
        var (_, _, token) = await world.KeyAsync(["produce", "consume"]);
        var expected = Expected(kafka);
        var groups = new[] { ("billing", 1, 0, Share(1) / Partitions(1) / 2), ("reports", 2, 0, 3L) };
        await using var client = ChildProcess.Run(
            "java",
            Folder,
            [
                "-cp",
                await LibrariesAsync(pulsar),
                Path.Combine(Folder, "ReadAll.java"),
                $"{pulsar.BrokerUrl}",
                token,
                .. expected.Keys.Select(partition => Address(partition)),
                .. groups.Select(group => $"{Address((Name(group.Item2), group.Item3))}@{group.Item1}"),
            ]
        );
        await WaitAsync(() => Task.FromResult(client.HasEnded), "read by a client of Pulsar's own");
        var said = client.Said.Split('\n');
        Assert.Contains("end", said);
        foreach (var (partition, (count, hash)) in expected)
            Assert.Contains($"all {Address(partition)} {count} {hash}", said);
        foreach (var (group, topic, number, offset) in groups)
            Assert.Contains($"first {Address((Name(topic), number))} {group} {NumberAt(kafka, Name(topic), number, offset)}", said);
        output.WriteLine($"{expected.Values.Sum(one => one.Count)} messages read in order, hash by hash");

        string Address((string Topic, int Partition) of) => $"persistent://{world.Tenant}/default/{of.Topic}-partition-{of.Partition}";

        Task<JsonNode> CopyAsync() => rest.GetAsync($"{one}/copy");

        async Task WaitAsync(Func<Task<bool>> holds, string what, string? rate = null)
        {
            var began = Stopwatch.StartNew();
            // The count decides how long it may take; nothing here is said about how fast it is.
            while (!await holds())
            {
                if (began.Elapsed > TimeSpan.FromMinutes(5 + Messages / 20_000))
                    Assert.Fail($"{what}: {(await rest.GetAsync(one)).ToJsonString()} {(await CopyAsync()).ToJsonString()}");
                await Task.Delay(500, TestContext.Current.CancellationToken);
            }
            output.WriteLine(
                $"{what}: {began.Elapsed.TotalSeconds:N0} s{(rate is null ? "" : $", {Messages / began.Elapsed.TotalSeconds:N0} messages a second")}"
            );
        }
    }

    private static string Folder => Path.Combine(Repository.Root, "Portal.Tests", "Journeys", "Java");

    private static string Name(int topic) => $"shop.topic_{topic:00}";

    private static int Partitions(int topic) => 1 + topic % 4;

    /// <summary>Messages of a topic; the last one has what is written while it moves.</summary>
    private static long Share(int topic) => topic == Topics - 1 ? 0 : Messages / (Topics - 1);

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
