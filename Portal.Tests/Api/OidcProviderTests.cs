using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Api.Support;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>
/// The portal as a provider, as OpenID Connect Core, RFC 6749, 7636, 7009, 7662 and the security best practice (RFC 9700) want it.
/// </summary>
public sealed partial class OidcProviderTests(PostgresServer server)
{
    [Fact]
    public async Task Discovery_says_what_there_is_and_nothing_weak()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var found = JsonNode.Parse(await browser.GetStringAsync("/.well-known/openid-configuration"))!;
        Assert.Equal("http://localhost/", (string)found["issuer"]!);
        Assert.Equal("http://localhost/connect/authorize", (string)found["authorization_endpoint"]!);
        Assert.Equal("http://localhost/connect/token", (string)found["token_endpoint"]!);
        foreach (
            var endpoint in new[]
            {
                "userinfo_endpoint",
                "end_session_endpoint",
                "revocation_endpoint",
                "introspection_endpoint",
                "jwks_uri",
            }
        )
            Assert.NotNull(found[endpoint]);
        Assert.Equal(["code"], Words(found, "response_types_supported"));
        Assert.Equal(["S256"], Words(found, "code_challenge_methods_supported"));
        Assert.Equal(["RS256"], Words(found, "id_token_signing_alg_values_supported"));
        Assert.Equal(["authorization_code", "client_credentials", "refresh_token"], Words(found, "grant_types_supported").Order());
        Assert.Equal(
            ["client_secret_basic", "client_secret_post"],
            Words(found, "token_endpoint_auth_methods_supported").Where(method => method != "none").Order()
        );
        Assert.Equal(["query"], Words(found, "response_modes_supported"));
        Assert.Superset(
            new HashSet<string>
            {
                "openid",
                "profile",
                "email",
                "offline_access",
                "portal.read",
                "portal.write",
                "portal.admin",
                "portal.billing",
            },
            Words(found, "scopes_supported").ToHashSet()
        );
        var keys = JsonNode.Parse(await browser.GetStringAsync(new Uri((string)found["jwks_uri"]!).PathAndQuery))!["keys"]!.AsArray();
        var key = Assert.Single(keys)!;
        Assert.Equal("RSA", (string)key["kty"]!);
        Assert.Null(key["d"]);
    }

    [Fact]
    public async Task A_person_signs_in_with_state_and_nonce_returned_and_calls_the_API_within_the_scopes()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var sent = await client.AuthorizeAsync(browser, client.AuthorizeUrl("openid email portal.read"));
        Assert.Equal("s-123", sent["state"]);
        Assert.Equal("http://localhost/", sent["iss"]);
        var (status, tokens) = await client.RedeemAsync(sent["code"]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Null(tokens["refresh_token"]);
        var identity = OidcClientOfTests.Claims((string)tokens["id_token"]!);
        Assert.Equal("n-456", (string)identity["nonce"]!);
        Assert.Equal(client.Id, (string)identity["aud"]!);
        Assert.Equal("ada@example.com", (string)identity["email"]!);
        Assert.Null(identity["portal_stamp"]);
        Assert.NotNull(identity["auth_time"]);

        using var api = client.ApiWith((string)tokens["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        var refused = await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var told = JsonNode.Parse(await api.GetStringAsync("/connect/userinfo"))!;
        Assert.Equal((string)identity["sub"]!, (string)told["sub"]!);
        Assert.Equal("ada@example.com", (string)told["email"]!);
        Assert.Null(told["name"]);
        // What a client does is bounded: it never gets at the account itself.
        Assert.Equal(HttpStatusCode.Forbidden, (await api.GetAsync("/api/v1/account/applications")).StatusCode);
    }

    [Fact]
    public async Task A_scope_never_gives_more_than_the_persons_own_role_nor_the_role_more_than_the_scope()
    {
        await using var portal = new PortalHost();
        using var operatorApi = portal.Api();
        await operatorApi.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        var client = await OidcClientOfTests.RegisterAsync(portal, scopes: "openid portal.read portal.write portal.admin portal.operator");
        using var browser = await OperatorAsync(portal);
        // An owner through portal.read: sees, may not rename.
        using (var reads = client.ApiWith((string)(await client.SignInAsync(browser, "openid portal.read"))["access_token"]!))
        {
            Assert.Equal(HttpStatusCode.OK, (await reads.GetAsync("/api/v1/organizations/northwind")).StatusCode);
            var refused = await reads.PatchAsJsonAsync("/api/v1/organizations/northwind", new { name = "Other" });
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("scope-missing", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Forbidden, (await reads.GetAsync("/api/v1/operator/organizations")).StatusCode);
        }
        using (var administers = client.ApiWith((string)(await client.SignInAsync(browser, "openid portal.admin"))["access_token"]!))
            Assert.Equal(
                HttpStatusCode.OK,
                (await administers.PatchAsJsonAsync("/api/v1/organizations/northwind", new { name = "Other" })).StatusCode
            );
        using (var operates = client.ApiWith((string)(await client.SignInAsync(browser, "openid portal.operator"))["access_token"]!))
            Assert.Equal(HttpStatusCode.OK, (await operates.GetAsync("/api/v1/operator/organizations")).StatusCode);
        // The operator's scope makes nobody an operator, and portal.admin makes nobody a member.
        using var ada = await portal.SignedUpAsync("ada@example.com");
        using var other = client.ApiWith((string)(await client.SignInAsync(ada, "openid portal.admin portal.operator"))["access_token"]!);
        Assert.Equal(HttpStatusCode.Forbidden, (await other.GetAsync("/api/v1/operator/organizations")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync("/api/v1/organizations/northwind")).StatusCode);
        // Only openid: no audience of the API in the token.
        using var none = client.ApiWith((string)(await client.SignInAsync(ada, "openid"))["access_token"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, (await none.GetAsync("/api/v1/organizations")).StatusCode);
    }

    [Fact]
    public async Task Requests_without_PKCE_or_to_another_address_go_nowhere()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal, confidential: false);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        foreach (var weak in new[] { client.AuthorizeUrl(pkce: false), client.AuthorizeUrl(method: "plain") })
        {
            var told = await client.AuthorizeAsync(browser, weak);
            Assert.Equal(("invalid_request", "s-123"), (told["error"], told["state"]));
        }
        Assert.Equal(
            "invalid_request",
            (await client.AuthorizeAsync(browser, client.AuthorizeUrl(more: "&response_mode=form_post")))["error"]
        );
        // Nobody is redirected to an address that is not exactly a registered one.
        foreach (
            var wrong in new[]
            {
                OidcClientOfTests.Redirect + "/",
                OidcClientOfTests.Redirect + "?x=1",
                "https://tool.example.com/Callback",
                "https://evil.example/callback",
                "http://tool.example.com/callback",
            }
        )
        {
            var answer = await browser.GetAsync(client.AuthorizeUrl(redirect: wrong));
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Null(answer.Headers.Location);
            Assert.Contains("sign you in", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        var stranger = await browser.GetAsync(
            client.AuthorizeUrl().Replace(client.Id, Guid.NewGuid().ToString(), StringComparison.Ordinal)
        );
        Assert.Equal(HttpStatusCode.BadRequest, stranger.StatusCode);
        Assert.Contains("sign you in", await stranger.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var implicitly = await browser.GetAsync(
            client.AuthorizeUrl().Replace("response_type=code", "response_type=token", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("access_token=", implicitly.Headers.Location?.OriginalString ?? "", StringComparison.Ordinal);
        // More than the client is registered for.
        var more = await browser.GetAsync(client.AuthorizeUrl("openid portal.admin"));
        Assert.Contains("error=", more.Headers.Location?.Query ?? "error=", StringComparison.Ordinal);

        var sent = await client.AuthorizeAsync(browser);
        Assert.Equal(
            "invalid_grant",
            Error(await client.RedeemAsync(sent["code"], verifier: "another-verifier-another-verifier-another-verifier"))
        );
        Assert.Equal(
            "invalid_grant",
            Error(await client.RedeemAsync((await client.AuthorizeAsync(browser))["code"], redirect: "https://tool.example.com/other"))
        );
    }

    [Fact]
    public async Task A_code_works_once_and_its_second_use_ends_the_tokens_of_the_first()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var sent = await client.AuthorizeAsync(browser);
        var (_, tokens) = await client.RedeemAsync(sent["code"]);
        using var api = client.ApiWith((string)tokens["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        Assert.Equal("invalid_grant", Error(await client.RedeemAsync(sent["code"])));
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        Assert.Equal("invalid_grant", Error(await client.RefreshAsync((string)tokens["refresh_token"]!)));
    }

    [Fact]
    public async Task Refresh_tokens_rotate_and_a_copied_one_ends_the_sign_in()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var first = await client.SignInAsync(browser);
        var other = await client.SignInAsync(browser);
        var (_, second) = await client.RefreshAsync((string)first["refresh_token"]!);
        var (status, third) = await client.RefreshAsync((string)second["refresh_token"]!);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotEqual((string)first["refresh_token"]!, (string)second["refresh_token"]!);
        using var api = client.ApiWith((string)third["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        // Somebody kept the first one.
        Assert.Equal("invalid_grant", Error(await client.RefreshAsync((string)first["refresh_token"]!)));
        Assert.Equal("invalid_grant", Error(await client.RefreshAsync((string)third["refresh_token"]!)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        // Another sign-in of the same person goes on.
        Assert.Equal(HttpStatusCode.OK, (await client.RefreshAsync((string)other["refresh_token"]!)).Status);
    }

    [Fact]
    public async Task Keys_rotate_while_sign_ins_and_tokens_live()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var before = await client.SignInAsync(browser);
        using var operatorApi = portal.Api();
        Assert.Equal(HttpStatusCode.NoContent, (await operatorApi.PostAsync("/api/v1/operator/oidc/keys/rotate", null)).StatusCode);
        await Eventually.TrueAsync(async () => (await KeysAsync(browser)).Count == 2, "the new key is published");
        using var api = client.ApiWith((string)before["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        var (status, after) = await client.RefreshAsync((string)before["refresh_token"]!);
        Assert.Equal(HttpStatusCode.OK, status);
        var (oldKey, newKey) = (
            OidcClientOfTests.KeyOf((string)before["access_token"]!),
            OidcClientOfTests.KeyOf((string)after["access_token"]!)
        );
        Assert.NotEqual(oldKey, newKey);
        Assert.Equal(new HashSet<string> { oldKey, newKey }, await KeysAsync(browser));
        using var fresh = client.ApiWith((string)after["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await fresh.GetAsync("/api/v1/organizations")).StatusCode);
        var listed = JsonNode.Parse(await operatorApi.GetStringAsync("/api/v1/operator/oidc/keys"))!["items"]!.AsArray();
        Assert.Equal(["current", "old"], listed.Where(key => (string)key!["use"]! == "signing").Select(key => (string)key!["state"]!));
    }

    [Fact]
    public async Task Consent_is_asked_once_can_be_denied_and_is_revoked_with_everything_it_gave()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var denied = await client.AuthorizeAsync(browser, decision: "denied");
        Assert.Equal("access_denied", denied["error"]);
        Assert.Equal("s-123", denied["state"]);
        var silent = await client.AuthorizeAsync(browser, client.AuthorizeUrl(more: "&prompt=none"));
        Assert.Equal("consent_required", silent["error"]);
        var tokens = await client.SignInAsync(browser);
        // Remembered: the second time there is no page, and a silent request works too.
        Assert.Contains(
            "code=",
            (await browser.GetAsync(client.AuthorizeUrl(more: "&prompt=none"))).Headers.Location!.Query,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "/connect/consent",
            (await browser.GetAsync(client.AuthorizeUrl("openid portal.write"))).Headers.Location!.OriginalString,
            StringComparison.Ordinal
        );

        Assert.Contains("A tool", await browser.GetStringAsync("/account/applications"), StringComparison.Ordinal);
        await browser.SubmitAsync("/account/applications", $"revoke-{client.Id}", []);
        using var api = client.ApiWith((string)tokens["access_token"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        Assert.Equal("invalid_grant", Error(await client.RefreshAsync((string)tokens["refresh_token"]!)));
        Assert.Contains(
            "/connect/consent",
            (await browser.GetAsync(client.AuthorizeUrl())).Headers.Location!.OriginalString,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task On_PostgreSQL_it_is_the_same()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await using var portal = new PortalHost
        {
            Settings =
            {
                ["Portal:Database:Provider"] = "PostgreSql",
                ["Portal:Database:ConnectionString"] = await server.NewEmptyDatabaseAsync(),
            },
        };
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var first = await client.SignInAsync(browser);
        var (status, second) = await client.RefreshAsync((string)first["refresh_token"]!);
        Assert.Equal(HttpStatusCode.OK, status);
        using var api = client.ApiWith((string)second["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        Assert.Equal("invalid_grant", Error(await client.RefreshAsync((string)first["refresh_token"]!)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        await browser.SubmitAsync("/account/applications", $"revoke-{client.Id}", []);
        Assert.Contains(
            "/connect/consent",
            (await browser.GetAsync(client.AuthorizeUrl())).Headers.Location!.OriginalString,
            StringComparison.Ordinal
        );
        // Replicas hear of a new key before it is used.
        using var operatorApi = portal.Api();
        Assert.Equal(HttpStatusCode.NoContent, (await operatorApi.PostAsync("/api/v1/operator/oidc/keys/rotate", null)).StatusCode);
        var listed = JsonNode.Parse(await operatorApi.GetStringAsync("/api/v1/operator/oidc/keys"))!["items"]!.AsArray();
        Assert.Equal(["next", "current"], listed.Where(key => (string)key!["use"]! == "signing").Select(key => (string)key!["state"]!));
        Assert.Equal(HttpStatusCode.Conflict, (await operatorApi.PostAsync("/api/v1/operator/oidc/keys/rotate", null)).StatusCode);
        await portal.Services.GetRequiredService<Portal.Domain.OpenId.TendOidcKeys>().RunAsync(CancellationToken.None);
        await using var scope = portal.Services.CreateAsyncScope();
        await scope
            .ServiceProvider.GetRequiredService<OpenIddict.Abstractions.IOpenIddictTokenManager>()
            .PruneAsync(TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Who_signs_out_everywhere_ends_tokens_too()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var tokens = await client.SignInAsync(browser);
        await browser.SubmitAsync("/account/security", "sign-out-everywhere", []);
        using var api = client.ApiWith((string)tokens["access_token"]!);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/api/v1/organizations")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.GetAsync("/connect/userinfo")).StatusCode);
        Assert.Equal("invalid_grant", Error(await client.RefreshAsync((string)tokens["refresh_token"]!)));
    }

    [Fact]
    public async Task Nobody_signed_in_signs_in_first_and_comes_back()
    {
        await using var portal = new PortalHost();
        var client = await OidcClientOfTests.RegisterAsync(portal);
        using (await portal.SignedUpAsync("ada@example.com")) { }
        using var browser = portal.Browser();
        Assert.Equal("login_required", (await client.AuthorizeAsync(browser, client.AuthorizeUrl(more: "&prompt=none")))["error"]);
        var toSignIn = (await browser.GetAsync(client.AuthorizeUrl())).Headers.Location!.OriginalString;
        Assert.StartsWith("/sign-in?returnUrl=", toSignIn, StringComparison.Ordinal);
        var signedIn = await browser.SubmitAsync(
            toSignIn,
            "sign-in",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        var back = await OidcClientOfTests.FollowAsync(browser, signedIn.Headers.Location!.OriginalString);
        Assert.Contains("/connect/consent", back.Headers.Location!.OriginalString, StringComparison.Ordinal);
        await client.SignInAsync(browser);
    }

    private static async Task<HttpClient> OperatorAsync(PortalHost portal)
    {
        var browser = portal.Browser();
        await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        return browser;
    }

    private static async Task<HashSet<string>> KeysAsync(HttpClient browser) =>
        [.. JsonNode.Parse(await browser.GetStringAsync("/.well-known/jwks"))!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];

    private static IEnumerable<string> Words(JsonNode document, string name) => document[name]!.AsArray().Select(word => (string)word!);

    private static string? Error((HttpStatusCode Status, JsonObject Body) answer) => (string?)answer.Body["error"];
}
