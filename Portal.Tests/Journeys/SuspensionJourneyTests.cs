using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>What a suspension does at the broker, tried by a client.</summary>
public sealed class SuspensionJourneyTests
{
    private const string Org = "/api/v1/organizations/northwind";
    private const string Operators = "/api/v1/operator/organizations/northwind";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task A_suspended_customers_client_is_shut_out_and_let_in_again(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var tenant = $"stop-{Guid.NewGuid():N}"[..12];
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = tenant }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Org}/tenants/{tenant}/namespaces/default");
        await rest.PostAsync(
            $"{Org}/tenants/{tenant}/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{Org}/tenants/{tenant}/namespaces/default/topics/orders");
        var key = await rest.PostAsync(
            $"{Org}/keys",
            new JsonObject
            {
                ["name"] = "app",
                ["tenant"] = tenant,
                ["namespace"] = "default",
                ["permissions"] = new JsonArray("produce", "consume"),
            },
            HttpStatusCode.Created
        );
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Org}/keys/{key["id"]}"))["state"]);
        var client = new PlainWebSocketClient(
            (string)(await rest.GetAsync($"{Org}/tenants/{tenant}/connect"))["webSocketUrl"]!,
            (string)key["token"]!
        );
        var topic = $"{tenant}/default/orders";
        await client.SendAsync(topic, 10, 64);

        await rest.PostAsync($"{Operators}/suspend", new JsonObject { ["reason"] = "unpaid" }, HttpStatusCode.OK);
        await Eventually.TrueAsync(
            async () => await client.AnswerAsync("producer", topic) is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden,
            "the producer is shut out"
        );
        Assert.True(await client.AnswerAsync("consumer", topic, "s") is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden);
        var (status, answer) = await rest.SendAsync(HttpMethod.Post, $"{Org}/tenants", new JsonObject { ["name"] = "another" });
        Assert.Equal((HttpStatusCode.Forbidden, "organization-suspended"), (status, (string?)answer!["code"]));

        await rest.PostAsync($"{Operators}/resume", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Org}/keys/{key["id"]}"))["state"]);
        // What the suspension was still taking away when it ended is given once more: for that long the broker says no.
        WebSocket? reader = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    reader = await client.ConnectAsync("reader", topic, null, "?messageId=earliest");
                    return true;
                }
                catch (WebSocketException)
                {
                    return false;
                }
            },
            "the reader is let in again"
        );
        using (reader)
            Assert.Equal(64 * 10, await PlainWebSocketClient.ReadAsync(reader!, 10));
    }
}
