using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>The WebSocket gateway, tried by clients: where a key reaches, and when its sessions end.</summary>
public sealed class GatewayTests(PostgresServer postgres)
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

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task Open_sessions_end_with_their_key_and_with_their_organization(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var topic = world.Topic("orders");
        var (deleted, first, firstToken) = await world.KeyAsync(["produce", "consume"]);
        var (kept, second, secondToken) = await world.KeyAsync(["produce", "consume"]);
        var (rotated, fourth, _) = await world.KeyAsync(["produce", "consume"]);
        var over = DateTimeOffset.UtcNow.AddSeconds(45);
        var (_, third, thirdToken) = await world.KeyAsync(["produce", "consume"], expiresAt: over);

        using var producer = await first.ConnectAsync("producer", topic);
        using var consumer = await first.ConnectAsync("consumer", topic, "first");
        using var reader = await first.ConnectAsync("reader", topic);
        using var stays = await second.ConnectAsync("producer", topic);
        using var staysConsumer = await second.ConnectAsync("consumer", topic, "second");
        using var staysReader = await second.ConnectAsync("reader", topic);
        using var expires = await third.ConnectAsync("consumer", topic, "third");
        using var expiresProducer = await third.ConnectAsync("producer", topic);
        using var expiresReader = await third.ConnectAsync("reader", topic);
        await world.DeleteKeyAsync(deleted);
        foreach (var socket in new[] { producer, consumer, reader })
            Assert.Equal(
                (WebSocketCloseStatus.PolicyViolation, "This key was deleted. Use another key."),
                await GatewayWorld.ClosedAsync(socket, 10)
            );
        foreach (var (kind, rest2) in new[] { ("producer", ""), ("consumer", "/first"), ("reader", "") })
            Assert.Equal(
                (HttpStatusCode.Unauthorized, "pulsar-key-deleted"),
                await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/{kind}/persistent/{topic}{rest2}", firstToken)
            );

        // Rotated, and past its overlap: the other two kinds and a producer end, the key that took its place goes on.
        using var old = await fourth.ConnectAsync("producer", topic);
        using var oldReader = await fourth.ConnectAsync("reader", topic);
        using var oldConsumer = await fourth.ConnectAsync("consumer", topic, "fourth");
        var next = await rest.PostAsync(
            $"/api/v1/organizations/northwind/keys/{rotated}/rotate",
            new JsonObject { ["overlapHours"] = 1 },
            HttpStatusCode.Created
        );
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"/api/v1/organizations/northwind/keys/{next["id"]}"))["state"]);
        using var changed = await new PlainWebSocketClient($"ws://localhost:{portal.Url.Port}", (string)next["token"]!).ConnectAsync(
            "producer",
            topic
        );
        await PlainWebSocketClient.SendAsync(old, 1, 16);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(old))["result"]);
        await KeyEndTests.EndOverlapAsync(portal.DataFolder);
        foreach (var socket in new[] { old, oldReader, oldConsumer })
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await GatewayWorld.ClosedAsync(socket, 10)).Status);
        await PlainWebSocketClient.SendAsync(changed, 2, 16);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(changed))["result"]);

        await PlainWebSocketClient.SendAsync(stays, 1, 16);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(stays))["result"]);
        if (over - DateTimeOffset.UtcNow is { } still && still > TimeSpan.Zero)
            await Task.Delay(still, TestContext.Current.CancellationToken);
        foreach (var socket in new[] { expires, expiresProducer, expiresReader })
        {
            var (status, reason) = await GatewayWorld.ClosedAsync(socket, 10);
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, status);
            Assert.StartsWith("This key has expired.", reason);
        }
        Assert.NotNull((await rest.GetAsync($"/api/v1/organizations/northwind/keys/{kept}"))["lastUsedAt"]);
        Assert.Equal(
            (HttpStatusCode.Unauthorized, "pulsar-key-expired"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/consumer/persistent/{topic}/third", thirdToken)
        );

        await world.SuspendAsync();
        foreach (var socket in new[] { stays, staysConsumer, staysReader })
            Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await GatewayWorld.ClosedAsync(socket, 10)).Status);
        Assert.Equal(
            (HttpStatusCode.Forbidden, "organization-suspended"),
            await GatewayWorld.RefusedAsync(portal.Url, $"/ws/v2/producer/persistent/{topic}", secondToken)
        );
        // Nothing of any of them is left at the broker either.
        await Eventually.TrueAsync(async () => await ConnectedAsync(cluster, topic) == 0, "the broker has no clients of this topic", 10);
    }

    [Fact]
    public async Task A_session_on_one_replica_ends_with_a_key_that_is_deleted_on_another()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var stripe = await StripeBeside.StartAsync();
        var settings = new Dictionary<string, string>(cluster.Settings.Concat(stripe.Settings))
        {
            ["Portal__Database__Provider"] = "PostgreSql",
            ["Portal__Database__ConnectionString"] = await postgres.NewEmptyDatabaseAsync(),
        };
        await using var one = await PortalHere.StartAsync(settings);
        // A gateway by itself: it does none of the portal's work and shows none of its pages.
        await using var other = await PortalHere.StartAsync(new Dictionary<string, string>(settings) { ["Portal__GatewayOnly"] = "true" });
        using (var http = new HttpClient { BaseAddress = other.Url })
        {
            foreach (var path in new[] { "/", "/sign-in", "/api/v1/organizations", "/connect/token", "/_blazor" })
                Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(path)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
        }
        using var rest = one.Rest();
        var world = new GatewayWorld(one, rest, "northwind");
        await world.CreateAsync("orders");
        var (id, _, token) = await world.KeyAsync(["consume"]);
        using var consumer = await new PlainWebSocketClient($"ws://localhost:{other.Url.Port}", token).ConnectAsync(
            "consumer",
            world.Topic("orders"),
            "s"
        );
        await world.DeleteKeyAsync(id);
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, (await GatewayWorld.ClosedAsync(consumer, 10)).Status);
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
    public async Task Two_keys_of_an_organization_share_the_sessions_of_its_plan_and_the_connect_page_tells_how_many()
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (_, one, _) = await world.KeyAsync(["produce", "consume"]);
        var (_, other, token) = await world.KeyAsync(["produce", "consume"]);
        await world.LimitAsync(rest, ("webSocketSessions", 2));
        var connection = await rest.GetAsync($"/api/v1/organizations/northwind/tenants/{world.Tenant}/connect");
        Assert.Equal((2, 1024 * 1024), ((int)connection["webSocketSessions"]!, (int)connection["webSocketMessageBytes"]!));

        using var first = await one.ConnectAsync("producer", world.Topic("orders"));
        using var second = await other.ConnectAsync("consumer", world.Topic("orders"), "s");
        var third = $"/ws/v2/reader/persistent/{world.Topic("orders")}";
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "websocket-sessions-limit"),
            await GatewayWorld.RefusedAsync(portal.Url, third, token)
        );
        await PlainWebSocketClient.CloseAsync(first);
        await Eventually.TrueAsync(
            async () => await other.AnswerAsync("reader", world.Topic("orders")) == HttpStatusCode.SwitchingProtocols,
            "a closed session gives its place back",
            10
        );
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
