using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

public sealed partial class AccountTests
{
    [Fact]
    public async Task A_password_costs_a_guesser_what_OWASP_asks_for()
    {
        await using var portal = new PortalHost { QuickHashes = false };
        Assert.True(portal.Services.GetRequiredService<IOptions<PasswordHasherOptions>>().Value.IterationCount >= 210_000);
    }

    [Fact]
    public async Task Sign_up_verify_sign_in_and_sign_out()
    {
        await using var portal = new PortalHost();
        var browser = portal.Browser();
        var signedUp = await browser.SubmitAsync("/sign-up", "sign-up", Typed("ada@example.com", PortalHost.Password));
        Assert.Contains("We sent an email to", await signedUp.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var early = await browser.SubmitAsync("/sign-in", "sign-in", Typed("ada@example.com", PortalHost.Password));
        Assert.Contains("confirmed yet", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var link = (await portal.NewestMailAsync("ada@example.com")).ActionUrl!.PathAndQuery;
        // In a browser that knows nothing of the sign-up: it asks for the password, and signs nobody in.
        using var elsewhere = portal.Browser();
        var verified = await elsewhere.SubmitAsync(link, "verify", new() { ["Input.Password"] = PortalHost.Password });
        Assert.Contains("Address confirmed", await verified.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var signedIn = await browser.SubmitAsync("/sign-in?returnUrl=%2Faccount", "sign-in", Typed("ada@example.com", PortalHost.Password));
        Assert.Equal("/account", PathOf(signedIn));
        var cookie = signedIn
            .Headers.GetValues("Set-Cookie")
            .Single(value => value.StartsWith("portal-session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("ada@example.com", await browser.GetStringAsync("/account"), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.PostAsync("/sign-out", null)).StatusCode);
    }

    [Fact]
    public async Task Who_confirms_in_the_browser_that_just_signed_up_is_in_and_names_an_organization()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var signedUp = await browser.SubmitAsync("/sign-up", "sign-up", Typed("ada@example.com", PortalHost.Password));
        var mark = signedUp.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("portal-sign-up=", StringComparison.Ordinal));
        Assert.Contains("httponly", mark, StringComparison.OrdinalIgnoreCase);

        var link = (await portal.NewestMailAsync("ada@example.com")).ActionUrl!.PathAndQuery;
        Assert.DoesNotContain("type=\"password\"", await browser.GetStringAsync(link), StringComparison.Ordinal);
        var verified = await browser.SubmitAsync(link, "verify", []);
        Assert.Equal("/organizations/new", PathOf(verified));
        Assert.Contains("ada@example.com", await browser.GetStringAsync("/account"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_and_a_wrong_password_get_the_same_answer_and_both_wait_after_ten()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:SignInsPerMinuteAndAccount"] = "100" } };
        using var browser = portal.Browser();
        var stranger = await AnswerAsync(browser, "nobody@example.com", "whatever it may be");
        var wrong = await AnswerAsync(browser, PortalHost.OperatorEmail, "whatever it may be");
        Assert.Equal(
            stranger.Replace("nobody@example.com", "", StringComparison.Ordinal),
            wrong.Replace(PortalHost.OperatorEmail, "", StringComparison.Ordinal)
        );
        Assert.Contains("Incorrect email or password", wrong, StringComparison.Ordinal);

        foreach (var email in new[] { "nobody@example.com", PortalHost.OperatorEmail })
        {
            for (var i = 0; i < 9; i++)
                await AnswerAsync(browser, email, "whatever it may be");
            Assert.Contains(
                "Try again in 15 minutes",
                await AnswerAsync(browser, email, PortalHost.OperatorPassword),
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task The_limiter_refuses_before_a_password_is_looked_at()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Limits:SignInsPerMinuteAndAccount"] = "2" } };
        using var browser = portal.Browser();
        await AnswerAsync(browser, PortalHost.OperatorEmail, "whatever it may be");
        await AnswerAsync(browser, PortalHost.OperatorEmail, "whatever it may be");
        Assert.Contains(
            "Too many attempts",
            await AnswerAsync(browser, PortalHost.OperatorEmail, PortalHost.OperatorPassword),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_reset_link_works_once_and_ends_other_sign_ins()
    {
        await using var portal = new PortalHost();
        using var browser = await portal.SignedUpAsync("ada@example.com");
        await browser.SubmitAsync("/forgot", "forgot", new() { ["Input.Email"] = "ada@example.com" });
        var link = (await portal.NewestMailAsync("ada@example.com")).ActionUrl!.PathAndQuery;
        var done = await browser.SubmitAsync(link, "reset", new() { ["Input.Password"] = "orange kettle walks north" });
        Assert.Contains("Your password has been changed", await done.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("already been used", await browser.GetStringAsync(link), StringComparison.Ordinal);
        Assert.Contains("link is incomplete", await browser.GetStringAsync(link + "x"), StringComparison.Ordinal);
        var old = await AnswerAsync(browser, "ada@example.com", PortalHost.Password);
        Assert.Contains("Incorrect email or password", old, StringComparison.Ordinal);
    }

    /// <summary>
    /// Somebody was in the account for a minute. What they made in its organizations ends as well, and the page says so before.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_ends_what_was_made_in_organizations_unless_it_is_kept(bool keep)
    {
        await using var portal = new PortalHost();
        using var browser = await portal.SignedUpAsync("ada@example.com");
        using var key = portal.Api(
            MembersTests.KeyOf(
                await (
                    await browser.SubmitAsync("/account/api-keys", "new-api-key", new() { ["Input.Name"] = "laptop" })
                ).Content.ReadAsStringAsync()
            )
        );
        await key.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        Assert.Equal(
            HttpStatusCode.Created,
            (
                await key.PostAsJsonAsync(
                    "/api/v1/organizations/northwind/invitations",
                    new { email = "thief@example.com", role = "admin" }
                )
            ).StatusCode
        );
        await browser.SubmitAsync("/forgot", "forgot", new() { ["Input.Email"] = "ada@example.com" });
        var link = (await portal.NewestMailAsync("ada@example.com")).ActionUrl!.PathAndQuery;
        Assert.Contains(
            "1 API key and 1 credential or invitation created in your organizations",
            await browser.GetStringAsync(link),
            StringComparison.Ordinal
        );
        Dictionary<string, string> typed = new() { ["Input.Password"] = "orange kettle walks north" };
        if (keep)
            typed["Input.Keep"] = "true";
        await browser.SubmitAsync(link, "reset", typed);

        Assert.Equal(keep ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, (await key.GetAsync("/api/v1/account")).StatusCode);
        var database = portal.Services.GetRequiredService<IPortalDatabase>();
        async Task<bool> IsPendingAsync() =>
            await database.ReadAsync(
                async session =>
                    (
                        await session.Invitations.PendingAsync(
                            (await session.Organizations.FindAsync("northwind", default))!.Id,
                            DateTimeOffset.UtcNow,
                            default
                        )
                    ).Count > 0,
                default
            );
        if (keep)
            Assert.True(await IsPendingAsync());
        else
            await Eventually.TrueAsync(async () => !await IsPendingAsync(), "the invitation is revoked");
    }

    [Fact]
    public async Task The_first_account_is_the_operator_and_there_is_one_first_run()
    {
        await using var portal = new PortalHost(firstRun: false);
        using var browser = portal.Browser();
        Assert.Equal("/first-run", PathOf((await browser.GetAsync("/sign-in"))));
        var made = await browser.SubmitAsync("/first-run", "first-run", Typed("ada@example.com", PortalHost.Password));
        Assert.Equal((HttpStatusCode.Found, "/operator/setup"), (made.StatusCode, PathOf(made)));
        Assert.Contains("Operator of this platform", await browser.GetStringAsync("/account"), StringComparison.Ordinal);
        Assert.Equal("/sign-in", PathOf((await browser.GetAsync("/first-run"))));
    }

    [Fact]
    public async Task A_remote_first_run_asks_for_the_printed_code()
    {
        await using var portal = new PortalHost(firstRun: false);
        using var browser = portal.Browser();
        browser.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        var refused = await browser.SubmitAsync("/first-run", "first-run", Typed("eve@example.com", PortalHost.Password));
        Assert.Contains("the code that Portal printed", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_of_the_first_run_acts_as_the_operator_and_any_other_is_refused()
    {
        await using var portal = new PortalHost();
        Assert.Equal(HttpStatusCode.OK, (await portal.Api().GetAsync("/api/v1/organizations")).StatusCode);
        var refused = await portal.Api("some-other-key-0123456789abcdef0123").GetAsync("/api/v1/organizations");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_repeated_post_with_one_Idempotency_Key_happens_once()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        api.DefaultRequestHeaders.Add("Idempotency-Key", "order-1");
        var first = await CreateAsync(api, "northwind");
        var again = await CreateAsync(api, "northwind");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.Created, again.StatusCode);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await again.Content.ReadAsStringAsync());
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await CreateAsync(api, "southwind")).StatusCode);
    }

    [Fact]
    public async Task More_requests_than_the_burst_are_told_to_wait()
    {
        await using var portal = new PortalHost
        {
            Settings = { ["Portal:Limits:ApiBurst"] = "2", ["Portal:Limits:ApiRequestsPerSecond"] = "1" },
        };
        using var api = portal.Api();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.GetAsync("/api/v1/organizations")));
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Contains(answers, answer => answer.IsSuccessStatusCode && answer.Headers.Contains("RateLimit"));
    }

    [Fact]
    public async Task Metrics_are_the_operators()
    {
        await using var portal = new PortalHost { Environment = "Staging", Settings = { ["Portal:AllowLocalStandIns"] = "true" } };
        using var browser = portal.Browser();
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/metrics")).StatusCode);
        using var api = portal.Api();
        Assert.Contains("http_request", await api.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("Sign in first", await browser.GetStringAsync("/outbox"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_from_another_site_is_refused()
    {
        await using var portal = new PortalHost();
        using var browser = portal.CreateClient(new() { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_blazor");
        request.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        request.Headers.TryAddWithoutValidation("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Pages_carry_the_security_headers_and_health_is_told()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var page = await browser.GetAsync("/sign-in");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src 'self' 'unsafe-inline'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
        Assert.Contains("LocalPulsar", await browser.GetStringAsync("/health/ready"), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> CreateAsync(HttpClient api, string slug) =>
        api.PostAsync(
            "/api/v1/organizations",
            new StringContent($$"""{"name": "Northwind", "slug": "{{slug}}"}""", System.Text.Encoding.UTF8, "application/json")
        );

    private static Dictionary<string, string> Typed(string email, string password) =>
        new() { ["Input.Email"] = email, ["Input.Password"] = password };

    private static async Task<string> AnswerAsync(HttpClient browser, string email, string password)
    {
        var answer = await (await browser.SubmitAsync("/sign-in", "sign-in", Typed(email, password))).Content.ReadAsStringAsync();
        // Without what the key ring sealed, which differs every time.
        return Sealed().Replace(answer, "");
    }

    private static string? PathOf(HttpResponseMessage answer) =>
        answer.Headers.Location is { } to ? new Uri(new Uri("http://localhost"), to).AbsolutePath : null;

    [GeneratedRegex("CfDJ8[A-Za-z0-9_+/=-]+")]
    private static partial Regex Sealed();
}
