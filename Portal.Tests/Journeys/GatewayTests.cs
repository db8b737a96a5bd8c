using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>The WebSocket gateway, tried by clients: where a key reaches, and when its sessions end.</summary>
public sealed partial class GatewayTests(PostgresServer postgres)
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task Dead_letters_go_nowhere_that_the_key_may_not_produce_to(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var (victim, own) = (new GatewayWorld(portal, rest, "victim"), new GatewayWorld(portal, rest, "attacker"));
        await victim.CreateAsync("secret");
        await own.CreateAsync("bait", "letters", "closed");
        var (_, reader, token) = await own.KeyAsync(["consume"], ["bait", "letters"]);
        var (_, both, full) = await own.KeyAsync(["produce", "consume"], ["bait", "letters"]);
        var before = await ThereAsync(cluster, victim, own);

        const string policy = "?subscriptionType=Shared&maxRedeliverCount=1&negativeAckRedeliveryDelay=100&deadLetterTopic=";
        string[] elsewhere =
        [
            $"persistent://{victim.Topic("secret")}",
            $"persistent://{victim.Topic("__change_events")}",
            "persistent://public/functions/coordinate",
            "persistent://public/default/made",
            $"persistent://{own.Topic("__change_events")}",
            $"persistent://{own.Topic("made")}",
            $"persistent://{own.Topic("closed")}",
            $"non-persistent://{own.Topic("letters")}",
            $"persistent://{own.Topic("letters")}/",
            $"persistent://{own.Topic("letters-partition-0")}",
            $"persistent://{own.Topic("x")}/../letters",
            $"PERSISTENT://{own.Topic("letters")}",
        ];
        foreach (var address in elsewhere)
        {
            foreach (var key in new[] { token, full })
            {
                var (status, code) = await GatewayWorld.RefusedAsync(
                    portal.Url,
                    $"/ws/v2/consumer/persistent/{own.Topic("bait")}/s{policy}{Uri.EscapeDataString(address)}",
                    key
                );
                Assert.True((status, code) == (HttpStatusCode.Forbidden, "dead-letters-not-in-key"), $"{address}: {(int)status} {code}");
            }
        }
        Assert.Equal(
            (HttpStatusCode.BadRequest, "parameter-invalid"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/consumer/persistent/{own.Topic("bait")}/s{policy}short", full)
        );
        // Without a name Pulsar makes one up, here of a topic that does not exist; and who may not produce has no dead letters at all.
        Assert.Equal(
            (HttpStatusCode.Forbidden, "dead-letters-not-in-key"),
            await GatewayWorld.RefusedAsync(
                portal.Url,
                $"/ws/v2/consumer/persistent/{own.Topic("bait")}/s?subscriptionType=Shared&maxRedeliverCount=1",
                full
            )
        );
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (
                await GatewayWorld.RefusedAsync(
                    portal.Url,
                    $"/ws/v2/consumer/persistent/{own.Topic("bait")}/s{policy}{Uri.EscapeDataString($"persistent://{own.Topic("letters")}")}",
                    token
                )
            ).Status
        );
        foreach (var made in new[] { "retryLetterTopic=x", "topics=x", "topicsPattern=x", "encryptionKeys=operators", "DeadLetterTopic=x" })
            Assert.Equal(
                (HttpStatusCode.BadRequest, "parameter-unknown"),
                await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/consumer/persistent/{own.Topic("bait")}/s?{made}", full)
            );

        // The stand-in keeps no dead letters; a real one puts them where they may go.
        if (pulsar != "LocalPulsar")
        {
            using var consumer = await both.ConnectAsync(
                "consumer",
                own.Topic("bait"),
                "s",
                $"{policy}{Uri.EscapeDataString($"persistent://{own.Topic("letters")}")}"
            );
            await both.SendAsync(own.Topic("bait"), 1, 16);
            using var letters = await both.ConnectAsync("reader", own.Topic("letters"), null, "?messageId=earliest");
            _ = RefuseAllAsync(consumer);
            Assert.NotNull((await PlainWebSocketClient.ReceiveAsync(letters))["payload"]);
        }
        Assert.Equal(before, await ThereAsync(cluster, victim, own));
        Assert.Equal(0, (int)(await cluster.AdminAsync(HttpMethod.Get, $"persistent/{victim.Topic("secret")}/stats"))["msgInCounter"]!);
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await reader.AnswerAsync("consumer", own.Topic("bait"), "plain"));
    }

    [Fact]
    public async Task What_is_no_key_of_the_portals_is_refused_and_a_token_is_never_logged()
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalProcess.StartAsync(
            new Dictionary<string, string>(cluster.Settings) { ["Logging__LogLevel__Microsoft.AspNetCore"] = "Information" }
        );
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (_, _, token) = await world.KeyAsync(["produce"]);
        var address = $"/ws/v2/producer/persistent/{world.Topic("orders")}";
        var parts = token.Split('.');
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", RunningPortal.OperatorKey) } };
        // Counters count from the first look on.
        await http.GetStringAsync(new Uri(portal.Url, "metrics"), TestContext.Current.CancellationToken);
        string[] forged =
        [
            $"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA",
            $"eyJhbGciOiJub25lIn0.{parts[1]}.",
            $"{parts[0]}.{parts[1]}",
            "x",
            "a.b.c",
            new string('x', 5000),
            RunningPortal.OperatorKey,
            cluster.Settings["Portal__Clusters__0__AdminToken"],
        ];
        foreach (var wrong in forged)
            Assert.Equal((HttpStatusCode.Unauthorized, "pulsar-key-refused"), await GatewayWorld.RefusedAsync(portal.Url, address, wrong));
        Assert.Equal((HttpStatusCode.Unauthorized, "pulsar-key-missing"), await GatewayWorld.RefusedAsync(portal.Url, address, null));
        Assert.Equal(
            (HttpStatusCode.Forbidden, "key-without-consume"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/reader/persistent/{world.Topic("orders")}", token)
        );
        Assert.Equal(
            (HttpStatusCode.NotFound, "gateway-address-unknown"),
            await GatewayWorld.RefusedAsync(portal.Url, "/ws/v2/pingpong", token)
        );
        Assert.Equal(
            (HttpStatusCode.NotFound, "gateway-address-unknown"),
            await GatewayWorld.RefusedAsync(portal.Url, "/ws/v3/consumer/s?topicsPattern=.*", token)
        );

        // As browsers send it, from a page of any site: the token is the credential, and no cookie counts.
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://shop.example");
        await socket.ConnectAsync(
            new Uri($"ws://localhost:{portal.Url.Port}{address}?token={token}"),
            TestContext.Current.CancellationToken
        );
        await PlainWebSocketClient.SendAsync(socket, 1, 16);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(socket))["result"]);
        await PlainWebSocketClient.CloseAsync(socket);
        await GatewayWorld.RefusedAsync(portal.Url, $"{address}?token={token}&bogus=1", null);
        Assert.DoesNotContain(parts[2], portal.Said);
        var metrics = await http.GetStringAsync(new Uri(portal.Url, "metrics"), TestContext.Current.CancellationToken);
        foreach (
            var line in new[]
            {
                "gateway_sessions",
                "gateway_bytes",
                "direction=\"in\"",
                "gateway_refused",
                "reason=\"pulsar-key-refused\"",
            }
        )
            Assert.Contains(line, metrics);
    }

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task Messages_of_every_size_go_through_as_they_are(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (_, client, _) = await world.KeyAsync(["produce", "consume"]);
        using var producer = await client.ConnectAsync("producer", world.Topic("orders"));
        var payloads = new[] { 0, 1, 48_000, 49_152, 60_000, 700_000 }
            .Select((size, index) => Random.Shared.GetItems("abcdefghijÄ€"u8.ToArray(), size + (index == 0 ? 0 : 1)))
            .ToArray();
        foreach (var payload in payloads)
        {
            var frame = Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["payload"] = Convert.ToBase64String(payload),
                    ["properties"] = new JsonObject { ["größe"] = "€" },
                }.ToJsonString()
            );
            // In pieces too, as a client that streams does.
            for (var sent = 0; sent < frame.Length; sent += 100_000)
                await producer.SendAsync(
                    frame.AsMemory(sent, Math.Min(100_000, frame.Length - sent)),
                    WebSocketMessageType.Text,
                    sent + 100_000 >= frame.Length,
                    TestContext.Current.CancellationToken
                );
            Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(producer))["result"]);
        }
        using var reader = await client.ConnectAsync("reader", world.Topic("orders"), null, "?messageId=earliest");
        foreach (var payload in payloads)
        {
            var message = await PlainWebSocketClient.ReceiveAsync(reader);
            Assert.Equal(payload, Convert.FromBase64String((string)message["payload"]!));
            Assert.Equal("€", (string?)message["properties"]!["größe"]);
            await reader.SendAsync(
                Encoding.UTF8.GetBytes(new JsonObject { ["messageId"] = (string)message["messageId"]! }.ToJsonString()),
                WebSocketMessageType.Text,
                true,
                TestContext.Current.CancellationToken
            );
        }
        // Above the broker's limit it drops the connection; the client hears why. The plan's own limit is out of the way for that.
        producer.Dispose();
        await world.LimitAsync(rest, ("webSocketMessageBytes", null));
        using var wide = await client.ConnectAsync("producer", world.Topic("orders"));
        await wide.SendAsync(
            Encoding.UTF8.GetBytes($$"""{"payload":"{{new string('A', 1_200_000)}}"""),
            WebSocketMessageType.Text,
            false,
            TestContext.Current.CancellationToken
        );
        // One that goes on sending hears it too: a connection dropped with bytes unread would be reset, and the reason lost.
        for (var piece = 0; piece < 30; piece++)
            await wide.SendAsync(
                Encoding.UTF8.GetBytes(new string('A', 100_000)),
                WebSocketMessageType.Text,
                false,
                TestContext.Current.CancellationToken
            );
        var (_, reason) = await GatewayWorld.ClosedAsync(wide, 20);
        Assert.NotNull(reason);
        Assert.NotEmpty(reason);
    }

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task What_is_larger_than_the_plan_allows_ends_the_session_and_nothing_of_it_arrives(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (_, client, _) = await world.KeyAsync(["produce", "consume"]);
        await world.LimitAsync(rest, ("webSocketMessageBytes", 200 * 1024));
        using var producer = await client.ConnectAsync("producer", world.Topic("orders"));
        await PlainWebSocketClient.SendAsync(producer, 1, 100_000);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(producer))["result"]);

        // In one piece, in pieces whose beginning is on its way already, and without an end.
        foreach (
            var (bytes, piece, ends) in new[] { (200 * 1024 + 1, int.MaxValue, true), (400_000, 70_000, true), (400_000, 70_000, false) }
        )
        {
            using var large = await client.ConnectAsync("producer", world.Topic("orders"));
            var frame = Encoding.UTF8.GetBytes($$"""{"payload":"{{new string('A', bytes - 14)}}"}""");
            for (var sent = 0; sent < frame.Length; sent += Math.Min(piece, frame.Length))
                await large.SendAsync(
                    frame.AsMemory(sent, Math.Min(piece, frame.Length - sent)),
                    WebSocketMessageType.Text,
                    ends && sent + (long)piece >= frame.Length,
                    TestContext.Current.CancellationToken
                );
            Assert.Equal(
                (WebSocketCloseStatus.MessageTooBig, "Your organization's own limit is 200 KiB per message. Send smaller ones."),
                await GatewayWorld.ClosedAsync(large, 10)
            );
        }

        // The session that kept to it goes on, and its two messages are all there is.
        await PlainWebSocketClient.SendAsync(producer, 2, 100_000);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(producer))["result"]);
        Assert.Equal(2, (int)(await cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Topic("orders")}/stats"))["msgInCounter"]!);
    }

    [Fact]
    public async Task A_cluster_that_is_away_ends_its_sessions_and_answers_with_a_sentence()
    {
        var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (_, client, token) = await world.KeyAsync(["produce"]);
        using var producer = await client.ConnectAsync("producer", world.Topic("orders"));
        await cluster.DisposeAsync();
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, (await GatewayWorld.ClosedAsync(producer, 10)).Status);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "cluster-unreachable"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/producer/persistent/{world.Topic("orders")}", token)
        );
    }

    private static async Task RefuseAllAsync(ClientWebSocket consumer)
    {
        while (true)
        {
            var message = await PlainWebSocketClient.ReceiveAsync(consumer);
            var answer = new JsonObject { ["type"] = "negativeAcknowledge", ["messageId"] = (string)message["messageId"]! };
            await consumer.SendAsync(
                Encoding.UTF8.GetBytes(answer.ToJsonString()),
                WebSocketMessageType.Text,
                true,
                CancellationToken.None
            );
        }
    }

    private static async Task<int> ConnectedAsync(TestedCluster cluster, string topic)
    {
        var stats = await cluster.AdminAsync(HttpMethod.Get, $"persistent/{topic}/stats");
        return stats["publishers"]!.AsArray().Count
            + stats["subscriptions"]!.AsObject().Sum(subscription => subscription.Value!["consumers"]!.AsArray().Count);
    }

    private static async Task<IReadOnlyList<string>> ThereAsync(TestedCluster cluster, params GatewayWorld[] worlds)
    {
        var names = new List<string>();
        foreach (var @namespace in worlds.Select(world => $"{world.Tenant}/default").Append("public/default"))
        foreach (var name in (await cluster.AdminAsync(HttpMethod.Get, $"persistent/{@namespace}")).AsArray())
            names.Add((string)name!);
        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
