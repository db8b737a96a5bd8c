using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

public sealed partial class GatewayTests
{
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
}
