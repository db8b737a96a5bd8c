using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What a browser with a virtual authenticator never sends: the journey tests the rest.</summary>
public sealed partial class PasskeyEndpointTests
{
    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1,2,3]")]
    [InlineData("""{"id":"AQID","rawId":"AQID","type":"public-key","response":{}}""")]
    [InlineData(
        """{"id":"AQID","rawId":"AQID","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AAAA","signature":"AAAA","userHandle":"AAAA"}}"""
    )]
    public async Task A_made_up_answer_is_refused_and_breaks_nothing(string credential)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        await OfferAsync(browser, "/sign-in", "/sign-in/passkey/offer");
        var answer = await browser.SubmitAsync("/sign-in", "sign-in-passkey", new() { ["Passkey.Credential"] = credential });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("The passkey wasn", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_challenge_is_for_our_own_pages_and_asks_for_the_person()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await browser.PostAsync("/sign-in/passkey/offer", new FormUrlEncodedContent([]))).StatusCode
        );
        var options = JsonNode.Parse(await (await OfferAsync(browser, "/sign-in", "/sign-in/passkey/offer")).Content.ReadAsStringAsync())!;
        Assert.Equal(("required", "localhost"), ((string)options["userVerification"]!, (string)options["rpId"]!));
        var stranger = await OfferAsync(browser, "/sign-in", "/account/passkeys/offer");
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);

        using var ada = await portal.SignedUpAsync("ada@example.com");
        var creation = JsonNode.Parse(
            await (await OfferAsync(ada, "/account/security", "/account/passkeys/offer")).Content.ReadAsStringAsync()
        )!;
        Assert.Equal("ada@example.com", (string)creation["user"]!["name"]!);
        Assert.Equal(
            ("required", "required"),
            ((string)creation["authenticatorSelection"]!["userVerification"]!, (string)creation["authenticatorSelection"]!["residentKey"]!)
        );
    }

    private static async Task<HttpResponseMessage> OfferAsync(HttpClient browser, string page, string offer)
    {
        var token = Token().Match(await browser.GetStringAsync(page)).Groups[1].Value;
        return await browser.PostAsync(offer, new FormUrlEncodedContent([new("__RequestVerificationToken", token)]));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
