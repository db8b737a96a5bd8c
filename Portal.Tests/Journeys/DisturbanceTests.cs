using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>
/// A topic is unloaded, its broker restarted and killed in the middle of traffic: never is more billed than was sent, and in
/// the end, with what the ledgers tell, all of it.
/// </summary>
[Trait("tier", "real"), Collection(PulsarServer.Borrowers)]
public sealed class DisturbanceTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Theory]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task Unloads_restarts_and_killed_brokers_are_gaps_and_bill_no_more_than_was_sent(string version)
    {
        var server = await PulsarServer.BorrowAsync(new PulsarSetup(version, Brokers: 2));
        await using var cluster = TestedCluster.Of(server);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        // Room for more producers than Free has: one that gives up while a broker still looks for the topic's new owner stays
        // connected there until that broker notices.
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = "shop" }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default");
        await rest.PostAsync(
            $"{Org}/tenants/shop/namespaces/default/topics",
            new JsonObject { ["name"] = "orders" },
            HttpStatusCode.Accepted
        );
        await rest.SettledAsync($"{Org}/tenants/shop/namespaces/default/topics/orders");
        var key = await rest.PostAsync(
            $"{Org}/keys",
            new JsonObject
            {
                ["name"] = "app",
                ["tenant"] = "shop",
                ["namespace"] = "default",
                ["permissions"] = new JsonArray("produce"),
            },
            HttpStatusCode.Created
        );
        var traffic = new Traffic(server, (string)key["token"]!);

        await traffic.SendAsync(100);
        await MeteredAsync(rest, 1);
        await cluster.AdminAsync(HttpMethod.Put, "namespaces/shop/default/unload");
        await traffic.SendAsync(100);
        await GapsAsync(rest, 1, "the unload");

        var owner = await OwnerAsync(server);
        await server.StopBrokerAsync(owner, hard: false);
        await traffic.SendAsync(100);
        await GapsAsync(rest, 2, "the restart");
        await server.StartBrokerAsync(owner);

        owner = await OwnerAsync(server);
        // No poll sees these before the broker is gone.
        await traffic.SendAsync(50);
        await server.StopBrokerAsync(owner, hard: true);
        await traffic.SendAsync(100);
        await GapsAsync(rest, 3, "the killed broker");

        var usage = await rest.GetAsync($"{Org}/usage");
        var billed = RestThreadTests.Quantity(usage, "write");
        Assert.InRange(billed, 1, traffic.SentAtMost);

        // Everything was acknowledged, so it is in the ledgers, and nothing was trimmed: in the end it is billed to the byte.
        (long Billed, long Stored) found = default;
        await Eventually.TrueAsync(
            async () =>
            {
                usage = await rest.GetAsync($"{Org}/usage");
                found = (RestThreadTests.Quantity(usage, "write"), await StoredAsync(server));
                return found.Billed == found.Stored && usage["recovered"]!.AsArray().Count > 0;
            },
            () => $"what the counters missed is recovered: {found.Billed} billed, {found.Stored} stored, {usage["recovered"]}",
            180
        );
        Assert.InRange(found.Billed, 1, traffic.SentAtMost);
        Assert.True(usage["recovered"]!.AsArray().Sum(one => (long)one!["bytes"]!) > 0);
    }

    /// <summary>What the topic's ledgers hold; 0 while nobody says.</summary>
    private static async Task<long> StoredAsync(PulsarServer server)
    {
        foreach (var url in server.AdminUrls)
        {
            try
            {
                using var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(5) };
                http.DefaultRequestHeaders.Authorization = new("Bearer", server.AdminToken);
                using var answer = await http.GetAsync("/admin/v2/persistent/shop/default/orders/internalStats");
                if (!answer.IsSuccessStatusCode)
                    continue;
                var ledgers = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
                return (long)ledgers["currentLedgerSize"]! + ledgers["ledgers"]!.AsArray().Sum(ledger => (long)ledger!["size"]!);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // That broker is away; the other one has the topic.
            }
        }
        return 0;
    }

    private static Task MeteredAsync(RestClient rest, long atLeast) =>
        Eventually.TrueAsync(
            async () => RestThreadTests.Quantity(await rest.GetAsync($"{Org}/usage"), "write") >= atLeast,
            "the first traffic is metered"
        );

    private static Task GapsAsync(RestClient rest, int atLeast, string what) =>
        Eventually.TrueAsync(
            async () =>
                (await rest.GetAsync($"{Org}/usage"))["gaps"]!
                    .AsArray()
                    .Count(gap => gap!["topics"]!.AsArray().Any(topic => (string?)topic == "shop/default/orders")) >= atLeast,
            $"{what} is shown as a gap",
            180
        );

    /// <summary>From 1, as the scripts count brokers.</summary>
    private static async Task<int> OwnerAsync(PulsarServer server)
    {
        var owner = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var url in server.AdminUrls)
                {
                    try
                    {
                        using var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(5) };
                        http.DefaultRequestHeaders.Authorization = new("Bearer", server.AdminToken);
                        var found = JsonNode.Parse(await http.GetStringAsync("/lookup/v2/topic/persistent/shop/default/orders"))!;
                        owner =
                            1 + server.AdminUrls.ToList().FindIndex(candidate => candidate.Port == new Uri((string)found["httpUrl"]!).Port);
                        return owner > 0;
                    }
                    catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
                    {
                        // That broker is away; the next one knows too.
                    }
                }
                return false;
            },
            "some broker knows the owner"
        );
        return owner;
    }

    /// <summary>A customer's producer that connects again, to any broker, and sends again what was not acknowledged.</summary>
    private sealed class Traffic(PulsarServer server, string token)
    {
        // Payload, metadata and a generated producer name: an upper bound of what a broker counts for one send.
        private const int LargestEntry = 1_024 + 128;
        private readonly Queue<string> _trouble = new();
        private readonly List<string> _ended = [];
        private long _sends;

        public long SentAtMost => _sends * LargestEntry;

        public async Task SendAsync(int count)
        {
            var left = count;
            await Eventually.TrueAsync(
                async () =>
                {
                    foreach (var url in server.AdminUrls)
                    {
                        try
                        {
                            using var socket = await new PlainWebSocketClient($"ws://{url.Authority}", token).ConnectAsync(
                                "producer",
                                "shop/default/orders"
                            );
                            for (; left > 0; left--)
                            {
                                _sends++;
                                await PlainWebSocketClient.SendAsync(socket, left, 1_024);
                                var answer = await PlainWebSocketClient.ReceiveAsync(socket);
                                if ((string?)answer["result"] == "ok")
                                    continue;
                                Note(url, answer.ToJsonString());
                                break;
                            }
                            if (left == 0)
                                return true;
                        }
                        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
                        {
                            // The broker went away: the next one, or the same one later.
                            Note(url, $"{exception.GetType().Name} {exception.Message} {exception.InnerException?.Message}");
                        }
                    }
                    _ended.AddRange(await server.StartEndedAsync());
                    return false;
                },
                () => $"{count} messages are sent, {left} are left: {string.Join("; ", _ended.Concat(_trouble))}",
                300
            );
        }

        private void Note(Uri url, string what)
        {
            _trouble.Enqueue($"{DateTimeOffset.UtcNow:HH:mm:ss} {url.Port} {what}");
            if (_trouble.Count > 12)
                _trouble.Dequeue();
        }
    }
}
