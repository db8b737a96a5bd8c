using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Api.Support;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed partial class OidcProviderTests
{
    [Fact]
    public async Task A_client_of_an_organization_acts_as_it_with_its_scopes_role_and_nowhere_else()
    {
        await using var portal = new PortalHost();
        using var operatorApi = portal.Api();
        foreach (var slug in new[] { "northwind", "southwind" })
            await operatorApi.PostAsJsonAsync("/api/v1/organizations", new { name = slug, slug });
        var client = await OidcClientOfTests.RegisterAsync(portal, "northwind", actsAlone: true, scopes: "portal.read");
        var (status, body) = await client.TokenAsync(new() { ["grant_type"] = "client_credentials" });
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Null(body["refresh_token"]);
        using var api = client.ApiWith((string)body["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/organizations/northwind/tenants")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("/api/v1/organizations/southwind/tenants")).StatusCode);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await api.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name = "shop" })).StatusCode
        );
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/v1/operator/organizations")).StatusCode);
        Assert.Equal(
            "invalid_client",
            Error(await client.PostAsync("/connect/token", new() { ["grant_type"] = "client_credentials" }, otherSecret: "wrong"))
        );
        // A client of people does not act by itself.
        var people = await OidcClientOfTests.RegisterAsync(portal, "northwind");
        Assert.Equal("unauthorized_client", Error(await people.TokenAsync(new() { ["grant_type"] = "client_credentials" })));
        // Deleted: its tokens are refused at once.
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await operatorApi.DeleteAsync($"/api/v1/organizations/northwind/oidc-clients/{client.Id}")).StatusCode
        );
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations/northwind/tenants")).StatusCode);
    }

    [Fact]
    public async Task Tokens_are_looked_into_and_revoked_by_their_own_client()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var tokens = await client.SignInAsync(browser);
        var access = (string)tokens["access_token"]!;
        Assert.True((bool)(await client.PostAsync("/connect/introspect", new() { ["token"] = access })).Body["active"]!);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("/connect/revoke", new() { ["token"] = access })).Status);
        Assert.False((bool)(await client.PostAsync("/connect/introspect", new() { ["token"] = access })).Body["active"]!);
        using var api = client.ApiWith(access);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        // Another client learns nothing of it.
        var other = await OidcClientOfTests.RegisterAsync(portal);
        var fresh = (string)(await client.SignInAsync(browser))["access_token"]!;
        Assert.False((bool?)(await other.PostAsync("/connect/introspect", new() { ["token"] = fresh })).Body["active"] ?? false);
    }

    [Theory]
    [InlineData("&prompt=login")]
    [InlineData("&prompt=select_account")]
    [InlineData("&max_age=0")]
    [InlineData("&max_age=-9223372036854775808")]
    public async Task A_client_may_ask_for_a_fresh_sign_in_and_a_link_signs_nobody_out(string asked)
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        await client.SignInAsync(browser);
        var toSignIn = (await browser.GetAsync(client.AuthorizeUrl(more: asked))).Headers.Location!.OriginalString;
        Assert.StartsWith("/sign-in?returnUrl=", toSignIn, StringComparison.Ordinal);
        // Whoever did not want this goes on as before.
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).StatusCode);
        Assert.Contains("code", (await client.AuthorizeAsync(browser)).Keys);
        // The old sign-in does not get past it, a new one does.
        var back = HttpUtility.ParseQueryString(new Uri(new Uri("http://localhost"), toSignIn).Query)["returnUrl"]!;
        Assert.StartsWith(
            "/sign-in",
            (await OidcClientOfTests.FollowAsync(browser, back)).Headers.Location!.OriginalString,
            StringComparison.Ordinal
        );
        var signedIn = await browser.SubmitAsync(
            toSignIn,
            "sign-in",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        var fresh = await OidcClientOfTests.FollowAsync(browser, signedIn.Headers.Location!.OriginalString);
        Assert.StartsWith(OidcClientOfTests.Redirect + "?code=", fresh.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_ends_the_session_of_its_own_person_and_asks_otherwise()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        Assert.StartsWith(
            "/connect/sign-out",
            (await browser.GetAsync("/connect/end-session")).Headers.Location!.OriginalString,
            StringComparison.Ordinal
        );
        var tokens = await client.SignInAsync(browser);
        var bye = Uri.EscapeDataString("https://tool.example.com/bye");
        var elsewhere = await browser.GetAsync(
            $"/connect/end-session?id_token_hint={tokens["id_token"]}&post_logout_redirect_uri={Uri.EscapeDataString("https://evil.example/")}"
        );
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        var ended = await browser.GetAsync(
            $"/connect/end-session?id_token_hint={tokens["id_token"]}&post_logout_redirect_uri={bye}&state=x-1"
        );
        Assert.Equal("https://tool.example.com/bye?state=x-1", ended.Headers.Location!.OriginalString);
        Assert.StartsWith(
            "/sign-in",
            (await browser.GetAsync(client.AuthorizeUrl())).Headers.Location!.OriginalString,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Registration_refuses_addresses_and_scopes_that_it_must_not_take()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        foreach (
            var address in new[]
            {
                "http://tool.example.com/",
                "https://*.example.com/",
                "https://a.example/#x",
                "javascript:alert(1)",
                "https://user@a.example/",
                "not an address",
                "https://a.example/ x",
            }
        )
            Assert.Equal(
                "redirect-uri-refused",
                await CodeAsync(
                    new
                    {
                        name = "x",
                        redirectUris = new[] { address },
                        scopes = new[] { "openid" },
                    }
                )
            );
        Assert.Equal(
            "scopes-unknown",
            await CodeAsync(
                new
                {
                    name = "x",
                    redirectUris = new[] { "https://a.example/" },
                    scopes = new[] { "openid", "portal.operator" },
                }
            )
        );
        Assert.Equal("redirect-uri-missing", await CodeAsync(new { name = "x", scopes = new[] { "openid" } }));
        Assert.Equal(
            "client-acts-alone-public",
            await CodeAsync(
                new
                {
                    name = "x",
                    actsAlone = true,
                    scopes = new[] { "portal.read" },
                }
            )
        );
        Assert.Equal(
            "scopes-without-role",
            await CodeAsync(
                new
                {
                    name = "x",
                    actsAlone = true,
                    confidential = true,
                    scopes = new[] { "openid" },
                }
            )
        );
        var platform = await api.PostAsJsonAsync(
            "/api/v1/operator/oidc-clients",
            new
            {
                name = "x",
                actsAlone = true,
                confidential = true,
                scopes = new[] { "portal.read" },
            }
        );
        Assert.Contains("client-acts-for-nobody", await platform.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        async Task<string> CodeAsync(object body) =>
            (string)
                JsonNode.Parse(
                    await (await api.PostAsJsonAsync("/api/v1/organizations/northwind/oidc-clients", body)).Content.ReadAsStringAsync()
                )!["code"]!;
    }
}
