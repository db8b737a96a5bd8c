using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Api.Support;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What a hostile link, client or page asks of the portal as a provider.</summary>
public sealed class OidcHostileTests
{
    [Fact]
    public async Task No_spelling_of_a_redirect_address_leads_anywhere_but_to_the_registered_one()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        string[] hostile =
        [
            "https://evil.example/callback",
            "https://tool.example.com.evil.example/callback",
            "https://tool.example.com@evil.example/callback",
            "https://evil.example/https://tool.example.com/callback",
            "https://tool.example.com:443/callback",
            "https://tool.example.com:8443/callback",
            "http://tool.example.com/callback",
            "HTTPS://tool.example.com/callback",
            "https://TOOL.example.com/callback",
            "https://tool.example.com/callback/",
            "https://tool.example.com/callback?x=1",
            "https://tool.example.com/callback#x",
            "https://tool.example.com/callback%00",
            "https://tool.example.com/callback%2e%2e",
            "https://tool.example.com/callback/../evil",
            "https://tool.example.com/Callback",
            "https://tool.example.com\\@evil.example/callback",
            "https://tool.example.com%2f@evil.example/callback",
            "//tool.example.com/callback",
            "/callback",
            "tool.example.com/callback",
            "javascript:alert(1)//https://tool.example.com/callback",
            "data:text/html,x",
            "https://tool.example.com/callback ",
            " https://tool.example.com/callback",
            "https://tool.example.com/callback\r\nLocation: https://evil.example",
            "https://tool.example.com/callback\u200b",
            "https://t\u043eol.example.com/callback",
            "",
            "*",
        ];
        foreach (var address in hostile)
        {
            var answer = await browser.GetAsync(client.AuthorizeUrl(redirect: address));
            Assert.True(
                answer.StatusCode == HttpStatusCode.BadRequest && answer.Headers.Location is null,
                $"'{address}': {answer.StatusCode} to {answer.Headers.Location}"
            );
        }
        foreach (var nobody in new[] { "", "%20", "gone", "%00" })
            Assert.Equal(
                HttpStatusCode.BadRequest,
                (
                    await browser.GetAsync(
                        client.AuthorizeUrl().Replace($"client_id={client.Id}", $"client_id={nobody}", StringComparison.Ordinal)
                    )
                ).StatusCode
            );
        // Twice, as servers read it differently.
        var twice = await browser.GetAsync(
            client.AuthorizeUrl() + "&redirect_uri=" + Uri.EscapeDataString("https://evil.example/callback")
        );
        Assert.True(
            twice.Headers.Location is null || !twice.Headers.Location.OriginalString.Contains("evil", StringComparison.Ordinal),
            $"{twice.Headers.Location}"
        );
        Assert.NotEmpty((await client.AuthorizeAsync(browser))["code"]);
    }

    [Fact]
    public async Task A_code_is_worth_nothing_without_the_verifier_of_its_own_request()
    {
        await using var portal = new PortalHost();
        var (client, other) = (
            await OidcClientOfTests.RegisterAsync(portal, confidential: false),
            await OidcClientOfTests.RegisterAsync(portal, confidential: false)
        );
        using var browser = await portal.SignedUpAsync("ada@example.com");
        foreach (
            var verifier in new[]
            {
                "",
                "short",
                client.Verifier[..^1],
                client.Verifier + "A",
                client.Verifier.ToUpperInvariant() + "x",
                new string('a', 43),
                new string('a', 129),
                other.Verifier,
            }
        )
            Assert.Contains(
                ErrorOf(await client.RedeemAsync((await client.AuthorizeAsync(browser))["code"], verifier)),
                (string[])["invalid_grant", "invalid_request"]
            );
        var missing = (await client.AuthorizeAsync(browser))["code"];
        Assert.Contains(
            ErrorOf(
                await client.TokenAsync(
                    new()
                    {
                        ["grant_type"] = "authorization_code",
                        ["code"] = missing,
                        ["redirect_uri"] = OidcClientOfTests.Redirect,
                    }
                )
            ),
            (string[])["invalid_grant", "invalid_request"]
        );
        // Another client's code, though the verifier is right.
        Assert.Equal("invalid_grant", ErrorOf(await other.RedeemAsync((await client.AuthorizeAsync(browser))["code"], client.Verifier)));
        // A challenge of the wrong form, or of none.
        foreach (
            var more in new[]
            {
                "&code_challenge=short&code_challenge_method=S256",
                "&code_challenge=x&code_challenge_method=none",
                "&code_challenge_method=S256",
                $"&code_challenge={client.Verifier}",
            }
        )
        {
            var asked = await browser.GetAsync(client.AuthorizeUrl(pkce: false, more: more));
            var to = asked.Headers.Location?.OriginalString ?? "error=";
            Assert.True(
                to.Contains("error=", StringComparison.Ordinal)
                    || to.StartsWith(OidcClientOfTests.Redirect, StringComparison.Ordinal)
                        && !to.Contains("code=ey", StringComparison.Ordinal),
                $"{more}: {to}"
            );
        }
        Assert.Equal(HttpStatusCode.OK, (await client.RedeemAsync((await client.AuthorizeAsync(browser))["code"])).Status);
    }

    [Theory]
    [InlineData("&response_mode=fragment")]
    [InlineData("&response_mode=form_post")]
    [InlineData("&response_mode=web_message")]
    [InlineData("&request=eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("&request_uri=https%3A%2F%2Fevil.example%2Frequest")]
    [InlineData("&prompt=none%20login")]
    public async Task What_the_portal_does_not_offer_is_told_to_the_client_and_gives_no_code(string more)
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var told = await client.AuthorizeAsync(browser, client.AuthorizeUrl(more: more));
        Assert.False(told.ContainsKey("code"));
        Assert.NotEmpty(told["error"]);
    }

    [Theory]
    [InlineData("token")]
    [InlineData("id_token")]
    [InlineData("code token")]
    [InlineData("code id_token")]
    [InlineData("none")]
    public async Task Only_codes_are_given(string type)
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var answer = await browser.GetAsync(
            client.AuthorizeUrl().Replace("response_type=code", "response_type=" + Uri.EscapeDataString(type), StringComparison.Ordinal)
        );
        var to = answer.Headers.Location?.OriginalString ?? "";
        Assert.DoesNotContain("access_token=", to, StringComparison.Ordinal);
        Assert.DoesNotContain("id_token=", to, StringComparison.Ordinal);
        Assert.DoesNotMatch("[?&]code=", to);
    }

    [Fact]
    public async Task Without_anybody_signed_in_a_silent_request_gets_an_error_and_no_page()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var nobody = portal.Browser();
        Assert.Equal("login_required", (await client.AuthorizeAsync(nobody, client.AuthorizeUrl(more: "&prompt=none")))["error"]);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        Assert.Equal("consent_required", (await client.AuthorizeAsync(browser, client.AuthorizeUrl(more: "&prompt=none")))["error"]);
    }

    /// <summary>Without a public address the portal is known by its own names only: nobody makes it an issuer of theirs.</summary>
    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("evil.example:5080", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:5080", true)]
    [InlineData("127.0.0.1:5080", true)]
    [InlineData("[::1]:5080", true)]
    public async Task Discovery_takes_no_issuer_from_a_strangers_Host(string host, bool known)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        foreach (var path in new[] { "/.well-known/openid-configuration", "/sign-in", "/connect/authorize", "/connect/token", "/" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            var answer = await browser.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            var refused = answer.StatusCode == HttpStatusCode.BadRequest && text.Contains("host-unknown", StringComparison.Ordinal);
            Assert.True(refused == !known, $"{path} as {host}: {answer.StatusCode} {text[..Math.Min(text.Length, 200)]}");
        }
    }

    [Fact]
    public async Task With_a_public_address_that_is_the_issuer_whatever_Host_says()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:PublicUrl"] = "https://portal.example.com" } };
        using var browser = portal.Browser();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/openid-configuration")
        {
            Headers = { Host = "evil.example" },
        };
        var found = JsonNode.Parse(await (await browser.SendAsync(request)).Content.ReadAsStringAsync())!;
        Assert.Equal("https://portal.example.com/", (string)found["issuer"]!);
        foreach (var (name, value) in found.AsObject())
            if (name.EndsWith("_endpoint", StringComparison.Ordinal) || name == "jwks_uri")
                Assert.StartsWith("https://portal.example.com/", (string)value!, StringComparison.Ordinal);
    }

    private static string? ErrorOf((HttpStatusCode Status, JsonObject Body) answer) => (string?)answer.Body["error"];
}
