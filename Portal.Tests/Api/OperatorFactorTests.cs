using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OtpNet;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary><c>Portal:Operators:RequireSecondFactor</c>: a password alone runs no platform.</summary>
public sealed partial class OperatorFactorTests
{
    private const string Customers = "/api/v1/operator/organizations";

    [Fact]
    public async Task Without_a_second_factor_nothing_of_the_platform_opens_and_with_one_all_of_it_does()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Operators:RequireSecondFactor"] = "true" } };
        using var browser = await portal.OperatorAsync();
        using var key = portal.Api();
        foreach (var client in new[] { browser, key })
            Assert.Equal("second-factor-required", await ProblemAsync(client));
        // Every page of the console, and none says more than what to do about it.
        foreach (
            var page in new[]
            {
                "/operator/setup",
                "/operator/organizations",
                "/operator/clusters",
                "/operator/prices",
                "/operator/jobs",
                "/operator/audit",
            }
        )
        {
            var html = await browser.GetStringAsync(page);
            Assert.Contains("data-problem=\"second-factor-required\"", html, StringComparison.Ordinal);
            Assert.Contains("href=\"account/security\"", html, StringComparison.Ordinal);
        }
        Assert.Contains(
            "The operator console opens once you have a second factor",
            await browser.GetStringAsync("/account/security"),
            StringComparison.Ordinal
        );
        // What is the account's own goes on.
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/api/v1/account")).StatusCode);

        // Nothing is made that would be an operator's once the factor is there.
        var refused = await (
            await browser.SubmitAsync("/account/api-keys", "new-api-key", new() { ["Input.Name"] = "early" })
        ).Content.ReadAsStringAsync();
        Assert.Contains("Operators need a second factor", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("ptl_", refused, StringComparison.Ordinal);

        // A code of the app that is being set up is a second factor that this very session showed.
        await SetUpAsync(browser);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Customers)).StatusCode);
        Assert.DoesNotContain("data-problem", await browser.GetStringAsync("/operator/setup"), StringComparison.Ordinal);
        Assert.Contains(
            "data-step=\"Require a second factor of operators\" data-done=\"true\"",
            await browser.GetStringAsync("/operator/setup"),
            StringComparison.Ordinal
        );
        // A key can't show one: its account has to have it.
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync(Customers)).StatusCode);

        await browser.SubmitAsync("/account/two-factor", "two-factor-off", []);
        Assert.Equal("second-factor-required", await ProblemAsync(key));
    }

    /// <summary>A sign-in that began before the factor was there did not show it, wherever it was set up since.</summary>
    [Fact]
    public async Task A_session_that_began_with_the_password_alone_stays_out_until_it_shows_the_factor()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Operators:RequireSecondFactor"] = "true" } };
        using var first = await portal.OperatorAsync();
        using var second = await portal.OperatorAsync();
        var secret = await SetUpAsync(first);
        Assert.Equal("second-factor-required", await ProblemAsync(second));
        // The password once more is a fresh proof, and no second factor.
        await second.SubmitAsync("/account/confirm", "confirm", new() { ["Input.Proof"] = PortalHost.OperatorPassword });
        Assert.Equal("second-factor-required", await ProblemAsync(second));
        await second.SubmitAsync("/account/confirm", "confirm", new() { ["Input.Proof"] = CodeOf(secret, 30) });
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync(Customers)).StatusCode);
    }

    [Fact]
    public async Task Unless_it_is_asked_for_nothing_changes()
    {
        await using var portal = new PortalHost();
        using var browser = await portal.OperatorAsync();
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Customers)).StatusCode);
        var setup = await browser.GetStringAsync("/operator/setup");
        Assert.Contains("data-step=\"Require a second factor of operators\" data-done=\"false\"", setup, StringComparison.Ordinal);
        Assert.Contains("data-step=\"Protect your account\" data-done=\"false\"", setup, StringComparison.Ordinal);
    }

    private static async Task<string> SetUpAsync(HttpClient browser)
    {
        var html = await browser.GetStringAsync("/account/two-factor");
        var (secret, token) = (Secret().Match(html).Groups[1].Value, Token().Match(html).Groups[1].Value);
        await browser.SubmitAsync(
            "/account/two-factor",
            "two-factor-on",
            new() { ["Input.Token"] = token, ["Input.Code"] = CodeOf(secret, 0) }
        );
        return secret;
    }

    private static string CodeOf(string secret, int later) =>
        new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(later));

    private static async Task<string?> ProblemAsync(HttpClient client)
    {
        using var answer = await client.GetAsync(Customers);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"];
    }

    [GeneratedRegex("<span class=\"value\">([A-Z2-7]+)</span>")]
    private static partial Regex Secret();

    [GeneratedRegex("name=\"Input.Token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
