using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>A second cluster comes, is used, is drained and goes, all while the portal runs.</summary>
public sealed class RunningClustersTests
{
    private const string Org = "/api/v1/organizations/northwind";
    private const string Clusters = "/api/v1/operator/clusters";

    [Fact]
    public async Task A_cluster_is_registered_used_drained_and_removed_without_a_restart()
    {
        await using var second = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = new PortalHost { Settings = { ["Portal:Metering:IntervalSeconds"] = "1" } };
        using var api = portal.Api();
        await api.PostAsJsonAsync(
            "/api/v1/organizations",
            new
            {
                name = "Northwind",
                slug = "northwind",
                plan = "free",
            }
        );
        var settings = second.Settings;
        var body = new
        {
            name = "second",
            adminUrl = settings["Portal__Clusters__0__AdminUrl"],
            webSocketUrl = settings["Portal__Clusters__0__WebSocketUrl"],
            adminToken = settings["Portal__Clusters__0__AdminToken"],
            tokenPrivateKey = await ReadKeyAsync(settings["Portal__Clusters__0__TokenPrivateKeyFile"]),
        };
        var found = await SendAsync(api, HttpMethod.Post, $"{Clusters}/second/check", Unnamed(body));
        Assert.True((bool)found["usable"]!, $"{found}");
        found = await SendAsync(
            api,
            HttpMethod.Post,
            $"{Clusters}/second/check",
            Unnamed(body with { adminToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.AAAA" })
        );
        Assert.Equal(["good", "unknown", "bad", "unknown"], found["findings"]!.AsArray().Select(finding => (string?)finding!["state"]));

        var made = await SendAsync(api, HttpMethod.Post, Clusters, body, HttpStatusCode.Created);
        Assert.DoesNotContain(body.adminToken, $"{made}", StringComparison.Ordinal);
        Assert.True((bool)made["hasAdminToken"]! && (bool)made["hasTokenPrivateKey"]! && !(bool)made["managedBySettings"]!);
        // What is said of its health goes to anybody, and so without its name.
        Assert.Equal(2, (await GetAsync(api, "/health/ready"))["clusters"]!.AsArray().Count);
        Assert.DoesNotContain("second", await api.GetStringAsync("/health/ready"), StringComparison.Ordinal);

        await SendAsync(api, HttpMethod.Post, Org + "/tenants", new { name = "shop", cluster = "second" }, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (string?)(await GetAsync(api, Org + "/tenants/shop"))["state"] == "ready",
            "the tenant is ready on the second cluster"
        );
        Assert.True(await second.HasTenantAsync("shop"));
        await Eventually.TrueAsync(
            async () => await HasAsync(api, "/api/v1/operator/work/lanes", "lane", "cluster:second"),
            "the cluster has a lane"
        );
        await Eventually.TrueAsync(
            async () => await HasAsync(api, "/api/v1/operator/metering", "cluster", "second", one => one["completeTo"] is not null),
            "the cluster is metered"
        );

        await SendAsync(api, HttpMethod.Post, $"{Clusters}/second/drain", null);
        var refused = await SendAsync(
            api,
            HttpMethod.Post,
            Org + "/tenants",
            new { name = "late", cluster = "second" },
            HttpStatusCode.Conflict
        );
        Assert.Equal("cluster-drained", (string?)refused["code"]);
        refused = await SendAsync(api, HttpMethod.Delete, $"{Clusters}/second", null, HttpStatusCode.Conflict);
        Assert.Contains("1 tenant", (string?)refused["detail"], StringComparison.Ordinal);
        refused = await SendAsync(api, HttpMethod.Delete, $"{Clusters}/local", null, HttpStatusCode.Conflict);
        Assert.Equal("cluster-in-settings", (string?)refused["code"]);

        await SendAsync(api, HttpMethod.Delete, Org + "/tenants/shop", null, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (await api.GetAsync(Org + "/tenants/shop")).StatusCode == HttpStatusCode.NotFound,
            "the tenant is gone"
        );
        await Eventually.TrueAsync(
            async () => (await api.DeleteAsync($"{Clusters}/second")).StatusCode == HttpStatusCode.NoContent,
            "the cluster is removed"
        );
        Assert.False(await HasAsync(api, Clusters, "name", "second"));
        Assert.False(await HasAsync(api, "/api/v1/operator/metering", "cluster", "second"));
        Assert.Single((await GetAsync(api, "/health/ready"))["clusters"]!.AsArray());
        await Eventually.TrueAsync(
            async () => !await HasAsync(api, "/api/v1/operator/work/lanes", "lane", "cluster:second"),
            "the lane is gone"
        );
    }

    [Fact]
    public async Task A_change_takes_effect_and_a_dead_address_troubles_its_own_cluster_only()
    {
        await using var second = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = new PortalHost();
        using var api = portal.Api();
        await api.PostAsJsonAsync(
            "/api/v1/organizations",
            new
            {
                name = "Northwind",
                slug = "northwind",
                plan = "free",
            }
        );
        var settings = second.Settings;
        await SendAsync(api, HttpMethod.Post, Clusters, new { name = "second", adminUrl = "http://127.0.0.1:9" }, HttpStatusCode.Created);
        await SendAsync(api, HttpMethod.Post, Org + "/tenants", new { name = "waits", cluster = "second" }, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (string?)(await GetAsync(api, Org + "/tenants/waits"))["problem"]?["code"] == "cluster-unreachable",
            "the tenant says what it waits for"
        );
        await api.PutAsJsonAsync("/api/v1/operator/organizations/northwind/plan", new { plan = "payg", payBy = "invoice" });
        await SendAsync(api, HttpMethod.Post, Org + "/tenants", new { name = "goes-on", cluster = "local" }, HttpStatusCode.Accepted);
        await Eventually.TrueAsync(
            async () => (string?)(await GetAsync(api, Org + "/tenants/goes-on"))["state"] == "ready",
            "a tenant on the other cluster is ready"
        );

        await SendAsync(
            api,
            HttpMethod.Put,
            $"{Clusters}/second",
            new { adminUrl = settings["Portal__Clusters__0__AdminUrl"], adminToken = settings["Portal__Clusters__0__AdminToken"] }
        );
        await Eventually.TrueAsync(
            async () => (string?)(await GetAsync(api, Org + "/tenants/waits"))["state"] == "ready",
            "the tenant is ready where the cluster is now"
        );
    }

    /// <summary>Two operators who look at the same warnings: the second hears of the first instead of undoing what they did.</summary>
    [Fact]
    public async Task Accepted_warnings_are_changed_from_what_was_seen()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        var path = $"{Clusters}/local/accepted-warnings";
        Assert.Equal(0, (int)(await GetAsync(api, $"{Clusters}/local"))["acceptedRevision"]!);
        var first = await SendAsync(api, HttpMethod.Put, path, new { warnings = new[] { "statistics every 60 s" }, basedOn = 0 });
        Assert.Equal(1, (int)first["acceptedRevision"]!);
        Assert.Equal(
            "cluster-warnings-changed",
            (string?)
                (
                    await SendAsync(
                        api,
                        HttpMethod.Put,
                        path,
                        new { warnings = new[] { "another one" }, basedOn = 0 },
                        HttpStatusCode.Conflict
                    )
                )["code"]
        );
        Assert.Equal(
            "based-on-missing",
            (string?)
                (await SendAsync(api, HttpMethod.Put, path, new { warnings = Array.Empty<string>() }, HttpStatusCode.BadRequest))["code"]
        );
        Assert.Equal(
            ["statistics every 60 s"],
            (await GetAsync(api, $"{Clusters}/local"))["acceptedWarnings"]!.AsArray().Select(warning => (string?)warning)
        );
        await SendAsync(api, HttpMethod.Put, path, new { warnings = new[] { "statistics every 60 s", "another one" }, basedOn = 1 });
    }

    private static async Task<string> ReadKeyAsync(string file)
    {
        var bytes = await File.ReadAllBytesAsync(file);
        return bytes.AsSpan().IndexOf("-----BEGIN"u8) >= 0 ? System.Text.Encoding.UTF8.GetString(bytes) : Convert.ToBase64String(bytes);
    }

    private static async Task<JsonNode> GetAsync(HttpClient api, string path) => (await api.GetFromJsonAsync<JsonNode>(path))!;

    private static async Task<bool> HasAsync(HttpClient api, string list, string field, string value, Func<JsonNode, bool>? also = null) =>
        (await GetAsync(api, list))["items"]!.AsArray().Any(one => (string?)one![field] == value && also?.Invoke(one) != false);

    private static async Task<JsonNode> SendAsync(
        HttpClient api,
        HttpMethod method,
        string path,
        object? body,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var answer = await api.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>As a check takes it: the address names the cluster.</summary>
    private static JsonObject Unnamed(object body)
    {
        var plain = System.Text.Json.JsonSerializer.SerializeToNode(body)!.AsObject();
        plain.Remove("name");
        return plain;
    }
}
