using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
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

    /// <summary><c>PORTAL_MIGRATION_PULSAR=4.0.7</c> runs that one alone.</summary>
    public static TheoryData<string> Versions =>
        Environment.GetEnvironmentVariable("PORTAL_MIGRATION_PULSAR") is { Length: > 0 } named ? [named] : [.. PulsarSetup.Versions];

    [Theory]
    [MemberData(nameof(Versions))]
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
        {
            var positions = await rest.GetAsync($"{one}/applications/groups/{group}/positions");
            var position = positions["items"]!
                .AsArray()
                .Single(item => ((string?)item!["kafkaTopic"], (int)item["partition"]!) == (Name(topic), number))!;
            var again = (long)position["rereads"]!;
            // Before 4.2 brokers keep no place inside a batch: it begins anew, as was said.
            Assert.True(again == 0 || version == "4.0.7", positions.ToJsonString());
            var first = $"first {Address((Name(topic), number))} {group} {NumberAt(kafka, Name(topic), number, offset - again)}";
            Assert.True(
                said.Contains(first),
                $"{first}: {string.Join(" ", said.Where(line => line.StartsWith("first", StringComparison.Ordinal)))} "
                    + positions.ToJsonString()
            );
        }
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
                $"{what}: {began.Elapsed.TotalSeconds:N0} "
                    + $"s{(rate is null ? "" : $", {Messages / began.Elapsed.TotalSeconds:N0} messages a second")}"
            );
        }
    }
}
