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

namespace Portal.Tests.Api.Support;

/// <summary>An OpenID provider of its own that is honest until a test makes it lie.</summary>
public sealed class HostileProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private string _name = "";

    private HostileProvider(WebApplication app)
    {
        _app = app;
        Sign = claims => SignedWith(claims, Key, "1");
        Published = () => [PublicKey(Key, "1")];
    }

    public RSA Key { get; } = RSA.Create(2048);

    public RSA OtherKey { get; } = RSA.Create(2048);

    public string Url => _app.Urls.Single();

    /// <summary>The nonce of the sign-in that goes on.</summary>
    public string Nonce { get; set; } = "";

    public Action<JsonObject> Discovery { get; set; } = _ => { };

    public Action<JsonObject> Claims { get; set; } = _ => { };

    public Action<JsonObject> UserInfo { get; set; } = _ => { };

    /// <summary>Of the claims, the token.</summary>
    public Func<string, string> Sign { get; set; }

    public Func<JsonArray> Published { get; set; }

    /// <summary>
    /// Answers an address in place of what it is for: <c>discovery</c>, <c>keys</c>, <c>token</c>, <c>userinfo</c>. True when it did.
    /// </summary>
    public Func<string, HttpContext, Task<bool>> Instead { get; set; } = (_, _) => Task.FromResult(false);

    public static async Task<HostileProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var provider = new HostileProvider(app);
        provider.Map(
            "discovery",
            "/.well-known/openid-configuration",
            () =>
            {
                var said = new JsonObject
                {
                    ["issuer"] = provider.Url,
                    ["authorization_endpoint"] = provider.Url + "/authorize",
                    ["token_endpoint"] = provider.Url + "/token",
                    ["jwks_uri"] = provider.Url + "/keys",
                    ["userinfo_endpoint"] = provider.Url + "/userinfo",
                    ["response_types_supported"] = new JsonArray("code"),
                    ["subject_types_supported"] = new JsonArray("public"),
                    ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
                };
                provider.Discovery(said);
                return said;
            }
        );
        provider.Map("keys", "/keys", () => new() { ["keys"] = provider.Published() });
        provider.Map(
            "token",
            "/token",
            () =>
                new()
                {
                    ["access_token"] = "a",
                    ["token_type"] = "Bearer",
                    ["expires_in"] = 60,
                    ["id_token"] = provider.Token(),
                }
        );
        provider.Map(
            "userinfo",
            "/userinfo",
            () =>
            {
                var said = new JsonObject { ["sub"] = "ada" };
                provider.UserInfo(said);
                return said;
            }
        );
        await app.StartAsync();
        return provider;
    }

    /// <summary>A portal that people sign in to with these providers.</summary>
    public static PortalHost PortalOf(params IReadOnlyList<HostileProvider> providers)
    {
        var portal = new PortalHost();
        foreach (var (number, provider) in providers.Index())
        {
            var setting = $"Portal:SignIn:Providers:{number}";
            provider._name = $"provider-{number}";
            foreach (
                var (name, value) in new[]
                {
                    ("Name", provider._name),
                    ("Authority", provider.Url),
                    ("ClientId", "portal"),
                    ("ClientSecret", Secret),
                }
            )
                portal.Settings[$"{setting}:{name}"] = value;
        }
        return portal;
    }

    public const string Secret = "a-secret-that-the-provider-knows-too";

    /// <summary>The browser comes from the portal to the provider, and back with a code: where it is sent then.</summary>
    public async Task<string> ComeBackAsync(HttpClient browser)
    {
        if (await GoThereAsync(browser) is not { } state)
            return "provider-away";
        return await ComeBackAsync(browser, state);
    }

    public async Task<string> ComeBackAsync(HttpClient browser, string state) =>
        (
            await browser.GetAsync(
                new Uri($"/sign-in/external/{_name}/callback?code=c&state={Uri.EscapeDataString(state)}", UriKind.Relative)
            )
        )
            .Headers
            .Location!
            .OriginalString;

    /// <summary>The state that the portal gave the browser; null when it sent it nowhere.</summary>
    public async Task<string?> GoThereAsync(HttpClient browser)
    {
        var sent = (await browser.GetAsync(new Uri($"/sign-in/external/{_name}", UriKind.Relative))).Headers.Location!;
        if (!sent.IsAbsoluteUri)
            return null;
        var asked = HttpUtility.ParseQueryString(sent.Query);
        Nonce = asked["nonce"]!;
        return asked["state"]!;
    }

    public static string SignedWith(string claims, RSA key, string id) =>
        new JsonWebTokenHandler().CreateToken(
            claims,
            new SigningCredentials(new RsaSecurityKey(key) { KeyId = id }, SecurityAlgorithms.RsaSha256)
        );

    /// <summary>A token with a header and a signature that no library would make.</summary>
    public static string Made(string header, string claims, Func<byte[], byte[]> sign)
    {
        var signed = $"{Part(header)}.{Part(claims)}";
        return $"{signed}.{Base64UrlEncoder.Encode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static JsonNode PublicKey(RSA key, string id)
    {
        var numbers = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = id,
            ["alg"] = "RS256",
            ["n"] = Base64UrlEncoder.Encode(numbers.Modulus),
            ["e"] = Base64UrlEncoder.Encode(numbers.Exponent),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Key.Dispose();
        OtherKey.Dispose();
    }

    private string Token()
    {
        var now = TimeProvider.System.GetUtcNow();
        var claims = new JsonObject
        {
            ["iss"] = Url,
            ["aud"] = "portal",
            ["sub"] = "ada",
            ["email"] = "ada@example.com",
            ["email_verified"] = true,
            ["nonce"] = Nonce,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        Claims(claims);
        return Sign(claims.ToJsonString());
    }

    private void Map(string what, string path, Func<JsonObject> answer) =>
        ((IApplicationBuilder)_app).Map(
            path,
            asked =>
                asked.Run(async context =>
                {
                    if (await Instead(what, context))
                        return;
                    context.Response.ContentType = "application/json";
                    await context.Response.WriteAsync(answer().ToJsonString());
                })
        );

    private static string Part(string text) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(text));
}
