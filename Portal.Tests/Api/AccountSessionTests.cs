using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed partial class AccountSessionTests
{
    [Fact]
    public async Task A_sign_in_ended_elsewhere_is_signed_out_with_its_next_request()
    {
        await using var portal = new PortalHost();
        using var here = await portal.SignedUpAsync("ada@example.com");
        using var there = await SignInAsync(portal, "ada@example.com");
        var page = await here.GetStringAsync("/account/security");
        Assert.Contains("this one", page, StringComparison.Ordinal);
        var ids = SessionButton().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(2, ids.Count);
        // Newest first: there.
        await here.SubmitAsync("/account/security", "end-session", new() { ["Ended.Session"] = ids[0] });
        Assert.Equal(HttpStatusCode.Found, (await there.GetAsync("/account")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/account")).StatusCode);
    }

    [Fact]
    public async Task A_cookie_kept_from_before_the_sign_out_opens_nothing()
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var signedIn = await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        var cookie = signedIn
            .Headers.GetValues("Set-Cookie")
            .Single(value => value.StartsWith("portal-session=", StringComparison.Ordinal))
            .Split(';')[0];
        await browser.SubmitAsync("/account/security", "sign-out-everywhere", []);
        using var thief = portal.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        thief.DefaultRequestHeaders.Add("Cookie", cookie);
        Assert.Equal(HttpStatusCode.Found, (await thief.GetAsync("/account")).StatusCode);
    }

    [Fact]
    public async Task Scripts_list_and_end_the_sign_ins_of_their_account()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        using var browser = await SignInAsync(portal, PortalHost.OperatorEmail, PortalHost.OperatorPassword);
        var account = JsonNode.Parse(await api.GetStringAsync("/api/v1/account"))!;
        Assert.Equal((PortalHost.OperatorEmail, true), ((string)account["email"]!, (bool)account["isOperator"]!));
        var session = JsonNode.Parse(await api.GetStringAsync("/api/v1/account/sessions"))!["items"]!.AsArray().Single()!;
        Assert.Equal(("password", false), ((string)session["method"]!, (bool)session["isCurrent"]!));
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync($"/api/v1/account/sessions/{session["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await api.DeleteAsync($"/api/v1/account/sessions/{session["id"]}")).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await browser.GetAsync("/account")).StatusCode);

        using var again = await SignInAsync(portal, PortalHost.OperatorEmail, PortalHost.OperatorPassword);
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/api/v1/account/sessions")).StatusCode);
        Assert.Equal(HttpStatusCode.Found, (await again.GetAsync("/account")).StatusCode);
        var audit = await api.GetStringAsync("/api/v1/operator/audit?operation=account");
        foreach (var operation in new[] { "account.create-first", "account.sign-in", "account.session.end", "account.sign-out-everywhere" })
            Assert.Contains(operation, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_changes_when_the_links_in_both_mails_were_opened()
    {
        await using var portal = new PortalHost();
        using var browser = await portal.SignedUpAsync("ada@example.com");
        await browser.SubmitAsync("/account/email", "change-email", new() { ["Input.Email"] = "ada@new.example" });
        Assert.Contains("waits for its link", await browser.GetStringAsync("/account/email"), StringComparison.Ordinal);
        using var phone = portal.Browser();
        foreach (var (to, answer) in new[] { ("ada@new.example", "Confirmed here"), ("ada@example.com", "The address is changed") })
        {
            var link = (await portal.NewestMailAsync(to)).ActionUrl!.PathAndQuery;
            Assert.Contains(
                answer,
                await (await phone.SubmitAsync(link, "confirm-email", [])).Content.ReadAsStringAsync(),
                StringComparison.Ordinal
            );
        }
        Assert.Contains("ada@new.example", await browser.GetStringAsync("/account"), StringComparison.Ordinal);
        using var again = await SignInAsync(portal, "ada@new.example");
        Assert.Equal(HttpStatusCode.OK, (await again.GetAsync("/account")).StatusCode);
    }

    [Fact]
    public async Task Scripts_read_the_protection_of_their_account()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        Assert.Equal("""{"isOn":false,"recoveryCodesLeft":0}""", await api.GetStringAsync("/api/v1/account/two-factor"));
        Assert.Equal("""{"items":[],"next":null}""", await api.GetStringAsync("/api/v1/account/passkeys"));
        var missing = await api.DeleteAsync("/api/v1/account/passkeys/AQIDBA");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Contains("passkey-not-found", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_needs_a_fresh_proof_leads_to_the_page_that_takes_it_and_back()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:SignIn:ConfirmAfterMinutes"] = "1" } };
        using var browser = await portal.SignedUpAsync("ada@example.com");
        Assert.Contains("QR code", await browser.GetStringAsync("/account/two-factor"), StringComparison.Ordinal);
        await portal
            .Services.GetRequiredService<Portal.Domain.Access.IPortalDatabase>()
            .UpdateAsync(
                null,
                null,
                async session =>
                {
                    var account = (
                        await session.Accounts.FindAsync(
                            Portal.Domain.Access.EmailAddress.Create("ada@example.com").Value,
                            CancellationToken.None
                        )
                    )!
                        .Account
                        .Id;
                    var now = portal.Services.GetRequiredService<TimeProvider>().GetUtcNow();
                    foreach (var one in (await session.Sessions.ListAsync(account, now, new(), CancellationToken.None)).Items)
                        one.Confirm(now.AddMinutes(-2));
                    return true;
                },
                CancellationToken.None
            );
        Assert.Contains(
            "account/confirm?returnUrl=%2Faccount%2Ftwo-factor",
            await browser.GetStringAsync("/account/two-factor"),
            StringComparison.Ordinal
        );
        var wrong = await browser.SubmitAsync(
            "/account/confirm?returnUrl=%2Faccount%2Ftwo-factor",
            "confirm",
            new() { ["Input.Proof"] = "wrong" }
        );
        Assert.Contains("That is incorrect", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var right = await browser.SubmitAsync(
            "/account/confirm?returnUrl=%2Faccount%2Ftwo-factor",
            "confirm",
            new() { ["Input.Proof"] = PortalHost.Password }
        );
        Assert.EndsWith("/account/two-factor", right.Headers.Location?.ToString(), StringComparison.Ordinal);
        var elsewhere = await browser.SubmitAsync(
            "/account/confirm?elsewhere=true",
            "confirm",
            new() { ["Input.Proof"] = PortalHost.Password }
        );
        Assert.Contains("Close this tab", await elsewhere.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("QR code", await browser.GetStringAsync("/account/two-factor"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\tevil.example")]
    [InlineData("\\\\evil.example")]
    public async Task Nobody_is_sent_to_another_site_after_signing_in(string returnUrl)
    {
        await using var portal = new PortalHost();
        using var browser = portal.Browser();
        var page = $"/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}";
        var answer = await browser.SubmitAsync(
            page,
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal("http://localhost/", new Uri(new Uri("http://localhost"), answer.Headers.Location!).ToString());
    }

    private static async Task<HttpClient> SignInAsync(PortalHost portal, string email, string password = PortalHost.Password)
    {
        var browser = portal.Browser();
        await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = email, ["Input.Password"] = password });
        return browser;
    }

    [GeneratedRegex("name=\"Ended.Session\" value=\"([^\"]+)\"")]
    private static partial Regex SessionButton();
}
