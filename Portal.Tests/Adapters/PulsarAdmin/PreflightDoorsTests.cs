using System.Net;
using Portal.Domain.Clusters;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>
/// The check of a cluster on real brokers: one that was started with every fault at once, where each fault is seen to be
/// one, and one that is as an operator should run it.
/// </summary>
public sealed class PreflightDoorsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // As Portal names the role of a key: its token would be a customer's.
    private const string KeyRole = "key-0197a3c0d1e27b5c8f0011223344aabb";

    private const string Open =
        "webSocketServiceEnabled=true authenticateMetricsEndpoint=false allowAutoTopicCreation=true "
        + "allowAutoSubscriptionCreation=true superUserRoles=admin,"
        + KeyRole;
    private const string Closed =
        "webSocketServiceEnabled=false authenticateMetricsEndpoint=true allowAutoTopicCreation=false "
        + "allowAutoSubscriptionCreation=false superUserRoles=admin";

    private static readonly string[] Doors =
    [
        "webSocketServiceEnabled is true",
        "authenticateMetricsEndpoint is false",
        "allowAutoTopicCreation is true",
        "allowAutoSubscriptionCreation is true",
        "superUserRoles holds",
        "proxyRoles",
        "anonymousUserRole",
    ];

    [Theory]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task The_check_names_each_door_that_a_broker_was_started_with(string version)
    {
        var broker = await PulsarServer.SharedAsync(new PulsarSetup(version, Settings: Open));
        var tenant = $"doors-{Guid.NewGuid():N}"[..16];
        await MakeNamespaceAsync(broker, tenant);

        // Each is open indeed: past the gateway, unmetered, unnamed, as a superuser, out of nothing.
        var (socket, status) = await broker.ConnectAsync($"producer/persistent/{tenant}/default/past-the-gateway", broker.AdminToken);
        socket?.Dispose();
        Assert.Equal(HttpStatusCode.SwitchingProtocols, status);
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await broker.CallAsync(HttpMethod.Put, $"admin/v2/persistent/{tenant}/default/rest")).Status
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await broker.CallAsync(HttpMethod.Post, $"topics/persistent/{tenant}/default/rest", RestMessage)).Status
        );
        var (metrics, text) = await broker.CallAsync(HttpMethod.Get, "metrics/", token: "");
        Assert.Equal(HttpStatusCode.OK, metrics);
        Assert.Contains($"{tenant}/default/rest", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await broker.CallAsync(HttpMethod.Get, "admin/v2/tenants", token: broker.Token(KeyRole))).Status);
        Assert.Contains(
            "past-the-gateway",
            (await broker.CallAsync(HttpMethod.Get, $"admin/v2/persistent/{tenant}/default")).Body,
            StringComparison.Ordinal
        );

        var warnings = await WarningsAsync(broker);
        foreach (
            var door in (string[])
                [
                    "webSocketServiceEnabled is true",
                    "authenticateMetricsEndpoint is false",
                    "allowAutoTopicCreation is true",
                    "allowAutoSubscriptionCreation is true",
                    $"superUserRoles holds {KeyRole}",
                ]
        )
            Assert.Single(warnings, warning => warning.StartsWith(door, StringComparison.Ordinal));
        Assert.Single(warnings, warning => warning.Contains("REST produce", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("4.0.7", Traits = ["tier", "thorough"])]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task A_broker_that_is_set_well_has_none_of_them_but_what_no_setting_closes(string version)
    {
        var broker = await PulsarServer.SharedAsync(new PulsarSetup(version, Settings: Closed));
        var tenant = $"doors-{Guid.NewGuid():N}"[..16];
        await MakeNamespaceAsync(broker, tenant);
        var (socket, status) = await broker.ConnectAsync($"producer/persistent/{tenant}/default/past-the-gateway", broker.AdminToken);
        socket?.Dispose();
        Assert.NotEqual(HttpStatusCode.SwitchingProtocols, status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await broker.CallAsync(HttpMethod.Get, "metrics/", token: "")).Status);
        Assert.NotEqual(
            HttpStatusCode.OK,
            (await broker.CallAsync(HttpMethod.Get, "admin/v2/tenants", token: broker.Token(KeyRole))).Status
        );
        Assert.NotEqual(
            HttpStatusCode.OK,
            (await broker.CallAsync(HttpMethod.Post, $"topics/persistent/{tenant}/default/rest", RestMessage)).Status
        );

        var warnings = await WarningsAsync(broker);
        foreach (var door in Doors)
            Assert.DoesNotContain(warnings, warning => warning.StartsWith(door, StringComparison.Ordinal));
        // REST produce stays whatever is set, here to a topic that exists; so it is always said.
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await broker.CallAsync(HttpMethod.Put, $"admin/v2/persistent/{tenant}/default/rest")).Status
        );
        Assert.Equal(
            HttpStatusCode.OK,
            (await broker.CallAsync(HttpMethod.Post, $"topics/persistent/{tenant}/default/rest", RestMessage)).Status
        );
        Assert.Single(warnings, warning => warning.Contains("REST produce", StringComparison.Ordinal));
    }

    private const string RestMessage = """{"producerName": "rest", "schemaVersion": -1, "messages": [{"payload": "unmetered"}]}""";

    private static async Task MakeNamespaceAsync(PulsarServer broker, string tenant)
    {
        Assert.Equal(
            HttpStatusCode.NoContent,
            (
                await broker.CallAsync(
                    HttpMethod.Put,
                    $"admin/v2/tenants/{tenant}",
                    """{"adminRoles":["nobody"],"allowedClusters":["standalone"]}"""
                )
            ).Status
        );
        Assert.Equal(
            HttpStatusCode.NoContent,
            (
                await broker.CallAsync(
                    HttpMethod.Put,
                    $"admin/v2/namespaces/{tenant}/default",
                    """{"replication_clusters":["standalone"]}"""
                )
            ).Status
        );
    }

    private static async Task<IReadOnlyList<string>> WarningsAsync(PulsarServer broker)
    {
        using var ports = new PulsarPorts(PulsarPorts.Registration(broker));
        return (await ports.Admin.CheckAsync(PulsarPorts.ClusterName, Stop).Ok()).Warnings;
    }
}
