using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>
/// What a provider hands out directly, without the browser in between, may go unsigned (OpenID Connect Core, 3.1.3.7). Here
/// it may not: whoever gets between the portal and a provider would be everybody.
/// </summary>
public sealed class UnsignedTokenTests
{
    [Theory]
    [InlineData("signed", true)]
    [InlineData("alg none", false)]
    [InlineData("signature cut off", false)]
    [InlineData("signature of another key", false)]
    public async Task A_token_without_the_providers_signature_signs_nobody_in(string kind, bool signsIn)
    {
        await using var provider = await Provider.StartAsync(kind);
        await using var portal = new PortalHost
        {
            Settings = { ["Portal:SignIn:Providers:0:Name"] = "Ours", ["Portal:SignIn:Providers:0:Authority"] = provider.Url, ["Portal:SignIn:Providers:0:ClientId"] = "portal" },
        };
        using var browser = portal.Browser();
        var sent = (await browser.GetAsync("/sign-in/external/ours")).Headers.Location!;
        var asked = HttpUtility.ParseQueryString(sent.Query);
        provider.Nonce = asked["nonce"]!;
        var back = await browser.GetAsync($"/sign-in/external/ours/callback?code=c&state={Uri.EscapeDataString(asked["state"]!)}");
        Assert.Equal(HttpStatusCode.Found, back.StatusCode);
        Assert.Equal(!signsIn, back.Headers.Location!.OriginalString.StartsWith("/sign-in/failed", StringComparison.Ordinal));
        Assert.Equal(signsIn ? HttpStatusCode.OK : HttpStatusCode.Found, (await browser.GetAsync("/account")).StatusCode);
    }

    private sealed class Provider(WebApplication app, string kind) : IAsyncDisposable
    {
        private readonly RSA _key = RSA.Create(2048);
        private readonly RSA _other = RSA.Create(2048);

        public string Url => app.Urls.Single();

        public string Nonce { get; set; } = "";

        public static async Task<Provider> StartAsync(string kind)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            var provider = new Provider(app, kind);
            app.MapGet("/.well-known/openid-configuration", () => Json(new()
            {
                ["issuer"] = provider.Url, ["authorization_endpoint"] = provider.Url + "/authorize", ["token_endpoint"] = provider.Url + "/token", ["jwks_uri"] = provider.Url + "/keys",
                ["response_types_supported"] = new JsonArray("code"), ["subject_types_supported"] = new JsonArray("public"), ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
            }));
            app.MapGet("/keys", () => Json(new() { ["keys"] = new JsonArray(provider.PublicKey()) }));
            app.MapPost("/token", () => Json(new() { ["access_token"] = "a", ["token_type"] = "Bearer", ["expires_in"] = 60, ["id_token"] = provider.Token() }));
            await app.StartAsync();
            return provider;
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            _key.Dispose();
            _other.Dispose();
        }

        private static IResult Json(JsonObject body) => Results.Text(body.ToJsonString(), "application/json");

        private JsonNode PublicKey()
        {
            var numbers = _key.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["kty"] = "RSA", ["use"] = "sig", ["kid"] = "1", ["alg"] = "RS256", ["n"] = Base64UrlEncoder.Encode(numbers.Modulus), ["e"] = Base64UrlEncoder.Encode(numbers.Exponent),
            };
        }

        private string Token()
        {
            var now = TimeProvider.System.GetUtcNow();
            var claims = new JsonObject
            {
                ["iss"] = Url, ["aud"] = "portal", ["sub"] = "ada", ["email"] = "ada@example.com", ["email_verified"] = true, ["nonce"] = Nonce, ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
            }.ToJsonString();
            if (kind == "alg none") return $"{Part("""{"alg":"none","typ":"JWT"}""")}.{Part(claims)}.";
            var signer = new RsaSecurityKey(kind == "signature of another key" ? _other : _key) { KeyId = "1" };
            var token = new JsonWebTokenHandler().CreateToken(claims, new SigningCredentials(signer, SecurityAlgorithms.RsaSha256));
            return kind == "signature cut off" ? token[..(token.LastIndexOf('.') + 1)] : token;
        }

        private static string Part(string json) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(json));
    }
}
