using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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
        var signedIn = await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword });
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(value => value.StartsWith("portal-session=", StringComparison.Ordinal)).Split(';')[0];
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

    private static async Task<HttpClient> SignInAsync(PortalHost portal, string email, string password = PortalHost.Password)
    {
        var browser = portal.Browser();
        await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = email, ["Input.Password"] = password });
        return browser;
    }

    [GeneratedRegex("name=\"Ended.Session\" value=\"([^\"]+)\"")]
    private static partial Regex SessionButton();
}
