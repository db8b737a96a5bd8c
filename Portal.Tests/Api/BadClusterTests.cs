using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>A cluster that does not answer, and one that does not take the portal's key: what customer and operator are told.</summary>
public sealed class BadClusterTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Theory]
    [InlineData("cluster-unreachable", "can't reach")]
    [InlineData("cluster-unauthorized", "check its AdminToken")]
    public async Task The_page_and_the_api_say_what_is_the_matter_and_nothing_is_lost(string code, string sentence)
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = new PortalHost();
        foreach (var (name, value) in cluster.Settings)
            portal.Settings[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        if (code == "cluster-unreachable")
            portal.Settings["Portal:Clusters:0:AdminUrl"] = "http://127.0.0.1:9";
        else
            portal.Settings["Portal:Clusters:0:AdminToken"] = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.AAAA";

        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var made = await api.PostAsJsonAsync(Org + "/tenants", new { name = "shop" });
        Assert.Equal(HttpStatusCode.Accepted, made.StatusCode);
        JsonNode? tenant = null;
        await Eventually.TrueAsync(
            async () => (tenant = await api.GetFromJsonAsync<JsonNode>(Org + "/tenants/shop"))?["problem"] is not null,
            () => $"the tenant says what it waits for: {tenant}"
        );
        Assert.Equal(("creating", code), ((string?)tenant!["state"], (string?)tenant["problem"]!["code"]));
        Assert.Contains(sentence, (string?)tenant["problem"]!["detail"], StringComparison.Ordinal);

        var checkedNow = (await api.GetFromJsonAsync<JsonNode>("/api/v1/operator/clusters"))!["items"]![0]!;
        Assert.Equal(("unavailable", code), ((string?)checkedNow["state"], (string?)checkedNow["problem"]!["code"]));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/health/ready")).StatusCode);

        var browser = portal.Browser();
        await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        Assert.Contains(
            sentence,
            WebUtility.HtmlDecode(await browser.GetStringAsync("/o/northwind/tenants/shop")),
            StringComparison.Ordinal
        );
        // The page of clusters does not wait for any of them (ClusterPagesTests).
        Assert.Contains("checking…", WebUtility.HtmlDecode(await browser.GetStringAsync("/operator/clusters")), StringComparison.Ordinal);
    }
}
