using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>A budget's hard cap at clients that are connected: through the gateway, and Pulsar's own at the broker.</summary>
public sealed class HardCapTests
{
    private const string Org = "/api/v1/organizations/capped";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task A_spent_budget_slows_then_blocks_producers_leaves_consumers_alone_and_is_undone(string pulsar)
    {
        var server = pulsar == "LocalPulsar" ? null : await PulsarServer.SharedAsync(new PulsarSetup(pulsar));
        await using var cluster = server is null ? await TestedCluster.StartAsync(pulsar) : TestedCluster.Of(server);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        await rest.PostAsync("/api/v1/operator/price-books", PlainPrices.Book("dear"), HttpStatusCode.Created);
        var world = new GatewayWorld(portal, rest, "capped");
        await world.CreateAsync("orders", "letters");
        await rest.PutAsync("/api/v1/operator/organizations/capped/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        var (key, client, token) = await world.KeyAsync(["produce", "consume"]);
        using var reads = await client.ConnectAsync("consumer", world.Topic("orders"), "s");
        var policy =
            $"?subscriptionType=Shared&maxRedeliverCount=1&deadLetterTopic={Uri.EscapeDataString($"persistent://{world.Topic("letters")}")}";
        using var givesUp = server is null ? await client.ConnectAsync("consumer", world.Topic("orders"), "gives-up", policy) : null;
        await using var producer = server is null
            ? null
            : BinaryClient(server, token, "produce", $"persistent://{world.Topic("orders")}", "-m", "hello", "-n", "1000", "-r", "2");
        await client.SendAsync(world.Topic("orders"), 20, 1024);
        await Eventually.TrueAsync(async () => await TotalAsync(rest) > 1000, "what was sent costs something");
        if (server is not null)
            await Eventually.TrueAsync(
                async () => (await StatsAsync(cluster, world))["publishers"]!.AsArray().Count == 1,
                () => $"a producer is connected: {producer!.Said}"
            );
        var since = ConsumersSince(await StatsAsync(cluster, world));
        Assert.Single(since);

        string? usual = null;
        await Eventually.TrueAsync(async () => (usual = await RateAsync(rest, world)) is not null, "the plan's rate is applied");

        // What is spent goes on growing by what the topic costs: far from the next step each time.
        await SetAsync(rest, amount: 100_000_000, slowAt: 1);
        Assert.Equal("open", await PublishingAsync(rest));
        await SetAsync(rest, await TotalAsync(rest) * 5, slowAt: 10);
        Assert.Equal("slowed", await PublishingAsync(rest));
        await Eventually.TrueAsync(async () => await RateAsync(rest, world) is { } rate && rate != usual, "the cluster has the lower rate");
        using var sends = await client.ConnectAsync("producer", world.Topic("orders"));
        await client.SendAsync(world.Topic("orders"), 1, 16);

        await SetAsync(rest, 1, slowAt: 90);
        Assert.Equal("blocked", await PublishingAsync(rest));
        Assert.StartsWith("Publishing is blocked", (await GatewayWorld.ClosedAsync(sends, 10)).Reason);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "publishing-blocked"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/producer/persistent/{world.Topic("orders")}", token)
        );
        var (status, refused) = await rest.SendAsync(
            HttpMethod.Post,
            $"{Org}/tenants/{world.Tenant}/namespaces/default/topics/orders/messages",
            new JsonObject { ["payload"] = "no" }
        );
        Assert.Equal((HttpStatusCode.Conflict, "publishing-blocked"), (status, (string?)refused!["code"]));
        await Eventually.TrueAsync(
            async () => (await StatsAsync(cluster, world))["publishers"]!.AsArray().Count == 0,
            "no producer is left at the broker",
            20
        );
        var sent = (long)(await StatsAsync(cluster, world))["msgInCounter"]!;
        for (var second = 0; second < 5; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            Assert.Empty((await StatsAsync(cluster, world))["publishers"]!.AsArray());
        }
        var stats = await StatsAsync(cluster, world);
        Assert.Equal(sent, (long)stats["msgInCounter"]!);
        Assert.Equal(since, ConsumersSince(stats));
        // The broker publishes dead letters as itself, whatever the key may: their consumer ends, and comes back without.
        if (givesUp is not null)
            Assert.StartsWith("Publishing is blocked, and dead letters", (await GatewayWorld.ClosedAsync(givesUp, 10)).Reason);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "dead-letters-blocked"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/consumer/persistent/{world.Topic("orders")}/gives-up{policy}", token)
        );
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await client.AnswerAsync("consumer", world.Topic("orders"), "gives-up"));
        // A key that is made meanwhile may not publish either, nor one that takes another's place.
        var rotated = await rest.PostAsync($"{Org}/keys/{key}/rotate", new JsonObject { ["overlapHours"] = 1 }, HttpStatusCode.Created);
        var next = new PlainWebSocketClient($"ws://localhost:{portal.Url.Port}", (string)rotated["token"]!);
        await rest.SettledAsync($"{Org}/keys/{rotated["id"]}");
        Assert.Equal(HttpStatusCode.Forbidden, await next.AnswerAsync("producer", world.Topic("orders")));
        if (server is not null)
        {
            // Past the gateway too: Pulsar's own client does not get a producer with it.
            await using var binary = BinaryClient(
                server,
                (string)rotated["token"]!,
                "produce",
                $"persistent://{world.Topic("orders")}",
                "-m",
                "no",
                "-n",
                "1"
            );
            await Task.Delay(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
            Assert.Equal(sent, (long)(await StatsAsync(cluster, world))["msgInCounter"]!);
        }
        var (_, second2, _) = await world.KeyAsync(["produce", "consume"]);
        Assert.Equal(HttpStatusCode.Forbidden, await second2.AnswerAsync("producer", world.Topic("orders")));

        await SetAsync(rest, 100_000_000, slowAt: 90);
        Assert.Equal("open", await PublishingAsync(rest));
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Org}/keys/{key}"))["state"]);
        await client.SendAsync(world.Topic("orders"), 1, 16);
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Org}/keys/{rotated["id"]}"))["state"]);
        await next.SendAsync(world.Topic("orders"), 1, 16);
        await Eventually.TrueAsync(async () => (long)(await StatsAsync(cluster, world))["msgInCounter"]! > sent, "messages arrive again");
        Assert.Equal(since, ConsumersSince(await StatsAsync(cluster, world)));
        await Eventually.TrueAsync(async () => await RateAsync(rest, world) == usual, "the cluster has the usual rate");
    }

    private static Task SetAsync(RestClient rest, long amount, int slowAt) =>
        rest.PutAsync(
            $"{Org}/budgets/monthly",
            new JsonObject
            {
                ["amount"] = amount,
                ["alerts"] = new JsonArray(),
                ["alertOnForecast"] = false,
                ["hardCap"] = true,
                ["slowAtPercent"] = slowAt,
            }
        );

    private static async Task<long> TotalAsync(RestClient rest) => (long)(await rest.GetAsync($"{Org}/billing/current"))["total"]!;

    private static async Task<string?> PublishingAsync(RestClient rest) =>
        (string?)(await rest.GetAsync($"{Org}/budgets"))["items"]![0]!["publishing"];

    /// <summary>The publish rate in force, once the cluster has it; null before.</summary>
    private static async Task<string?> RateAsync(RestClient rest, GatewayWorld world)
    {
        var policies = await rest.GetAsync($"{Org}/tenants/{world.Tenant}/namespaces/default/policies");
        return (bool)policies["applied"]! ? policies["inForce"]!["publishRate"]?.ToJsonString() ?? "no limit" : null;
    }

    private static string[] ConsumersSince(JsonNode stats) =>
        [
            .. stats["subscriptions"]!["s"]!["consumers"]!
                .AsArray()
                .Select(consumer => (string?)consumer!["connectedSince"] ?? (string?)consumer["consumerName"] ?? ""),
        ];

    private static ChildProcess BinaryClient(PulsarServer server, string token, params string[] arguments) =>
        ChildProcess.Run(
            Path.Combine(ServerScripts.Folder, "pulsar.sh"),
            ServerScripts.Folder,
            ["client", "--dir", server.Folder, "--key", token, "--", .. arguments]
        );

    private static Task<JsonNode> StatsAsync(TestedCluster cluster, GatewayWorld world) =>
        cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Topic("orders")}/stats");
}
