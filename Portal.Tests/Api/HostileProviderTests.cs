using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Portal.Tests.Api.Support;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>
/// A provider that lies, floods or says nothing: nobody is signed in by it, nobody waits for it for long, and it breaks nothing.
/// </summary>
public sealed class HostileProviderTests
{
    // What must not be believed, by name: how the provider is changed before somebody comes back from it.
    private static readonly Dictionary<string, Action<HostileProvider>> Lies = new()
    {
        ["another nonce"] = provider => provider.Claims = claims => claims["nonce"] = "638000000000000000.somebodys",
        ["no nonce"] = provider => provider.Claims = claims => claims.Remove("nonce"),
        ["the token of another application"] = provider => provider.Claims = claims => claims["aud"] = "somebody-else",
        ["made for another application, shown to ours"] = provider =>
            provider.Claims = claims => (claims["aud"], claims["azp"]) = (new JsonArray("portal", "somebody-else"), "somebody-else"),
        ["no audience"] = provider => provider.Claims = claims => claims.Remove("aud"),
        ["another issuer"] = provider => provider.Claims = claims => claims["iss"] = "https://accounts.google.com",
        ["another issuer, and metadata that say so"] = provider =>
        {
            provider.Discovery = said => said["issuer"] = "https://accounts.google.com";
            provider.Claims = claims => claims["iss"] = "https://accounts.google.com";
        },
        ["no issuer"] = provider => provider.Claims = claims => claims.Remove("iss"),
        ["long over"] = provider =>
            provider.Claims = claims => claims["exp"] = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeSeconds(),
        ["for ever"] = provider => provider.Claims = claims => claims.Remove("exp"),
        ["not yet"] = provider =>
            provider.Claims = claims => claims["nbf"] = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
        ["nobody"] = provider => provider.Claims = claims => claims.Remove("sub"),
        ["an empty subject"] = provider => provider.Claims = claims => claims["sub"] = "",
        ["a subject without end"] = provider =>
        {
            provider.Claims = claims => claims["sub"] = new string('a', 256);
            provider.UserInfo = said => said["sub"] = new string('a', 256);
        },
        ["several subjects"] = provider => provider.Claims = claims => claims["sub"] = new JsonArray("ada", "bo"),
        // The public key is everybody's: as the secret of a symmetric signature it would be everybody's signature.
        ["the public key as a secret"] = provider =>
            provider.Sign = claims =>
                HostileProvider.Made(
                    """{"alg":"HS256","typ":"JWT","kid":"1"}""",
                    claims,
                    bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(provider.Key.ExportRSAPublicKeyPem()), bytes)
                ),
        ["the client's secret as the key"] = provider =>
            provider.Sign = claims =>
                HostileProvider.Made(
                    """{"alg":"HS256","typ":"JWT"}""",
                    claims,
                    bytes => HMACSHA256.HashData(Encoding.UTF8.GetBytes(HostileProvider.Secret), bytes)
                ),
        ["a key that it brings along"] = provider =>
            provider.Sign = claims =>
                HostileProvider.Made(
                    new JsonObject
                    {
                        ["alg"] = "RS256",
                        ["typ"] = "JWT",
                        ["kid"] = "1",
                        ["jwk"] = HostileProvider.PublicKey(provider.OtherKey, "1"),
                    }.ToJsonString(),
                    claims,
                    bytes => provider.OtherKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                ),
        ["a key at an address of its own"] = provider =>
            provider.Sign = claims =>
                HostileProvider.Made(
                    $$"""{"alg":"RS256","typ":"JWT","kid":"2","jku":"{{provider.Url}}/keys","x5u":"{{provider.Url}}/keys"}""",
                    claims,
                    bytes => provider.OtherKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                ),
        ["no key at all"] = provider => provider.Published = () => [],
        ["keys swapped since"] = provider => provider.Published = () => [HostileProvider.PublicKey(provider.OtherKey, "1")],
        ["signed over other claims"] = provider =>
            provider.Sign = claims =>
            {
                var parts = HostileProvider.SignedWith(claims, provider.Key, "1").Split('.');
                var forged = HostileProvider.Made("{}", claims.Replace("ada", "eve", StringComparison.Ordinal), _ => []).Split('.')[1];
                return $"{parts[0]}.{forged}.{parts[2]}";
            },
        ["somebody else's user information"] = provider => provider.UserInfo = said => said["sub"] = "eve",
        ["no JSON for a token"] = provider =>
            provider.Instead = (what, context) => SayAsync(what == "token", context, "<html>it works</html>"),
        ["no token"] = provider => provider.Instead = (what, context) => SayAsync(what == "token", context, "{}"),
        ["an error with a page of its own"] = provider =>
            provider.Instead = (what, context) =>
                SayAsync(what == "token", context, """{"error":"x","error_description":"<script>alert(1)</script>"}""", 400),
        ["a token that is none"] = provider => provider.Sign = _ => "a.b.c",
        ["JSON without end"] = provider =>
            provider.Instead = (what, context) =>
                SayAsync(what == "token", context, string.Concat(Enumerable.Repeat("""{"a":[""", 100_000))),
        ["a discovery of megabytes"] = provider => provider.Instead = (what, context) => FloodAsync(what == "discovery", context),
        ["keys of megabytes"] = provider => provider.Instead = (what, context) => FloodAsync(what == "keys", context),
        ["a token of megabytes"] = provider => provider.Instead = (what, context) => FloodAsync(what == "token", context),
        ["user information of megabytes"] = provider => provider.Instead = (what, context) => FloodAsync(what == "userinfo", context),
        ["a discovery that leads elsewhere"] = provider =>
            provider.Instead = (what, context) => ElsewhereAsync(what == "discovery", context),
        ["a token that is elsewhere"] = provider => provider.Instead = (what, context) => ElsewhereAsync(what == "token", context),
        ["a token endpoint that is a file"] = provider => provider.Discovery = said => said["token_endpoint"] = "file:///etc/passwd",
        ["keys that are a file"] = provider => provider.Discovery = said => said["jwks_uri"] = "file:///etc/passwd",
    };

    [Fact]
    public async Task No_lie_of_a_provider_signs_anybody_in_and_an_honest_answer_afterwards_does()
    {
        // A provider for each: what was learned from one is not asked for again.
        var liars = await Task.WhenAll(Lies.Select(_ => HostileProvider.StartAsync()));
        await using var first = await HostileProvider.StartAsync();
        await using var portal = HostileProvider.PortalOf([first, .. liars]);
        var wrong = new List<string>();
        foreach (var ((name, lie), provider) in Lies.Zip(liars))
        {
            lie(provider);
            using var browser = portal.Browser();
            var sent = await provider.ComeBackAsync(browser);
            if (sent != "provider-away" && !sent.StartsWith("/sign-in/failed?reason=provider-", StringComparison.Ordinal))
                wrong.Add($"{name}: {sent}");
            if ((await browser.GetAsync("/account")).StatusCode != HttpStatusCode.Found)
                wrong.Add($"{name}: signed in");
            if ((await browser.GetAsync("/sign-in")).StatusCode != HttpStatusCode.OK)
                wrong.Add($"{name}: it broke something");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        foreach (var provider in liars)
            await provider.DisposeAsync();
        using var honest = portal.Browser();
        Assert.Equal("/", await first.ComeBackAsync(honest));
        Assert.Equal(HttpStatusCode.OK, (await honest.GetAsync("/account")).StatusCode);
    }

    [Fact]
    public async Task An_answer_is_for_the_browser_that_asked_and_for_once()
    {
        await using var provider = await HostileProvider.StartAsync();
        await using var portal = HostileProvider.PortalOf(provider);
        using var ada = portal.Browser();
        using var eve = portal.Browser();
        // Eve's own answer in Ada's browser would sign Ada in as Eve, and Ada's in Eve's Eve as Ada.
        var state = (await provider.GoThereAsync(ada))!;
        Assert.StartsWith("/sign-in/failed", await provider.ComeBackAsync(eve, state), StringComparison.Ordinal);
        Assert.Equal("/", await provider.ComeBackAsync(ada, state));
        Assert.StartsWith("/sign-in/failed", await provider.ComeBackAsync(ada, state), StringComparison.Ordinal);
        foreach (var touched in new[] { "", "x", state[..^2], state + "A" })
            Assert.StartsWith("/sign-in/failed", await provider.ComeBackAsync(eve, touched), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_a_provider_rotates_are_learned()
    {
        await using var provider = await HostileProvider.StartAsync();
        await using var portal = HostileProvider.PortalOf(provider);
        using (var before = portal.Browser())
            Assert.Equal("/", await provider.ComeBackAsync(before));
        provider.Published = () => [HostileProvider.PublicKey(provider.OtherKey, "2")];
        provider.Sign = claims => HostileProvider.SignedWith(claims, provider.OtherKey, "2");
        // The first who comes with the new key makes the portal ask again; nobody is let in by the old one any more.
        using var after = portal.Browser();
        await provider.ComeBackAsync(after);
        await Eventually.TrueAsync(
            async () =>
            {
                using var then = portal.Browser();
                return await provider.ComeBackAsync(then) == "/";
            },
            "who comes once the new key has been fetched is let in"
        );
    }

    [Fact]
    public async Task Whoever_waits_for_a_provider_that_says_nothing_is_told_so_and_others_sign_in_meanwhile()
    {
        string[] parts = ["discovery", "keys", "token", "userinfo"];
        var providers = await Task.WhenAll(parts.Select(_ => HostileProvider.StartAsync()));
        await using var portal = HostileProvider.PortalOf(providers);
        using var other = await portal.SignedUpAsync("bo@example.com");
        var waits = parts
            .Zip(providers)
            .Select(async pair =>
            {
                var (hanging, provider) = pair;
                provider.Instead = async (what, context) => what == hanging && await DripAsync(context);
                using var browser = portal.Browser();
                var sent = await provider.ComeBackAsync(browser);
                Assert.True(
                    sent == "provider-away" || sent.StartsWith("/sign-in/failed?reason=provider-", StringComparison.Ordinal),
                    $"{hanging}: {sent}"
                );
                Assert.Equal(HttpStatusCode.Found, (await browser.GetAsync("/account")).StatusCode);
            })
            .ToList();
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/account")).StatusCode);
        await Task.WhenAll(waits);
        foreach (var provider in providers)
            await provider.DisposeAsync();
    }

    private static async Task<bool> SayAsync(bool here, HttpContext context, string text, int status = 200)
    {
        if (!here)
            return false;
        (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json");
        await context.Response.WriteAsync(text);
        return true;
    }

    /// <summary>A byte now and then, so that the connection itself is never idle.</summary>
    private static async Task<bool> DripAsync(HttpContext context)
    {
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await context.Response.WriteAsync(" ");
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(200), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return true;
    }

    private static Task<bool> ElsewhereAsync(bool here, HttpContext context)
    {
        if (here)
            context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
        return Task.FromResult(here);
    }

    /// <summary>Three megabytes of what would be an answer, but for its size.</summary>
    private static async Task<bool> FloodAsync(bool here, HttpContext context)
    {
        if (!here)
            return false;
        context.Response.ContentType = "application/json";
        try
        {
            await context.Response.WriteAsync("""{"issuer":"x","sub":"ada","access_token":"a","filler":" """);
            var filler = new string('x', 64 * 1024);
            for (var parts = 0; parts < 48; parts++)
                await context.Response.WriteAsync(filler, context.RequestAborted);
            await context.Response.WriteAsync("\"}");
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The portal hung up.
        }
        return true;
    }
}
