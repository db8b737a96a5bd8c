using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Api.Support;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>
/// What an application holds follows what it may ask for: less of it, another secret, or more of it for somebody who may not give that.
/// </summary>
public sealed class OidcNarrowingTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Fact]
    public async Task A_scope_that_an_application_lost_is_gone_from_its_tokens_and_from_what_it_refreshes()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await owner.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        const string wide = "openid offline_access portal.read portal.admin";
        var client = await OidcClientOfTests.RegisterAsync(portal, "northwind", scopes: wide);
        using var browser = await portal.OperatorAsync();
        var tokens = await client.SignInAsync(browser, wide);
        using var before = client.ApiWith((string)tokens["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync($"{Org}/invitations")).StatusCode);

        await ChangeAsync(browser, client, false, "openid offline_access portal.read");
        Assert.Equal(HttpStatusCode.Forbidden, (await before.GetAsync($"{Org}/invitations")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await before.GetAsync($"{Org}/tenants")).StatusCode);
        var (status, refreshed) = await client.RefreshAsync((string)tokens["refresh_token"]!);
        Assert.Equal(HttpStatusCode.OK, status);
        using var after = client.ApiWith((string)refreshed["access_token"]!);
        Assert.Equal(HttpStatusCode.Forbidden, (await after.GetAsync($"{Org}/invitations")).StatusCode);
        Assert.DoesNotContain("portal.admin", (string?)refreshed["scope"] ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_secret_ends_the_tokens_of_the_old_one_and_a_wider_role_ends_a_secret_that_somebody_else_knows()
    {
        await using var portal = new PortalHost();
        using var owner = portal.Api();
        await owner.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        using var browser = await portal.OperatorAsync();
        var client = await OidcClientOfTests.RegisterAsync(portal, "northwind", actsAlone: true, scopes: "portal.read");
        using var api = client.ApiWith(await TokenAsync(client));
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync($"{Org}/tenants")).StatusCode);
        // Known to whoever asks: it goes on, and so does its secret.
        await ChangeAsync(browser, client, true, "portal.read portal.write");
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync($"{Org}/tenants")).StatusCode);

        using var ada = await portal.SignedUpAsync("ada@example.com");
        await owner.PostAsJsonAsync($"{Org}/invitations", new { email = "ada@example.com", role = "admin" });
        await ada.SubmitAsync((await portal.NewestMailAsync("ada@example.com")).ActionUrl!.PathAndQuery, "accept", []);
        await ChangeAsync(ada, client, true, "portal.read portal.write portal.admin");
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync($"{Org}/tenants")).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await client.TokenAsync(new() { ["grant_type"] = "client_credentials" })).Status);

        var renewed = await browser.PostAsync($"{Org}/oidc-clients/{client.Id}/secret", null);
        var secret = (string)JsonNode.Parse(await renewed.Content.ReadAsStringAsync())!["secret"]!;
        var (status, body) = await client.PostAsync("/connect/token", new() { ["grant_type"] = "client_credentials" }, otherSecret: secret);
        Assert.Equal(HttpStatusCode.OK, status);
        using var next = client.ApiWith((string)body["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await next.GetAsync($"{Org}/tenants")).StatusCode);
        await browser.PostAsync($"{Org}/oidc-clients/{client.Id}/secret", null);
        Assert.Equal(HttpStatusCode.Unauthorized, (await next.GetAsync($"{Org}/tenants")).StatusCode);
    }

    private static async Task<string> TokenAsync(OidcClientOfTests client) =>
        (string)(await client.TokenAsync(new() { ["grant_type"] = "client_credentials" })).Body["access_token"]!;

    private static async Task ChangeAsync(HttpClient by, OidcClientOfTests client, bool actsAlone, string scopes)
    {
        var changed = await by.PutAsJsonAsync(
            $"{Org}/oidc-clients/{client.Id}",
            new
            {
                name = "A tool",
                confidential = true,
                actsAlone,
                redirectUris = new[] { OidcClientOfTests.Redirect },
                scopes = scopes.Split(' '),
            }
        );
        Assert.True(changed.StatusCode == HttpStatusCode.OK, await changed.Content.ReadAsStringAsync());
    }
}
