using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What every field for a password offers, and the meter where one is chosen.</summary>
public sealed partial class PasswordFieldTests
{
    [Fact]
    public async Task Every_password_can_be_shown_and_every_new_one_is_rated()
    {
        await using var fresh = new PortalHost(firstRun: false);
        using (var installer = fresh.Browser())
            AssertFields(await installer.GetStringAsync("/first-run"), rated: 1, others: 0);

        await using var portal = new PortalHost();
        using var owner = await portal.SignedUpAsync("ada@example.com");
        using var stranger = portal.Browser();
        AssertFields(await stranger.GetStringAsync("/sign-in"), rated: 0, others: 1);
        AssertFields(await stranger.GetStringAsync("/sign-up"), rated: 1, others: 0);
        AssertFields(await owner.GetStringAsync("/account/security"), rated: 1, others: 1);
        AssertFields(await owner.GetStringAsync("/account/confirm"), rated: 0, others: 1);

        await stranger.SubmitAsync("/forgot", "forgot", new() { ["Input.Email"] = "ada@example.com" });
        AssertFields(
            await stranger.GetStringAsync((await portal.NewestMailAsync("ada@example.com")).ActionUrl!.PathAndQuery),
            rated: 1,
            others: 0
        );

        using var elsewhere = portal.Browser();
        await stranger.SubmitAsync(
            "/sign-up",
            "sign-up",
            new() { ["Input.Email"] = "mo@example.com", ["Input.Password"] = PortalHost.Password }
        );
        AssertFields(
            await elsewhere.GetStringAsync((await portal.NewestMailAsync("mo@example.com")).ActionUrl!.PathAndQuery),
            rated: 0,
            others: 1
        );

        await owner.PostAsync("/api/v1/organizations", Json("""{"name": "Northwind", "slug": "northwind"}"""));
        await owner.PostAsync("/api/v1/organizations/northwind/invitations", Json("""{"email": "jo@example.com", "role": "viewer"}"""));
        AssertFields(
            await elsewhere.GetStringAsync((await portal.NewestMailAsync("jo@example.com")).ActionUrl!.PathAndQuery),
            rated: 1,
            others: 0
        );
    }

    /// <summary>The meter's answer is the rules' own: what it calls fair is taken, and what it calls easy is not.</summary>
    [Theory]
    [InlineData("short", 0, "at least 12 characters")]
    [InlineData("123456789012", 0, "data breach")]
    [InlineData("ada@example.com", 1, "easy to guess")]
    [InlineData(PortalHost.Password, 4, "Strong")]
    public async Task The_meter_says_what_the_rules_would(string password, int score, string words)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var rating = await RateAsync(browser, await TokenAsync(browser), password, "ada@example.com");
        Assert.Equal(score, (int)rating["score"]!);
        Assert.Contains(words, (string)rating["words"]!, StringComparison.OrdinalIgnoreCase);

        var signedUp = await (
            await browser.SubmitAsync("/sign-up", "sign-up", new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = password })
        ).Content.ReadAsStringAsync();
        Assert.Equal(score >= 2, signedUp.Contains("We sent an email", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_meter_tells_nothing_of_accounts_and_is_for_pages_of_ours_and_only_so_often()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:SignInsPerMinuteAndAddress"] = "10" } };
        using var browser = portal.Browser();
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await browser.PostAsync("/password-rating", new FormUrlEncodedContent([new("password", PortalHost.Password)]))).StatusCode
        );
        var token = await TokenAsync(browser);
        // The operator's own password and address, and somebody's whom nobody knows.
        var known = await RateAsync(browser, token, PortalHost.OperatorPassword, PortalHost.OperatorEmail);
        var unknown = await RateAsync(browser, token, PortalHost.OperatorPassword, "nobody@example.com");
        Assert.Equal(known.ToJsonString(), unknown.ToJsonString());
        HttpStatusCode last = default;
        for (var i = 0; i < 10 && last != HttpStatusCode.TooManyRequests; i++)
            last = (await PostAsync(browser, token, PortalHost.Password, "")).StatusCode;
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        // Who typed too much can still sign in.
        Assert.NotNull(
            (
                await browser.SubmitAsync(
                    "/sign-in",
                    "sign-in",
                    new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
                )
            )
                .Headers
                .Location
        );
    }

    private static void AssertFields(string html, int rated, int others)
    {
        var fields = Field().Matches(html).Select(match => match.Value).ToList();
        Assert.Equal(
            (rated, others),
            (
                fields.Count(field => field.Contains("data-rated=\"12\"", StringComparison.Ordinal)),
                fields.Count(field => !field.Contains("data-rated", StringComparison.Ordinal))
            )
        );
        foreach (var id in fields.Select(field => Id().Match(field).Groups[1].Value))
        {
            // A button that sends nothing, with a name, and somewhere to say what it did.
            Assert.Matches(
                $"<button class=\"show\" type=\"button\" data-shows=\"{id}\" aria-controls=\"{id}\" aria-label=\"Show password\">",
                html
            );
            Assert.Matches($"role=\"status\" data-shown=\"{id}\"", html);
        }
        Assert.Equal(rated, MeterOf().Count(html));
    }

    private static async Task<string> TokenAsync(HttpClient browser) =>
        Token().Match(await browser.GetStringAsync("/sign-up")).Groups[1].Value;

    private static async Task<JsonNode> RateAsync(HttpClient browser, string token, string password, string email)
    {
        using var answer = await PostAsync(browser, token, password, email);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string token, string password, string email) =>
        browser.PostAsync(
            "/password-rating",
            new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("password", password), new("email", email)])
        );

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    [GeneratedRegex("<input[^>]*type=\"password\"[^>]*>")]
    private static partial Regex Field();

    [GeneratedRegex(" id=\"([^\"]+)\"")]
    private static partial Regex Id();

    [GeneratedRegex("class=\"strength\" id=\"[^\"]+-strength\" data-score.*?class=\"words\" role=\"status\"", RegexOptions.Singleline)]
    private static partial Regex MeterOf();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
