using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>
/// A script that tests a client: waits for its first message, sends one, sees it acknowledged, and gets a dead letter back.
/// </summary>
public sealed class ClientTestTests
{
    [Fact]
    public Task On_LocalPulsar() => RunAsync(null);

    [Fact]
    [Trait("tier", "real")]
    public async Task On_Pulsar_4_2_4() => await RunAsync(await PulsarServer.SharedAsync(new PulsarSetup("4.2.4")));

    private static async Task RunAsync(PulsarServer? real)
    {
        await using var cluster = real is null ? await TestedCluster.StartAsync("LocalPulsar") : TestedCluster.Of(real);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var inside = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics";
        var orders = $"{inside}/orders";
        await rest.PostAsync(
            $"{orders}/subscriptions",
            new JsonObject
            {
                ["name"] = "billing",
                ["position"] = "earliest",
                ["deadLetters"] = true,
            },
            HttpStatusCode.Created
        );
        await rest.SettledAsync($"{inside}/orders-billing-DLQ");
        var (_, client, _) = await world.KeyAsync(["produce", "consume"], ["orders"]);

        // What the portal sends itself is not the client's.
        var nothing = await rest.GetAsync($"{orders}/messages/wait?seconds=0");
        Assert.Null(nothing["message"]);
        await rest.PostAsync($"{orders}/messages", new JsonObject { ["payload"] = "from the portal" }, HttpStatusCode.Created);
        var own = await rest.GetAsync($"{orders}/messages/wait?seconds=1&resume={Uri.EscapeDataString((string)nothing["resume"]!)}");
        Assert.Equal((null, 1), (own["message"], (int)own["passedOver"]!));

        // Sent between two waits: nothing is missed.
        var path = $"{world.Tenant}/default/orders";
        await SendAsync();
        var found = (await rest.GetAsync($"{orders}/messages/wait?seconds=30&resume={Uri.EscapeDataString((string)own["resume"]!)}"))[
            "message"
        ]!;
        Assert.Equal($"{(char)7}\0\0\0", (string?)found["payload"]);
        Assert.DoesNotContain("portal-", (string?)found["producerName"] ?? "portal-", StringComparison.Ordinal);
        // And while somebody waits.
        var waiting = rest.GetAsync($"{orders}/messages/wait?seconds=60");
        await Eventually.TrueAsync(
            async () =>
            {
                await SendAsync();
                return waiting.IsCompleted;
            },
            "the wait is over"
        );
        Assert.NotNull((await waiting)["message"]);

        var sent = (string)
            (await rest.PostAsync($"{orders}/messages", new JsonObject { ["payload"] = "to the client" }, HttpStatusCode.Created))[
                "messageId"
            ]!;
        var acknowledgements = $"{orders}/messages/acknowledgements?messageId={Uri.EscapeDataString(sent)}";
        Assert.Equal([("billing", false)], Of(await rest.GetAsync(acknowledgements)));
        using (var consumer = await client.ConnectAsync("consumer", path, "billing"))
        {
            while ((await PlainWebSocketClient.TextsAsync(consumer, 1))[0] != "to the client") { }
            await PlainWebSocketClient.CloseAsync(consumer);
        }
        Assert.Equal([("billing", true)], Of(await rest.GetAsync($"{acknowledgements}&seconds=60")));

        async Task SendAsync()
        {
            using var producer = await client.ConnectAsync("producer", path);
            await PlainWebSocketClient.SendAsync(producer, 7, 4);
            Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(producer))["result"]);
            await PlainWebSocketClient.CloseAsync(producer);
        }

        var letters = $"{inside}/orders-billing-DLQ";
        await rest.PostAsync(
            $"{letters}/messages",
            new JsonObject
            {
                ["payload"] = "bad",
                ["key"] = "k",
                ["properties"] = new JsonObject { ["REAL_TOPIC"] = "x", ["mine"] = "1" },
            },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{letters}/send-back", new JsonObject(), HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{letters}/send-back"))["last"]!["state"] == "done",
            "it was sent back"
        );
        var back = (await rest.GetAsync($"{orders}/messages?key=k"))["items"]!.AsArray().Single()!;
        Assert.Equal(("bad", """{"mine":"1"}"""), ((string?)back["payload"], back["properties"]!.ToJsonString()));
    }

    private static List<(string, bool)> Of(JsonNode answer) =>
        [.. answer["subscriptions"]!.AsArray().Select(one => ((string)one!["subscription"]!, (bool)one["acknowledged"]!))];
}
