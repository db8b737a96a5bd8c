using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>What a key opens, tried by a client at the broker.</summary>
public sealed class KeyReachTests
{
    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.0.7")]
    [InlineData("4.2.4")]
    public async Task A_key_opens_its_topic_and_nothing_else_and_ends_when_it_is_deleted(string pulsar)
    {
        await using var cluster = await TestedCluster.StartAsync(pulsar);
        await using var portal = await PortalProcess.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var tenant = $"keys-{Guid.NewGuid():N}"[..12];
        const string org = "/api/v1/organizations/northwind";
        await rest.PostAsync("/api/v1/organizations", new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" }, HttpStatusCode.Created);
        await rest.PostAsync($"{org}/tenants", new JsonObject { ["name"] = tenant }, HttpStatusCode.Accepted);
        await rest.PostAsync($"{org}/tenants/{tenant}/namespaces", new JsonObject { ["name"] = "other" }, HttpStatusCode.Accepted);
        foreach (var (@namespace, topic) in new[] { ("default", "mine"), ("default", "yours"), ("other", "theirs") })
        {
            await rest.SettledAsync($"{org}/tenants/{tenant}/namespaces/{@namespace}");
            await rest.PostAsync($"{org}/tenants/{tenant}/namespaces/{@namespace}/topics", new JsonObject { ["name"] = topic }, HttpStatusCode.Accepted);
            Assert.Equal("ready", (string?)(await rest.SettledAsync($"{org}/tenants/{tenant}/namespaces/{@namespace}/topics/{topic}"))["state"]);
        }
        var key = await rest.PostAsync(
            $"{org}/keys",
            new JsonObject { ["name"] = "app", ["tenant"] = tenant, ["namespace"] = "default", ["topics"] = new JsonArray("mine"), ["permissions"] = new JsonArray("produce", "consume") },
            HttpStatusCode.Created);
        var client = new PlainWebSocketClient((string)(await rest.GetAsync($"{org}/tenants/{tenant}/connect"))["webSocketUrl"]!, (string)key["token"]!);

        Assert.True(await client.MayAsync("producer", $"{tenant}/default/mine"), "the key sends to its topic");
        Assert.True(await client.MayAsync("consumer", $"{tenant}/default/mine", "s"), "the key reads its topic");
        foreach (var closed in new[] { "default/yours", "other/theirs", "default/__change_events", "default/__transaction_buffer_snapshot", "default/made-up", "default/mine-partition-0" })
        {
            Assert.False(await client.MayAsync("producer", $"{tenant}/{closed}"), $"the key does not send to {closed}");
            Assert.False(await client.MayAsync("consumer", $"{tenant}/{closed}", "s"), $"the key does not read {closed}");
        }
        var topics = await cluster.AdminAsync(HttpMethod.Get, $"persistent/{tenant}/default");
        Assert.Equal(["mine", "yours"], topics.AsArray().Select(name => ((string)name!).Split('/')[^1]).Where(name => !name.StartsWith("__", StringComparison.Ordinal)).Order());

        var (status, _) = await rest.SendAsync(HttpMethod.Delete, $"{org}/keys/{key["id"]}");
        Assert.Equal(HttpStatusCode.NoContent, status);
        Assert.False(await client.MayAsync("producer", $"{tenant}/default/mine"), "a deleted key sends no more");
        Assert.False(await client.MayAsync("consumer", $"{tenant}/default/mine", "s"), "a deleted key reads no more");
    }
}
