using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Support;

/// <summary>A client of the portal's provider, step by step, so that a test can leave one out or do it wrongly.</summary>
internal sealed class OidcClientOfTests(PortalHost portal, string id, string? secret)
{
    public const string Redirect = "https://tool.example.com/callback";

    public string Id => id;

    public string Verifier { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Registers one by the operator: of the platform, or of an organization.</summary>
    public static async Task<OidcClientOfTests> RegisterAsync(
        PortalHost portal,
        string? org = null,
        bool confidential = true,
        bool actsAlone = false,
        string scopes = "openid profile email offline_access portal.read portal.write"
    )
    {
        using var api = await portal.OperatorAsync();
        var made = await api.PostAsJsonAsync(
            org is null ? "/api/v1/operator/oidc-clients" : $"/api/v1/organizations/{org}/oidc-clients",
            new
            {
                name = "A tool",
                confidential,
                actsAlone,
                redirectUris = new[] { Redirect },
                signOutUris = new[] { "https://tool.example.com/bye" },
                scopes = scopes.Split(' '),
            }
        );
        Assert.True(made.StatusCode == HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var body = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
        return new(portal, (string)body["id"]!, (string?)body["secret"]);
    }

    public string AuthorizeUrl(
        string scope = "openid offline_access portal.read",
        string redirect = Redirect,
        string method = "S256",
        bool pkce = true,
        string more = ""
    )
    {
        var challenge = method == "S256" ? Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier))) : Verifier;
        return $"/connect/authorize?response_type=code&client_id={id}&redirect_uri={Uri.EscapeDataString(redirect)}"
            + $"&scope={Uri.EscapeDataString(scope)}&state=s-123&nonce=n-456"
            + (pkce ? $"&code_challenge={challenge}&code_challenge_method={method}" : "")
            + more;
    }

    /// <summary>What the client's address is called with, after the person allowed what was asked.</summary>
    public async Task<Dictionary<string, string>> AuthorizeAsync(HttpClient browser, string? url = null, string decision = "allow")
    {
        var answer = await browser.GetAsync(url ?? AuthorizeUrl());
        if (answer.Headers.Location?.OriginalString is { } to && to.StartsWith("/connect/consent", StringComparison.Ordinal))
        {
            var decided = await browser.SubmitAsync(to, "consent", new() { ["Input.Decision"] = decision });
            answer = await FollowAsync(browser, decided.Headers.Location!.OriginalString);
        }
        Assert.True(answer.StatusCode == HttpStatusCode.Found, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.StartsWith(Redirect + "?", answer.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        var query = HttpUtility.ParseQueryString(answer.Headers.Location.Query);
        return query.AllKeys.ToDictionary(key => key!, key => query[key]!);
    }

    /// <summary>Through the page that goes on by itself.</summary>
    public static async Task<HttpResponseMessage> FollowAsync(HttpClient browser, string address)
    {
        var page = await browser.GetStringAsync(address);
        var next = page.Split("content=\"0;url=")[1].Split('"')[0];
        return await browser.GetAsync(WebUtility.HtmlDecode(next));
    }

    public Task<(HttpStatusCode Status, JsonObject Body)> RedeemAsync(string code, string? verifier = null, string redirect = Redirect) =>
        TokenAsync(
            new()
            {
                ["grant_type"] = "authorization_code",
                ["code"] = code,
                ["redirect_uri"] = redirect,
                ["code_verifier"] = verifier ?? Verifier,
            }
        );

    public Task<(HttpStatusCode Status, JsonObject Body)> RefreshAsync(string token) =>
        TokenAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token });

    public Task<(HttpStatusCode Status, JsonObject Body)> TokenAsync(Dictionary<string, string> fields) =>
        PostAsync("/connect/token", fields);

    public async Task<(HttpStatusCode Status, JsonObject Body)> PostAsync(
        string address,
        Dictionary<string, string> fields,
        string? otherSecret = null
    )
    {
        using var http = portal.Browser();
        if (secret is null)
            fields["client_id"] = id;
        else
            http.DefaultRequestHeaders.Authorization = new(
                "Basic",
                Convert.ToBase64String(Encoding.ASCII.GetBytes($"{id}:{otherSecret ?? secret}"))
            );
        var answer = await http.PostAsync(address, new FormUrlEncodedContent(fields));
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
    }

    /// <summary>Code and tokens in one go.</summary>
    public async Task<JsonObject> SignInAsync(HttpClient browser, string scope = "openid offline_access portal.read")
    {
        var sent = await AuthorizeAsync(browser, AuthorizeUrl(scope));
        var (status, body) = await RedeemAsync(sent["code"]);
        Assert.True(status == HttpStatusCode.OK, body.ToJsonString());
        return body;
    }

    public HttpClient ApiWith(string accessToken)
    {
        var api = portal.Browser();
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return api;
    }

    public static JsonNode Claims(string jwt) => JsonNode.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[1]))!;

    public static string KeyOf(string jwt) => (string)JsonNode.Parse(Base64Url.DecodeFromChars(jwt.Split('.')[0]))!["kid"]!;
}
