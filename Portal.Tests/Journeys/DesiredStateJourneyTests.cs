using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>
/// What should be on a cluster stays there: through deletions that are refused, changes of plan, and what others do on the cluster.
/// </summary>
public sealed class DesiredStateJourneyTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task Deletions_ask_first_wishes_outlive_plans_and_differences_are_found(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var tenant = $"wish-{Guid.NewGuid():N}"[..12];
        var ns = $"{Org}/tenants/{tenant}/namespaces/default";
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = tenant }, HttpStatusCode.Accepted);
        await rest.SettledAsync(ns);
        foreach (var topic in new[] { "orders", "doomed" })
        {
            await rest.PostAsync($"{ns}/topics", new JsonObject { ["name"] = topic }, HttpStatusCode.Accepted);
            await rest.SettledAsync($"{ns}/topics/{topic}");
        }
        var key = await rest.PostAsync(
            $"{Org}/keys",
            new JsonObject
            {
                ["name"] = "app",
                ["tenant"] = tenant,
                ["namespace"] = "default",
                ["topics"] = new JsonArray("orders"),
                ["permissions"] = new JsonArray("produce"),
            },
            HttpStatusCode.Created
        );
        await rest.SettledAsync($"{Org}/keys/{key["id"]}");

        // A customer's own retention outlives a change of plan.
        await rest.PutAsync($"{ns}/retention", new JsonObject { ["timeMinutes"] = 90 });
        await RetentionAsync(cluster, tenant, 90);
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        await Eventually.TrueAsync(
            async () => (int?)(await cluster.AdminAsync(HttpMethod.Get, $"namespaces/{tenant}/default"))["max_producers_per_topic"] == 52,
            "the new plan's limits are at the broker"
        );
        await RetentionAsync(cluster, tenant, 90);

        // Without force nothing is taken from somebody who is connected.
        var client = new PlainWebSocketClient(
            (string)(await rest.GetAsync($"{Org}/tenants/{tenant}/connect"))["webSocketUrl"]!,
            (string)key["token"]!
        );
        using (var producer = await client.ConnectAsync("producer", $"{tenant}/default/orders"))
        {
            await SendsAsync(producer, 1);
            foreach (var path in new[] { $"{ns}/topics/orders", ns, $"{Org}/tenants/{tenant}" })
            {
                var (status, problem) = await rest.SendAsync(HttpMethod.Delete, path);
                Assert.Equal((HttpStatusCode.Conflict, "topic-in-use"), (status, (string?)problem!["code"]));
                Assert.Contains("orders", (string?)problem["detail"], StringComparison.Ordinal);
                await SendsAsync(producer, 2);
            }
            Assert.Equal("ready", (string?)(await rest.GetAsync($"{ns}/topics/orders"))["state"]);
            await PlainWebSocketClient.CloseAsync(producer);
        }

        // Behind the portal's back: repaired, or told.
        await cluster.AdminAsync(
            HttpMethod.Post,
            $"namespaces/{tenant}/default/retention",
            new JsonObject { ["retentionTimeInMinutes"] = 1, ["retentionSizeInMB"] = -1 }
        );
        await cluster.AdminAsync(HttpMethod.Post, $"persistent/{tenant}/default/orders/permissions/stranger", new JsonArray("produce"));
        await cluster.AdminAsync(HttpMethod.Delete, $"persistent/{tenant}/default/doomed?force=true");
        await RetentionAsync(cluster, tenant, 90);
        await FoundAsync("policy", "retention");
        await FoundAsync("foreignGrant", "stranger");
        await FoundAsync("topicMissing", "doomed");
        await Eventually.TrueAsync(
            async () => (string?)(await rest.GetAsync($"{ns}/topics/doomed"))["problem"]?["code"] == "topic-gone",
            "the topic says that it is gone"
        );

        // With force, all of it goes, whoever is connected.
        using (var producer = await client.ConnectAsync("producer", $"{tenant}/default/orders"))
        {
            await SendsAsync(producer, 3);
            Assert.Equal(HttpStatusCode.Accepted, (await rest.SendAsync(HttpMethod.Delete, $"{Org}/tenants/{tenant}?force=true")).Status);
            await Eventually.TrueAsync(
                async () => (await rest.SendAsync(HttpMethod.Get, $"{Org}/tenants/{tenant}")).Status == HttpStatusCode.NotFound,
                "the tenant is gone"
            );
        }
        Assert.False(await cluster.HasTenantAsync(tenant));

        Task FoundAsync(string kind, string subject) =>
            Eventually.TrueAsync(
                async () =>
                    (await rest.GetAsync("/api/v1/operator/differences?limit=100"))["items"]!
                        .AsArray()
                        .Any(difference =>
                            (string?)difference!["kind"] == kind
                            && ((string)difference["namespace"]!).StartsWith(tenant, StringComparison.Ordinal)
                            && ((string)difference["subject"]!).Contains(subject, StringComparison.Ordinal)
                        ),
                $"{kind} of {subject} is found"
            );
    }

    private static async Task SendsAsync(System.Net.WebSockets.WebSocket producer, int number)
    {
        await PlainWebSocketClient.SendAsync(producer, number, 100);
        Assert.Equal("ok", (string?)(await PlainWebSocketClient.ReceiveAsync(producer))["result"]);
    }

    private static Task RetentionAsync(TestedCluster cluster, string tenant, int minutes) =>
        Eventually.TrueAsync(
            async () =>
                (await cluster.AdminAsync(HttpMethod.Get, $"namespaces/{tenant}/default"))["retention_policies"] is { } there
                && (int)there["retentionTimeInMinutes"]! == minutes,
            $"retention is {minutes} minutes"
        );
}
