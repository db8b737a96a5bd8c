using System.Net;
using Portal.Tests.Api.Support;
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
        await using var provider = await HostileProvider.StartAsync();
        var honest = provider.Sign;
        provider.Sign = kind switch
        {
            "alg none" => claims => HostileProvider.Made("""{"alg":"none","typ":"JWT"}""", claims, _ => []),
            "signature cut off" => claims => honest(claims) is var token ? token[..(token.LastIndexOf('.') + 1)] : "",
            "signature of another key" => claims => HostileProvider.SignedWith(claims, provider.OtherKey, "1"),
            _ => honest,
        };
        await using var portal = HostileProvider.PortalOf(provider);
        using var browser = portal.Browser();
        Assert.Equal(!signsIn, (await provider.ComeBackAsync(browser)).StartsWith("/sign-in/failed", StringComparison.Ordinal));
        Assert.Equal(signsIn ? HttpStatusCode.OK : HttpStatusCode.Found, (await browser.GetAsync("/account")).StatusCode);
    }
}
