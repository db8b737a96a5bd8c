using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>Clients of the binary protocol, which do not pass the gateway: Pulsar's own, still connected when their key ends.</summary>
[Trait("tier", "real")]
public sealed class KeyEndTests
{
    [Theory]
    [InlineData("4.0.7", false)]
    [InlineData("4.0.7", true)]
    [InlineData("4.2.4", false)]
    [InlineData("4.2.4", true)]
    public async Task Binary_clients_are_cut_off_within_ten_seconds_and_do_not_come_back(string version, bool suspended)
    {
        var server = await PulsarServer.SharedAsync(new PulsarSetup(version));
        await using var cluster = TestedCluster.Of(server);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        var (id, _, token) = await world.KeyAsync(["produce", "consume"]);
        var topic = $"persistent://{world.Topic("orders")}";
        await using var consumer = Client(server, token, "consume", topic, "-s", "s", "-n", "0");
        await using var reader = Client(server, token, "read", topic, "-n", "0");
        await using var producer = Client(server, token, "produce", topic, "-m", "hello", "-n", "1000", "-r", "2");
        await Eventually.TrueAsync(async () => await ConnectedAsync(cluster, world) == (1, 2), () => $"a producer, a consumer and a reader are connected: {producer.Said}\n{consumer.Said}\n{reader.Said}");

        var use = await rest.GetAsync($"/api/v1/organizations/northwind/keys/{id}/clients");
        Assert.Equal((2, true, null), ((int)use["consumers"]!, (bool)use["complete"]!, (string?)use["lastUsedAt"]));

        if (suspended) await world.SuspendAsync();
        else await world.DeleteKeyAsync(id);
        await Eventually.TrueAsync(async () => await ConnectedAsync(cluster, world) == (0, 0), "all are cut off", 10);
        var sent = await SentAsync(cluster, world);
        for (var second = 0; second < 8; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            Assert.Equal((0, 0), await ConnectedAsync(cluster, world));
        }
        Assert.Equal(sent, await SentAsync(cluster, world));
        if (suspended) return;
        var (status, _) = await rest.SendAsync(HttpMethod.Get, $"/api/v1/organizations/northwind/keys/{id}");
        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    private static ChildProcess Client(PulsarServer server, string token, params string[] arguments) => ChildProcess.Run(
        Path.Combine(ServerScripts.Folder, "pulsar.sh"), ServerScripts.Folder, ["client", "--dir", server.Folder, "--key", token, "--", .. arguments]);

    private static async Task<(int Producers, int Consumers)> ConnectedAsync(TestedCluster cluster, GatewayWorld world)
    {
        var stats = await StatsAsync(cluster, world);
        return (stats["publishers"]!.AsArray().Count, stats["subscriptions"]!.AsObject().Sum(subscription => subscription.Value!["consumers"]!.AsArray().Count));
    }

    private static async Task<long> SentAsync(TestedCluster cluster, GatewayWorld world) => (long)(await StatsAsync(cluster, world))["msgInCounter"]!;

    private static Task<JsonNode> StatsAsync(TestedCluster cluster, GatewayWorld world) => cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Topic("orders")}/stats");
}
