using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>Everything a script does with a subscription, on the stand-in.</summary>
public sealed class SubscriptionsApiTests
{
    [Fact]
    public async Task A_subscription_is_looked_at_skipped_rewound_expired_analyzed_and_cleared()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (topic, billing) = await BillingAsync(rest, world, "orders", 10);

        var look = await rest.GetAsync(billing);
        Assert.Equal(
            ("billing", 10, true, false, 0),
            (
                (string)look["name"]!,
                (int)look["backlog"]!,
                (bool)look["durable"]!,
                (bool)look["blocked"]!,
                look["partitions"]!.AsArray().Count
            )
        );
        Assert.InRange(
            (DateTimeOffset)look["oldestUnacknowledgedAt"]!,
            TimeProvider.System.GetUtcNow().AddMinutes(-5),
            TimeProvider.System.GetUtcNow()
        );

        var skipped = await rest.PostAsync($"{billing}/skip", new JsonObject { ["entries"] = 4, ["seenBacklog"] = 9 }, HttpStatusCode.OK);
        Assert.Equal((10, 6, true), ((int)skipped["backlogBefore"]!, (int)skipped["backlogAfter"]!, (bool)skipped["finished"]!));
        var analysis = await rest.PostAsync($"{billing}/analyze", null, HttpStatusCode.OK);
        Assert.Equal((6, 6, true), ((int)analysis["messages"]!, (int)analysis["entries"]!, (bool)analysis["complete"]!));
        Assert.Matches(@"^\d+:4$", (string)analysis["firstMessageId"]!);

        var all = (await rest.GetAsync($"{topic}/messages"))["items"]!.AsArray();
        var third = (string)all[2]!["messageId"]!;
        var foreseen = await rest.GetAsync($"{billing}/rewind?messageId={Uri.EscapeDataString(third)}");
        Assert.Equal((6, 8), ((int)foreseen["backlogBefore"]!, (int)foreseen["backlogAfter"]!));
        Assert.Equal(6, (int)(await rest.GetAsync(billing))["backlog"]!);
        Assert.Equal(
            8,
            (int)(await rest.PostAsync($"{billing}/rewind", new JsonObject { ["messageId"] = third }, HttpStatusCode.OK))["backlogAfter"]!
        );
        Assert.Equal(10, (int)(await rest.GetAsync($"{billing}/rewind?time=2026-01-01T00:00:00Z"))["backlogAfter"]!);
        Assert.Equal(
            10,
            (int)
                (await rest.PostAsync($"{billing}/rewind", new JsonObject { ["time"] = "2026-01-01T00:00:00Z" }, HttpStatusCode.OK))[
                    "backlogAfter"
                ]!
        );
        Assert.Equal(
            6,
            (int)
                (
                    await rest.PostAsync(
                        $"{billing}/rewind",
                        new JsonObject { ["messageId"] = (string)analysis["firstMessageId"]! },
                        HttpStatusCode.OK
                    )
                )["backlogAfter"]!
        );

        Assert.Equal(
            6,
            (int)
                (await rest.PostAsync($"{billing}/expire", new JsonObject { ["olderThanSeconds"] = 3600 }, HttpStatusCode.OK))[
                    "backlogAfter"
                ]!
        );
        await Task.Delay(2100);
        Assert.Equal(
            0,
            (int)
                (await rest.PostAsync($"{billing}/expire", new JsonObject { ["olderThanSeconds"] = 1 }, HttpStatusCode.OK))["backlogAfter"]!
        );
        await rest.PostAsync($"{topic}/messages", new JsonObject { ["payload"] = "late" }, HttpStatusCode.Created);
        Assert.Equal(0, (int)(await rest.PostAsync($"{billing}/clear", null, HttpStatusCode.OK))["backlogAfter"]!);
        Assert.Equal("billing", (string)(await rest.GetAsync($"{topic}/subscriptions"))["items"]!.AsArray().Single()!["name"]!);

        var records = (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=subscription.skip"))["items"]!.AsArray();
        var details = Assert.Single(records)!["details"]!;
        Assert.Equal("4 entries", (string)details["skip"]!);
        Assert.StartsWith("10 entries (", (string)details["backlog"]!, StringComparison.Ordinal);
        Assert.Equal("9 entries", (string)details["backlog shown"]!);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (topic, billing) = await BillingAsync(rest, world, "orders", 3);
        foreach (
            var (path, body, status, code) in new (string, JsonObject?, HttpStatusCode, string)[]
            {
                ("skip", [], HttpStatusCode.BadRequest, "entries-malformed"),
                ("skip", new() { ["entries"] = 0 }, HttpStatusCode.BadRequest, "entries-malformed"),
                ("skip", new() { ["entries"] = -1 }, HttpStatusCode.BadRequest, "entries-malformed"),
                ("skip", new() { ["entries"] = 99999999999 }, HttpStatusCode.BadRequest, "entries-malformed"),
                ("skip", new() { ["entries"] = "1" }, HttpStatusCode.BadRequest, "body-not-json"),
                ("skip", new() { ["entries"] = 1, ["partition"] = 0 }, HttpStatusCode.BadRequest, "partition-unknown"),
                ("rewind", [], HttpStatusCode.BadRequest, "rewind-target-missing"),
                (
                    "rewind",
                    new() { ["time"] = "2026-01-01T00:00:00Z", ["messageId"] = "1:2" },
                    HttpStatusCode.BadRequest,
                    "rewind-target-missing"
                ),
                ("rewind", new() { ["time"] = "yesterday" }, HttpStatusCode.BadRequest, "body-not-json"),
                ("rewind", new() { ["messageId"] = "nonsense" }, HttpStatusCode.BadRequest, "message-id-unknown"),
                ("rewind", new() { ["messageId"] = "-1:-1" }, HttpStatusCode.BadRequest, "message-id-unknown"),
                ("rewind", new() { ["messageId"] = "999999:0" }, HttpStatusCode.BadRequest, "message-gone"),
                ("rewind", new() { ["messageId"] = "999999:0:0" }, HttpStatusCode.BadRequest, "message-id-partition"),
                ("expire", [], HttpStatusCode.BadRequest, "age-malformed"),
                ("expire", new() { ["olderThanSeconds"] = 0 }, HttpStatusCode.BadRequest, "age-malformed"),
            }
        )
            await RefusedAsync(rest, $"{billing}/{path}", body, status, code);
        foreach (
            var (action, body) in new (string, JsonObject?)[]
            {
                ("skip", new() { ["entries"] = 1 }),
                ("clear", null),
                ("rewind", new() { ["time"] = "2026-01-01T00:00:00Z" }),
                ("expire", new() { ["olderThanSeconds"] = 1 }),
                ("analyze", null),
            }
        )
            await RefusedAsync(rest, $"{topic}/subscriptions/nobody/{action}", body, HttpStatusCode.NotFound, "subscription-not-found");
        foreach (
            var (query, code) in new[]
            {
                ("", "rewind-target-missing"),
                ("?time=yesterday", "instant-malformed"),
                ("?messageId=999999:0", "message-gone"),
            }
        )
        {
            var (status, problem) = await rest.SendAsync(HttpMethod.Get, $"{billing}/rewind{query}");
            Assert.Equal((HttpStatusCode.BadRequest, code), (status, (string?)problem?["code"]));
        }
        Assert.Equal(3, (int)(await rest.GetAsync(billing))["backlog"]!);
        Assert.Equal("billing", (string)(await rest.GetAsync($"{topic}/subscriptions"))["items"]!.AsArray().Single()!["name"]!);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_new_subscription_starts_at_a_time_or_a_message(int partitions)
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync();
        var topics = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics";
        await rest.PostAsync(topics, new JsonObject { ["name"] = "orders", ["partitions"] = partitions }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{topics}/orders");
        var (topic, _) = await BillingAsync(rest, world, "orders", 8);
        var all = (await rest.GetAsync($"{topic}/messages"))["items"]!.AsArray();
        foreach (
            var (name, body, backlog) in new (string, JsonObject, int?)[]
            {
                ("ages", new() { ["time"] = "2026-01-01T00:00:00Z" }, 8),
                ("later", new() { ["time"] = "2100-01-01T00:00:00Z" }, 0),
                ("fifth", new() { ["messageId"] = (string)all[4]!["messageId"]! }, partitions == 0 ? 4 : null),
            }
        )
        {
            body["name"] = name;
            await rest.PostAsync($"{topic}/subscriptions", body, HttpStatusCode.Created);
            if (backlog is { } wanted)
                Assert.Equal(wanted, (int)(await rest.GetAsync($"{topic}/subscriptions/{name}"))["backlog"]!);
        }
        foreach (
            var (body, code) in new (JsonObject, string)[]
            {
                (new() { ["position"] = "earliest", ["time"] = "2026-01-01T00:00:00Z" }, "position-unknown"),
                (new() { ["time"] = "2026-01-01T00:00:00Z", ["messageId"] = "1:2" }, "rewind-target-missing"),
                (new() { ["messageId"] = "nonsense" }, "message-id-unknown"),
                (new() { ["messageId"] = partitions == 0 ? "999999:0" : "999999:0:1" }, "message-gone"),
            }
        )
        {
            body["name"] = "none";
            await RefusedAsync(rest, $"{topic}/subscriptions", body, HttpStatusCode.BadRequest, code);
        }
        Assert.Equal(
            ["ages", "billing", "fifth", "later"],
            (await rest.GetAsync($"{topic}/subscriptions"))["items"]!.AsArray().Select(one => (string)one!["name"]!)
        );
        var from = (await rest.GetAsync("/api/v1/organizations/northwind/audit?operation=subscription.create"))["items"]!
            .AsArray()
            .Select(one => (string?)one!["details"]!["from"]);
        Assert.Equal([$"message {all[4]!["messageId"]}", "2100-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "earliest"], from);
    }

    [Fact]
    public async Task A_partitioned_topic_is_skipped_by_partition_and_moved_as_one()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync();
        var topics = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics";
        await rest.PostAsync(topics, new JsonObject { ["name"] = "parts", ["partitions"] = 3 }, HttpStatusCode.Accepted);
        await rest.SettledAsync($"{topics}/parts");
        var (topic, billing) = await BillingAsync(rest, world, "parts", 12);
        var partitions = (await rest.GetAsync(billing))["partitions"]!.AsArray();
        Assert.Equal((3, 12), (partitions.Count, partitions.Sum(one => (int)one!["backlog"]!)));
        await RefusedAsync(rest, $"{billing}/skip", new() { ["entries"] = 1 }, HttpStatusCode.BadRequest, "partition-missing");
        await RefusedAsync(
            rest,
            $"{billing}/skip",
            new() { ["entries"] = 1, ["partition"] = 3 },
            HttpStatusCode.BadRequest,
            "partition-unknown"
        );
        var fullest = (int)partitions.MaxBy(one => (int)one!["backlog"]!)!["partition"]!;
        Assert.Equal(
            11,
            (int)
                (await rest.PostAsync($"{billing}/skip", new JsonObject { ["entries"] = 1, ["partition"] = fullest }, HttpStatusCode.OK))[
                    "backlogAfter"
                ]!
        );
        Assert.Equal(11, (int)(await rest.PostAsync($"{billing}/analyze", null, HttpStatusCode.OK))["messages"]!);
        Assert.Equal(
            0,
            (int)(await rest.PostAsync($"{billing}/clear", new JsonObject { ["seenBacklog"] = 11 }, HttpStatusCode.OK))["backlogAfter"]!
        );
        Assert.Equal(
            12,
            (int)
                (await rest.PostAsync($"{billing}/rewind", new JsonObject { ["time"] = "2026-01-01T00:00:00Z" }, HttpStatusCode.OK))[
                    "backlogAfter"
                ]!
        );
        var message = (await rest.GetAsync($"{topic}/messages"))["items"]!.AsArray()[0]!;
        await rest.PostAsync($"{billing}/clear", null, HttpStatusCode.OK);
        var foreseen = await rest.GetAsync($"{billing}/rewind?messageId={Uri.EscapeDataString((string)message["messageId"]!)}");
        Assert.Equal(0, (int)foreseen["backlogBefore"]!);
        var after = (int)foreseen["backlogAfter"]!;
        await rest.PostAsync($"{billing}/rewind", new JsonObject { ["messageId"] = (string)message["messageId"]! }, HttpStatusCode.OK);
        Assert.Equal(
            [after],
            (await rest.GetAsync(billing))["partitions"]!.AsArray().Select(one => (int)one!["backlog"]!).Where(backlog => backlog > 0)
        );
    }

    [Theory]
    [InlineData("a/b", true)]
    [InlineData("a%2Fb", true)]
    [InlineData("100%", true)]
    [InlineData("o'neil", true)]
    [InlineData("skip", true)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    public async Task A_name_that_a_client_gave_is_meant_whole(string name, bool inPath)
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (topic, _) = await BillingAsync(rest, world, "orders", 0);
        // As a client's own: a broker decodes this part of a path twice.
        var escaped = string.Concat(Encoding.UTF8.GetBytes(name).Select(one => $"%25{one:X2}"));
        await cluster.AdminAsync(
            HttpMethod.Put,
            $"persistent/{world.Topic("orders")}/subscription/{escaped}",
            JsonValue.Create("earliest")
        );
        for (var number = 0; number < 4; number++)
            await rest.PostAsync($"{topic}/messages", new JsonObject { ["payload"] = $"{number}" }, HttpStatusCode.Created);
        string At(string action) =>
            inPath
                ? $"{topic}/subscriptions/{Uri.EscapeDataString(name)}{action}"
                : $"{topic}/subscriptions/-{action}?name={Uri.EscapeDataString(name)}";
        Assert.Equal((name, 4), ((string)(await rest.GetAsync(At("")))["name"]!, (int)(await rest.GetAsync(At("")))["backlog"]!));
        Assert.Equal(3, (int)(await rest.PostAsync(At("/skip"), new JsonObject { ["entries"] = 1 }, HttpStatusCode.OK))["backlogAfter"]!);
        Assert.Equal(3, (int)(await rest.PostAsync(At("/analyze"), null, HttpStatusCode.OK))["messages"]!);
        Assert.Equal(0, (int)(await rest.PostAsync(At("/clear"), null, HttpStatusCode.OK))["backlogAfter"]!);
        Assert.Equal(
            4,
            (int)
                (await rest.PostAsync(At("/rewind"), new JsonObject { ["time"] = "2026-01-01T00:00:00Z" }, HttpStatusCode.OK))[
                    "backlogAfter"
                ]!
        );
        Assert.Equal(
            4,
            (int)(await rest.PostAsync(At("/expire"), new JsonObject { ["olderThanSeconds"] = 3600 }, HttpStatusCode.OK))["backlogAfter"]!
        );
        Assert.Equal(
            ((string[])["billing", name]).Order(StringComparer.Ordinal),
            (await rest.GetAsync($"{topic}/subscriptions"))["items"]!.AsArray().Select(one => (string)one!["name"]!)
        );
    }

    [Fact]
    public async Task A_skip_that_is_sent_again_with_its_key_skips_once()
    {
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (_, billing) = await BillingAsync(rest, world, "orders", 5);
        for (var again = 0; again < 3; again++)
        {
            var (status, answer) = await rest.SendAsync(
                HttpMethod.Post,
                $"{billing}/skip",
                new JsonObject { ["entries"] = 2 },
                "skip-once"
            );
            Assert.Equal((HttpStatusCode.OK, 3), (status, (int)answer!["backlogAfter"]!));
        }
        Assert.Equal(3, (int)(await rest.GetAsync(billing))["backlog"]!);
    }

    private static async Task<(string Topic, string Subscription)> BillingAsync(
        RestClient rest,
        GatewayWorld world,
        string name,
        int messages
    )
    {
        var topic = $"/api/v1/organizations/northwind/tenants/{world.Tenant}/namespaces/default/topics/{name}";
        await rest.PostAsync(
            $"{topic}/subscriptions",
            new JsonObject { ["name"] = "billing", ["position"] = "earliest" },
            HttpStatusCode.Created
        );
        for (var number = 0; number < messages; number++)
            await rest.PostAsync(
                $"{topic}/messages",
                new JsonObject { ["payload"] = $"{number}", ["key"] = $"k{number}" },
                HttpStatusCode.Created
            );
        return (topic, $"{topic}/subscriptions/billing");
    }

    private static async Task RefusedAsync(RestClient rest, string path, JsonObject? body, HttpStatusCode status, string code)
    {
        var (answered, problem) = await rest.SendAsync(HttpMethod.Post, path, body?.DeepClone());
        Assert.True((status, code) == (answered, (string?)problem?["code"]), $"{path} {body}: {answered} {problem}");
    }
}
