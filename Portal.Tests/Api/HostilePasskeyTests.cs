using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Api.Support;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>A genuine passkey, and all that somebody can do with its answers who is not at its device.</summary>
public sealed partial class HostilePasskeyTests
{
    [Fact]
    public async Task An_answer_counts_for_our_page_our_name_and_a_person_who_was_asked()
    {
        await using var portal = new PortalHost();
        using var ada = await portal.SignedUpAsync("ada@example.com");
        using var key = await AddedAsync(ada);
        await RefusedAsync(passkey => passkey.Origin = "https://evil.example");
        await RefusedAsync(passkey => passkey.Origin = "http://sub.localhost");
        await RefusedAsync(passkey => passkey.Origin = "https://localhost");
        await RefusedAsync(passkey => passkey.Origin = "http://localhost:8080");
        await RefusedAsync(passkey => passkey.Domain = "evil.example");
        await RefusedAsync(passkey => passkey.IsCrossOrigin = true);
        await RefusedAsync(passkey => passkey.IsVerified = false);
        await RefusedAsync(passkey => passkey.IsPresent = false);
        await RefusedAsync(passkey => passkey.Kind = "webauthn.create");
        await RefusedAsync(passkey => passkey.UserHandle = "c29tZWJvZHkgZWxzZQ");
        using var browser = portal.Browser();
        Assert.Equal(HttpStatusCode.Found, (await SignInAsync(browser, key.Get)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/account")).StatusCode);

        async Task RefusedAsync(Action<SoftAuthenticator> lie)
        {
            var honest = (key.Origin, key.Domain, key.IsCrossOrigin, key.IsVerified, key.IsPresent, key.Kind, key.UserHandle);
            lie(key);
            using var eve = portal.Browser();
            Assert.Contains(
                "The passkey wasn",
                await (await SignInAsync(eve, key.Get)).Content.ReadAsStringAsync(),
                StringComparison.Ordinal
            );
            Assert.Equal(HttpStatusCode.Found, (await eve.GetAsync("/account")).StatusCode);
            (key.Origin, key.Domain, key.IsCrossOrigin, key.IsVerified, key.IsPresent, key.Kind, key.UserHandle) = honest;
        }
    }

    [Fact]
    public async Task An_answer_counts_once_for_the_question_it_answers_and_in_the_browser_that_was_asked()
    {
        await using var portal = new PortalHost();
        using var ada = await portal.SignedUpAsync("ada@example.com");
        using var key = await AddedAsync(ada);
        var seen = "";
        using (var browser = portal.Browser())
            Assert.Equal(HttpStatusCode.Found, (await SignInAsync(browser, options => seen = key.Get(options))).StatusCode);
        // An answer that somebody saw, to the question that they were asked themselves.
        using (var eve = portal.Browser())
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(eve, _ => seen)).StatusCode);
        // An answer to a question of another browser.
        using (var eve = portal.Browser())
        {
            using var asked = portal.Browser();
            var options = await OfferAsync(asked, "/sign-in", "/sign-in/passkey/offer");
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(eve, _ => key.Get(options))).StatusCode);
            Assert.Equal(HttpStatusCode.Found, (await eve.GetAsync("/account")).StatusCode);
        }
        // The question that was meant for adding a passkey, or for confirming, proves nothing at the door.
        using (var eve = portal.Browser())
        {
            var options = await OfferAsync(ada, "/account/security", "/account/passkeys/offer");
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(eve, _ => key.Get(options))).StatusCode);
        }
    }

    [Fact]
    public async Task A_whole_request_that_somebody_saw_is_worth_nothing_the_second_time()
    {
        await using var portal = new PortalHost();
        using var ada = await portal.SignedUpAsync("ada@example.com");
        using var key = await AddedAsync(ada);
        // The cookie with the question and the form with the answer: all there is of a sign-in.
        using var browser = portal.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        var page = await browser.GetAsync("/sign-in");
        var cookies = Cookies(page);
        var html = await page.Content.ReadAsStringAsync();
        using var ask = new HttpRequestMessage(HttpMethod.Post, "/sign-in/passkey/offer")
        {
            Content = new FormUrlEncodedContent([new("__RequestVerificationToken", Token().Match(html).Groups[1].Value)]),
        };
        ask.Headers.Add("Cookie", cookies);
        var offered = await browser.SendAsync(ask);
        cookies = string.Join("; ", cookies, Cookies(offered));
        var answer = key.Get(JsonNode.Parse(await offered.Content.ReadAsStringAsync())!);
        var form = html.Split("<form").Single(part => part.Contains("value=\"sign-in-passkey\"", StringComparison.Ordinal));
        Dictionary<string, string> fields = Hidden()
            .Matches(form)
            .ToDictionary(match => match.Groups[1].Value, match => WebUtility.HtmlDecode(match.Groups[2].Value));
        fields["Passkey.Credential"] = answer;

        Task<HttpResponseMessage> SendAsync()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent(fields) };
            request.Headers.Add("Cookie", cookies);
            return browser.SendAsync(request);
        }
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SendAsync()));
        Assert.Single(answers, one => one.StatusCode == HttpStatusCode.Found);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync()).StatusCode);
        // Her next sign-in is hers.
        using var next = portal.Browser();
        Assert.Equal(HttpStatusCode.Found, (await SignInAsync(next, key.Get)).StatusCode);
    }

    [Fact]
    public async Task A_copied_device_shows_by_its_count_and_a_passkey_opens_its_own_account_only()
    {
        await using var portal = new PortalHost();
        using var ada = await portal.SignedUpAsync("ada@example.com");
        using var key = await AddedAsync(ada);
        key.Count = 7;
        using (var browser = portal.Browser())
            Assert.Equal(HttpStatusCode.Found, (await SignInAsync(browser, key.Get)).StatusCode);
        key.Count = 3;
        using (var copy = portal.Browser())
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(copy, key.Get)).StatusCode);

        // Eve's own passkey, said to be of Ada's account.
        using var eve = await portal.SignedUpAsync("eve@example.com");
        using var eves = await AddedAsync(eve);
        eves.UserHandle = key.UserHandle;
        using (var browser = portal.Browser())
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(browser, eves.Get)).StatusCode);
        // Nobody registers somebody else's passkey a second time.
        var options = await OfferAsync(eve, "/account/security", "/account/passkeys/offer");
        await eve.SubmitAsync(
            "/account/security",
            "add-passkey",
            new() { ["Passkey.Name"] = "Stolen", ["Passkey.Credential"] = key.Create(options) }
        );
        Assert.DoesNotContain("Stolen", await eve.GetStringAsync("/account/security"), StringComparison.Ordinal);
    }

    private static async Task<SoftAuthenticator> AddedAsync(HttpClient browser)
    {
        var key = new SoftAuthenticator();
        var options = await OfferAsync(browser, "/account/security", "/account/passkeys/offer");
        var added = await browser.SubmitAsync(
            "/account/security",
            "add-passkey",
            new() { ["Passkey.Name"] = "Laptop", ["Passkey.Credential"] = key.Create(options) }
        );
        Assert.True(added.StatusCode is HttpStatusCode.OK or HttpStatusCode.Found);
        Assert.Contains("<b>Laptop</b>", await browser.GetStringAsync("/account/security"), StringComparison.Ordinal);
        return key;
    }

    private static async Task<HttpResponseMessage> SignInAsync(HttpClient browser, Func<JsonNode, string> answer)
    {
        var options = await OfferAsync(browser, "/sign-in", "/sign-in/passkey/offer");
        return await browser.SubmitAsync("/sign-in", "sign-in-passkey", new() { ["Passkey.Credential"] = answer(options) });
    }

    private static async Task<JsonNode> OfferAsync(HttpClient browser, string page, string offer)
    {
        var token = Token().Match(await browser.GetStringAsync(page)).Groups[1].Value;
        var answer = await browser.PostAsync(offer, new FormUrlEncodedContent([new("__RequestVerificationToken", token)]));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static string Cookies(HttpResponseMessage answer) =>
        string.Join("; ", answer.Headers.TryGetValues("Set-Cookie", out var set) ? set.Select(cookie => cookie.Split(';')[0]) : []);

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("""<input type="hidden" name="([^"]+)" value="([^"]*)"\s*/?>""")]
    private static partial Regex Hidden();
}
