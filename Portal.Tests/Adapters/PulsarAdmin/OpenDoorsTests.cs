using Microsoft.AspNetCore.Http;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>What the pre-flight of a cluster finds open, on a broker with one fault at a time.</summary>
public sealed class OpenDoorsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private const string KeyRole = "key-0197a3c0d1e27b5c8f0011223344aabb";

    // Nothing of it is open.
    private static Dictionary<string, string> Closed =>
        new()
        {
            ["clusterName"] = "eu",
            ["authenticationEnabled"] = "true",
            ["authorizationEnabled"] = "true",
            ["statsUpdateFrequencyInSecs"] = "10",
            ["brokerDeleteInactiveTopicsEnabled"] = "false",
            ["webSocketServiceEnabled"] = "false",
            ["superUserRoles"] = "[admin, key-operators]",
            ["proxyRoles"] = "[]",
            ["authenticateMetricsEndpoint"] = "true",
            ["allowAutoTopicCreation"] = "false",
            ["allowAutoSubscriptionCreation"] = "false",
        };

    [Theory]
    [InlineData("webSocketServiceEnabled", "true", "webSocketServiceEnabled=false")]
    [InlineData("authenticateMetricsEndpoint", "false", "authenticateMetricsEndpoint=true")]
    [InlineData("authenticateMetricsEndpoint", null, "authenticateMetricsEndpoint=true")]
    [InlineData("superUserRoles", $"[admin, {KeyRole}]", "Remove it from superUserRoles")]
    [InlineData("superUserRoles", "[portal-m-0197a3c0-d1e2-7b5c-8f00-11223344aabb]", "Remove it from superUserRoles")]
    [InlineData("proxyRoles", $"[{KeyRole}]", "Remove it from proxyRoles")]
    [InlineData("anonymousUserRole", "guest", "Leave anonymousUserRole empty")]
    [InlineData("anonymousUserRole", "admin", "it is a superuser")]
    [InlineData("allowAutoTopicCreation", "true", "allowAutoTopicCreation=false")]
    [InlineData("allowAutoSubscriptionCreation", null, "allowAutoSubscriptionCreation=false")]
    public async Task Each_open_door_is_one_sentence_that_names_the_setting_that_closes_it(string setting, string? value, string mends)
    {
        var settings = Closed;
        if (value is null)
            settings.Remove(setting);
        else
            settings[setting] = value;
        var more = (await WarningsAsync(settings))
            .Except(await WarningsAsync(Closed))
            .Where(warning => !warning.StartsWith("WebSocketUrl", StringComparison.Ordinal));
        var found = Assert.Single(more);
        Assert.StartsWith(setting, found, StringComparison.Ordinal);
        Assert.Contains(mends, found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_broker_is_told_only_of_what_no_setting_closes() =>
        Assert.Contains(
            "REST produce",
            Assert.Single(
                await WarningsAsync(Closed),
                warning =>
                    !warning.Contains("AdminToken", StringComparison.Ordinal)
                    && !warning.Contains("TokenPrivateKeyFile", StringComparison.Ordinal)
                    && !warning.Contains("WebSocketUrl", StringComparison.Ordinal)
            ),
            StringComparison.Ordinal
        );

    private static async Task<IReadOnlyList<string>> WarningsAsync(Dictionary<string, string> settings)
    {
        await using var broker = await PretendedBroker.StartAsync(context =>
            context.Request.Path.Value switch
            {
                "/admin/v2/brokers/version" => context.Response.WriteAsync("4.2.4", Stop),
                "/admin/v2/brokers" => context.Response.WriteAsJsonAsync<string[]>([context.Request.Host.Value!], Stop),
                _ => context.Response.WriteAsJsonAsync(settings, Stop),
            }
        );
        using var ports = new PulsarPorts(broker.Registration);
        return (await ports.Admin.CheckAsync(PulsarPorts.ClusterName, Stop).Ok()).Warnings;
    }
}
