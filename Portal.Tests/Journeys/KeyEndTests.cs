using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Portal.Tests.Support.Journeys;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Journeys;

/// <summary>Clients of the binary protocol, which do not pass the gateway: Pulsar's own, still connected when their key ends.</summary>
[Trait("tier", "real")]
public sealed class KeyEndTests
{
    [Theory]
    [InlineData("4.0.7", "deleted", Traits = ["tier", "thorough"])]
    [InlineData("4.0.7", "suspended", Traits = ["tier", "thorough"])]
    [InlineData("4.0.7", "rotated", Traits = ["tier", "thorough"])]
    [InlineData("4.0.7", "expired", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", "deleted")]
    [InlineData("4.2.4", "suspended")]
    [InlineData("4.2.4", "rotated")]
    [InlineData("4.2.4", "expired")]
    public async Task Binary_clients_are_cut_off_within_ten_seconds_and_do_not_come_back(string version, string ending)
    {
        var server = await PulsarServer.SharedAsync(new PulsarSetup(version));
        await using var cluster = TestedCluster.Of(server);
        await using var portal = await PortalHere.StartAsync(cluster.Settings);
        using var rest = portal.Rest();
        var world = new GatewayWorld(portal, rest, "northwind");
        await world.CreateAsync("orders");
        // Three clients of Java's have to be up before it is over.
        DateTimeOffset? over = ending == "expired" ? DateTimeOffset.UtcNow.AddSeconds(75) : null;
        var (id, _, token) = await world.KeyAsync(["produce", "consume"], expiresAt: over);
        var topic = $"persistent://{world.Topic("orders")}";
        await using var consumer = Client(server, token, "consume", topic, "-s", "s", "-n", "0");
        await using var reader = Client(server, token, "read", topic, "-n", "0");
        await using var producer = Client(server, token, "produce", topic, "-m", "hello", "-n", "1000", "-r", "2");
        await Eventually.TrueAsync(
            async () => await ConnectedAsync(cluster, world) == (1, 2),
            () => $"a producer, a consumer and a reader are connected: {producer.Said}\n{consumer.Said}\n{reader.Said}"
        );

        var use = await rest.GetAsync($"/api/v1/organizations/northwind/keys/{id}/clients");
        Assert.Equal((2, true, null), ((int)use["consumers"]!, (bool)use["complete"]!, (string?)use["lastUsedAt"]));

        await using var stays = ending == "rotated" ? await RotatedAsync(server, cluster, world, rest, portal.DataFolder, id) : null;
        if (ending == "suspended")
            await world.SuspendAsync();
        if (ending == "deleted")
            await world.DeleteKeyAsync(id);
        if (over - DateTimeOffset.UtcNow is { } still && still > TimeSpan.Zero)
            await Task.Delay(still, TestContext.Current.CancellationToken);
        // A client of the key that replaced it stays, or comes back if its topic was unloaded.
        var left = stays is null ? 0 : 1;
        await Eventually.TrueAsync(async () => await ConnectedAsync(cluster, world) == (0, left), "all are cut off", 10);
        var sent = await SentAsync(cluster, world);
        for (var second = 0; second < 8; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            Assert.Equal((0, left), await ConnectedAsync(cluster, world));
        }
        Assert.Equal(sent, await SentAsync(cluster, world));
        if (ending == "suspended")
            return;
        var (status, _) = await rest.SendAsync(HttpMethod.Get, $"/api/v1/organizations/northwind/keys/{id}");
        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    /// <summary>Rotates the key with an hour's overlap, changes one client over, and lets the hour be over.</summary>
    private static async Task<ChildProcess> RotatedAsync(
        PulsarServer server,
        TestedCluster cluster,
        GatewayWorld world,
        RestClient rest,
        string dataFolder,
        string id
    )
    {
        const string Keys = "/api/v1/organizations/northwind/keys";
        var next = await rest.PostAsync($"{Keys}/{id}/rotate", new JsonObject { ["overlapHours"] = 1 }, HttpStatusCode.Created);
        Assert.Equal("ready", (string?)(await rest.SettledAsync($"{Keys}/{next["id"]}"))["state"]);
        var changed = Client(
            server,
            (string)next["token"]!,
            "consume",
            $"persistent://{world.Topic("orders")}",
            "-s",
            "changed",
            "-n",
            "0"
        );
        await Eventually.TrueAsync(
            async () => await ConnectedAsync(cluster, world) == (1, 3),
            () => $"a client with the new key is connected beside the others: {changed.Said}"
        );
        await EndOverlapAsync(dataFolder);
        return changed;
    }

    /// <summary>Lets the overlap of the one key that was rotated be over.</summary>
    internal static async Task EndOverlapAsync(string dataFolder)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "portal.db")};Pooling=false");
        await connection.OpenAsync();
        await using var over = new SqliteCommand(
            "UPDATE pulsar_keys SET expires_at = created_at WHERE replaced_by IS NOT NULL",
            connection
        );
        Assert.Equal(1, await over.ExecuteNonQueryAsync());
    }

    private static ChildProcess Client(PulsarServer server, string token, params string[] arguments) =>
        ChildProcess.Run(
            Path.Combine(ServerScripts.Folder, "pulsar.sh"),
            ServerScripts.Folder,
            ["client", "--dir", server.Folder, "--key", token, "--", .. arguments]
        );

    private static async Task<(int Producers, int Consumers)> ConnectedAsync(TestedCluster cluster, GatewayWorld world)
    {
        var stats = await StatsAsync(cluster, world);
        return (
            stats["publishers"]!.AsArray().Count,
            stats["subscriptions"]!.AsObject().Sum(subscription => subscription.Value!["consumers"]!.AsArray().Count)
        );
    }

    private static async Task<long> SentAsync(TestedCluster cluster, GatewayWorld world) =>
        (long)(await StatsAsync(cluster, world))["msgInCounter"]!;

    private static Task<JsonNode> StatsAsync(TestedCluster cluster, GatewayWorld world) =>
        cluster.AdminAsync(HttpMethod.Get, $"persistent/{world.Topic("orders")}/stats");
}
