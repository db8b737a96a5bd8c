using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>
/// Whether the sample company is offered: with a test key, without asking where a setting says so, never with a live key.
/// </summary>
public sealed class SampleCompanyTests
{
    private const string Sample = "/api/v1/operator/sample";

    [Fact]
    public async Task With_a_live_key_no_page_offers_it_and_asking_says_why()
    {
        await using var portal = new PortalHost
        {
            Settings =
            {
                ["Portal:Stripe:ApiKey"] = "sk_live_0123456789",
                ["Portal:Stripe:WebhookSecret"] = "whsec_0123456789",
                ["Portal:Stripe:ApiBase"] = "http://127.0.0.1:9",
            },
        };
        using var api = portal.Api();
        using var asked = await api.PostAsync(Sample, null);
        Assert.Equal(HttpStatusCode.Conflict, asked.StatusCode);
        Assert.Equal("sample-live-stripe", (string?)JsonNode.Parse(await asked.Content.ReadAsStringAsync())!["code"]);
        using var browser = await portal.OperatorAsync();
        var page = await browser.GetStringAsync("/operator/organizations");
        Assert.Contains("connected to a live Stripe account", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Create sample company", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_run_page_offers_it_beside_an_empty_platform_unless_the_key_is_live()
    {
        await using var portal = new PortalHost(firstRun: false);
        using var browser = portal.Browser();
        Assert.Contains("Explore with a sample company", await browser.GetStringAsync("/first-run"), StringComparison.Ordinal);
        await using var live = new PortalHost(firstRun: false)
        {
            Settings =
            {
                ["Portal:Stripe:ApiKey"] = "rk_live_0123456789",
                ["Portal:Stripe:WebhookSecret"] = "whsec_0123456789",
                ["Portal:Stripe:ApiBase"] = "http://127.0.0.1:9",
            },
        };
        using var visitor = live.Browser();
        var page = await visitor.GetStringAsync("/first-run");
        Assert.DoesNotContain("Explore with a sample company", page, StringComparison.Ordinal);
        Assert.Contains("connected to a live Stripe account", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_setting_makes_it_with_the_operators_account_and_nothing_else_does(bool onFirstRun)
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Sample:OnFirstRun"] = onFirstRun ? "true" : "false" } };
        using var api = portal.Api();
        var state = (string?)JsonNode.Parse(await api.GetStringAsync(Sample))!["state"];
        if (onFirstRun)
            Assert.True(state is "creating" or "ready", state);
        else
            Assert.Equal("none", state);
    }
}
