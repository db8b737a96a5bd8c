using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>What a key opens, tried by a client at the broker.</summary>
public sealed class KeyReachTests
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7", Traits = ["tier", "real"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task A_key_opens_its_topic_and_nothing_else_and_ends_when_it_is_deleted(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var tenant = $"keys-{Guid.NewGuid():N}"[..12];
        const string org = "/api/v1/organizations/northwind";
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PostAsync($"{org}/tenants", new JsonObject { ["name"] = tenant }, HttpStatusCode.Accepted);
        await rest.PostAsync($"{org}/tenants/{tenant}/namespaces", new JsonObject { ["name"] = "other" }, HttpStatusCode.Accepted);
        foreach (var (@namespace, topic) in new[] { ("default", "mine"), ("default", "yours"), ("other", "theirs") })
        {
            await rest.SettledAsync($"{org}/tenants/{tenant}/namespaces/{@namespace}");
            await rest.PostAsync(
                $"{org}/tenants/{tenant}/namespaces/{@namespace}/topics",
                new JsonObject { ["name"] = topic },
                HttpStatusCode.Accepted
            );
            Assert.Equal(
                "ready",
                (string?)(await rest.SettledAsync($"{org}/tenants/{tenant}/namespaces/{@namespace}/topics/{topic}"))["state"]
            );
        }
        var key = await rest.PostAsync(
            $"{org}/keys",
            new JsonObject
            {
                ["name"] = "app",
                ["tenant"] = tenant,
                ["namespace"] = "default",
                ["topics"] = new JsonArray("mine"),
                ["permissions"] = new JsonArray("produce", "consume"),
            },
            HttpStatusCode.Created
        );
        var client = new PlainWebSocketClient(
            (string)(await rest.GetAsync($"{org}/tenants/{tenant}/connect"))["webSocketUrl"]!,
            (string)key["token"]!
        );

        var before = await ThereAsync(cluster, tenant);
        await OpensAsync(client, "producer", $"{tenant}/default/mine", null);
        await OpensAsync(client, "consumer", $"{tenant}/default/mine", "s");
        foreach (
            var closed in new[]
            {
                "default/yours",
                "other/theirs",
                "default/__change_events",
                "default/__transaction_buffer_snapshot",
                "default/made-up",
                "other/made-up",
            }
        )
        {
            await RefusesAsync(client, "producer", $"{tenant}/{closed}", null);
            await RefusesAsync(client, "consumer", $"{tenant}/{closed}", "s");
        }
        // To a broker the name of a partition is the topic's own: the key may go there, but nothing is made for it.
        Assert.Equal(HttpStatusCode.NotFound, await client.AnswerAsync("producer", $"{tenant}/default/mine-partition-0"));
        Assert.Equal(HttpStatusCode.NotFound, await client.AnswerAsync("consumer", $"{tenant}/default/mine-partition-0", "s"));
        Assert.Equal(before, await ThereAsync(cluster, tenant));
        Assert.Equal(
            ["default/mine", "default/yours", "other/theirs"],
            before.Where(name => !name.Contains("/__", StringComparison.Ordinal))
        );

        var (status, _) = await rest.SendAsync(HttpMethod.Delete, $"{org}/keys/{key["id"]}");
        Assert.Equal(HttpStatusCode.NoContent, status);
        await RefusesAsync(client, "producer", $"{tenant}/default/mine", null);
        await RefusesAsync(client, "consumer", $"{tenant}/default/mine", "s");
    }

    private static async Task OpensAsync(PlainWebSocketClient client, string kind, string topic, string? subscription) =>
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await client.AnswerAsync(kind, topic, subscription));

    /// <summary>Refused for want of a right, not for any other reason.</summary>
    private static async Task RefusesAsync(PlainWebSocketClient client, string kind, string topic, string? subscription)
    {
        var answer = await client.AnswerAsync(kind, topic, subscription);
        Assert.True(
            answer is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden,
            $"{kind} of {topic} is answered {(int)answer}, not 401 or 403"
        );
    }

    /// <summary>Every topic of the tenant on the cluster, system topics and partitioned ones too.</summary>
    private static async Task<IReadOnlyList<string>> ThereAsync(TestedCluster cluster, string tenant)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var @namespace in new[] { "default", "other" })
        foreach (var list in new[] { "?includeSystemTopic=true", "/partitioned?includeSystemTopic=true" })
        foreach (var name in (await cluster.AdminAsync(HttpMethod.Get, $"persistent/{tenant}/{@namespace}{list}")).AsArray())
            names.Add($"{@namespace}/{((string)name!).Split('/')[^1]}");
        return [.. names];
    }
}
