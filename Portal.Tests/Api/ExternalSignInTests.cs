using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Hosting.ExternalSignIn;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What the portal decides once a provider's tokens were checked; the protocol itself is in OidcJourneyTests.</summary>
public sealed partial class ExternalSignInTests
{
    private const string Google = "https://accounts.example.com";
    private static readonly Actor Visitor = Actor.Anonymous with { Address = "192.0.2.7" };

    [Fact]
    public async Task A_verified_address_makes_an_account_once_and_an_unverified_one_none()
    {
        await using var portal = new PortalHost();
        var first = await DoneAsync(portal, new(Google, "Google", null, "g-1", "ada@example.com", true));
        Assert.True(first.Account.EmailVerified);
        // The provider's subject is the person, not the address: it may change there.
        var again = await DoneAsync(portal, new(Google, "Google", null, "g-1", "ada@elsewhere.example", false));
        Assert.Equal(first.Account.Id, again.Account.Id);
        Assert.Equal("external-email-unverified", await CodeAsync(portal, new(Google, "Google", null, "g-2", "bo@example.com", false)));
        Assert.Equal("external-email-unverified", await CodeAsync(portal, new(Google, "Google", null, "g-2", "bo@example.com", null)));
        Assert.Equal("external-email-missing", await CodeAsync(portal, new(Google, "Google", null, "g-2", null, true)));
    }

    [Fact]
    public async Task An_account_with_the_address_is_never_merged_silently()
    {
        await using var portal = new PortalHost();
        using (await portal.SignedUpAsync("ada@example.com")) { }
        var identity = new ExternalIdentity(Google, "Google", null, "g-1", "Ada@Example.com", true);
        Assert.IsType<ExternalStep.LinkWanted>(await StepAsync(portal, identity));
        var ada = await PersonAsync(portal, "ada@example.com");
        Assert.True((await portal.Services.GetRequiredService<LinkExternalLogin>().RunAsync(ada, identity, CancellationToken.None)).IsOk);
        Assert.Equal(ada.AccountId, (await DoneAsync(portal, identity)).Account.Id);
        // What is linked to one account is not linked to another.
        var other = await PersonAsync(portal, PortalHost.OperatorEmail);
        Assert.Equal(
            "external-login-taken",
            (await portal.Services.GetRequiredService<LinkExternalLogin>().RunAsync(other, identity, CancellationToken.None)).Problem?.Code
        );
    }

    [Fact]
    public async Task A_password_that_somebody_set_before_the_address_was_proven_is_gone()
    {
        await using var portal = new PortalHost();
        using var eve = portal.Browser();
        await eve.SubmitAsync(
            "/sign-up",
            "sign-up",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        await DoneAsync(portal, new(Google, "Google", null, "g-1", "ada@example.com", true));
        var tried = await eve.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        Assert.Contains("Incorrect email or password", await tried.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_way_in_cannot_be_unlinked()
    {
        await using var portal = new PortalHost();
        var made = await DoneAsync(portal, new(Google, "Google", null, "g-1", "ada@example.com", true));
        var unlink = portal.Services.GetRequiredService<UnlinkExternalLogin>();
        var ada = new Actor(made.Account.Id, made.Account.Email, false) { Session = made.Session };
        Assert.Equal("last-way-in", (await unlink.RunAsync(ada, Google, "g-1", CancellationToken.None)).Problem?.Code);
        await portal
            .Services.GetRequiredService<LinkExternalLogin>()
            .RunAsync(ada, new("https://other.example", "Other", null, "o-1", null, null), CancellationToken.None);
        Assert.True((await unlink.RunAsync(ada, Google, "g-1", CancellationToken.None)).IsOk);
        Assert.Equal("last-way-in", (await unlink.RunAsync(ada, "https://other.example", "o-1", CancellationToken.None)).Problem?.Code);
    }

    [Fact]
    public async Task The_secret_is_kept_sealed_and_never_told()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        await OrganizationAsync(portal, api, "northwind", "northwind.example");
        var told = await api.GetStringAsync("/api/v1/organizations/northwind/sign-in");
        Assert.DoesNotContain("a-secret-of-the-provider", told, StringComparison.Ordinal);
        Assert.True((bool)JsonNode.Parse(told)!["hasSecret"]!);
        Assert.DoesNotContain(
            "a-secret-of-the-provider",
            await api.GetStringAsync("/api/v1/organizations/northwind/audit"),
            StringComparison.Ordinal
        );
        foreach (
            var wrong in new[]
            {
                "http://login.example.com",
                "https://user@login.example.com",
                "ftp://login.example.com",
                "login.example.com",
                "https://login.example.com/?x=1",
                "",
            }
        )
        {
            var refused = await api.PutAsJsonAsync(
                "/api/v1/organizations/northwind/sign-in",
                new
                {
                    issuer = wrong,
                    clientId = "portal",
                    domain = "northwind.example",
                }
            );
            Assert.Contains("issuer-malformed", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_so_and_an_unknown_one_too()
    {
        await using var portal = new PortalHost
        {
            Settings =
            {
                ["Portal:SignIn:Providers:0:Name"] = "Our Company",
                ["Portal:SignIn:Providers:0:Authority"] = "http://localhost:9",
                ["Portal:SignIn:Providers:0:ClientId"] = "portal",
            },
        };
        using var browser = portal.Browser();
        Assert.Contains("sign-in/external/our-company", await browser.GetStringAsync("/sign-in"), StringComparison.Ordinal);
        Assert.Equal(
            "/sign-in/failed?reason=provider-away",
            (await browser.GetAsync("/sign-in/external/our-company")).Headers.Location?.OriginalString
        );
        Assert.Equal(
            "/sign-in/failed?reason=provider-unknown",
            (await browser.GetAsync("/sign-in/external/other")).Headers.Location?.OriginalString
        );
        Assert.Equal(
            "/sign-in/failed?reason=provider-unknown",
            (await browser.GetAsync("/sign-in/sso/nobody")).Headers.Location?.OriginalString
        );
        Assert.Equal(
            "/sign-in/failed?reason=link-stale",
            (await browser.GetAsync("/sign-in/external/our-company?link=forged")).Headers.Location?.OriginalString
        );
        // An answer that nobody asked for.
        Assert.StartsWith(
            "/sign-in/failed?reason=provider-",
            (await browser.GetAsync("/sign-in/external/our-company/callback?code=x&state=y")).Headers.Location?.OriginalString,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Who_has_to_come_through_the_provider_is_shown_the_way_there()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        using var ada = await portal.SignedUpAsync("ada@northwind.example");
        var organization = await OrganizationAsync(portal, api, "northwind", "northwind.example");
        await ApproveAsync(api, "northwind", "northwind.example");
        var person = await PersonAsync(portal, "ada@northwind.example");
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    session.Organizations.Add(
                        new Portal.Domain.Access.Membership(
                            organization,
                            person.AccountId!.Value,
                            Role.Viewer,
                            TimeProvider.System.GetUtcNow()
                        )
                    );
                    (await session.Organizations.FindAsync(organization, CancellationToken.None))!.RequireSignInFor("northwind.example");
                    return true;
                },
                CancellationToken.None
            );
        var shown = await ada.GetStringAsync("/o/northwind/tenants");
        Assert.Contains("data-problem=\"sso-required\"", shown, StringComparison.Ordinal);
        Assert.Contains("sign-in/sso/northwind?returnUrl=%2Fo%2Fnorthwind%2Ftenants", shown, StringComparison.Ordinal);
        // Who types an address of the domain and a password that does not match hears of it too.
        using var browser = portal.Browser();
        var refused = await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = "bo@northwind.example", ["Input.Password"] = "whatever it may be" }
        );
        Assert.Contains("sign-in/sso/northwind", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var sent = await browser.SubmitAsync("/sign-in/sso", "sso", new() { ["Input.Email"] = "bo@northwind.example" });
        Assert.Contains(Uri.EscapeDataString("/sign-in/sso/northwind?"), sent.Headers.Location?.OriginalString, StringComparison.Ordinal);
        // The page that goes on by itself goes nowhere else.
        Assert.Equal("/sign-in", (await browser.GetAsync("/sign-in/continue?to=https://evil.example/")).Headers.Location?.OriginalString);
        Assert.Equal("/sign-in", (await browser.GetAsync("/sign-in/continue?to=//evil.example/")).Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task What_a_customer_typed_leads_neither_inside_nor_out_of_encryption()
    {
        using var http = new HttpClient(new OutboundGate().Handler(everywhere: false));
        var inside = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("https://localhost:1/"));
        Assert.Contains("not on the public internet", inside.ToString(), StringComparison.Ordinal);
        var plain = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("http://192.0.2.1/"));
        Assert.Contains("https only", plain.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.100.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fec0::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b:1::a00:1", false)]
    [InlineData("::10.0.0.1", false)]
    [InlineData("100::1", false)]
    [InlineData("2002:a00:1::", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("3fff::1", false)]
    [InlineData("5f00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("172.32.0.1", true)]
    [InlineData("2606:4700::1111", true)]
    public void A_customers_provider_lies_on_the_public_internet(string address, bool isPublic) =>
        Assert.Equal(isPublic, OutboundGate.IsPublic(IPAddress.Parse(address)));

    private static async Task<OrganizationId> OrganizationAsync(PortalHost portal, HttpClient api, string slug, string domain)
    {
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = slug, slug });
        await SaveAsync(api, slug, domain, "https://login.northwind.example");
        var found = await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .ReadAsync(session => session.Organizations.FindAsync(slug, CancellationToken.None), CancellationToken.None);
        return found!.Id;
    }

    private static async Task SaveAsync(HttpClient api, string slug, string domain, string issuer)
    {
        var saved = await api.PutAsJsonAsync(
            $"/api/v1/organizations/{slug}/sign-in",
            new
            {
                issuer,
                clientId = "portal",
                clientSecret = "a-secret-of-the-provider",
                domain,
                defaultRole = "developer",
            }
        );
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
    }

    private static async Task ApproveAsync(HttpClient api, string slug, string domain) =>
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await api.PostAsJsonAsync($"/api/v1/operator/sign-in-domains/{slug}/approve", new { domain })).StatusCode
        );

    private static async Task<string?> RoleAsync(PortalHost portal, SignedInAccount signedIn, OrganizationId organization) =>
        (
            await portal
                .Services.GetRequiredService<IPortalDatabase>()
                .ReadAsync(
                    session => session.Organizations.FindMembershipAsync(organization, signedIn.Account.Id, CancellationToken.None),
                    CancellationToken.None
                )
        )
            ?.Role.ToString()
            .ToLowerInvariant();

    /// <summary>Who a browser with the session's cookie is.</summary>
    private static async Task<Actor> ActorAsync(PortalHost portal, SessionId session)
    {
        var live = await portal.Services.GetRequiredService<CheckSession>().RunAsync(session, null, true, CancellationToken.None);
        return new(live!.Account.Id, live.Account.Email, live.Account.IsOperator)
        {
            Session = live.Id,
            Provider = live.Provider,
            ProvedHere = live.ProvedHere,
        };
    }

    private static Task<bool> JoinAsync(PortalHost portal, OrganizationId organization, Actor person, Role role) =>
        portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                session =>
                {
                    session.Organizations.Add(
                        new Portal.Domain.Access.Membership(organization, person.AccountId!.Value, role, TimeProvider.System.GetUtcNow())
                    );
                    return Task.FromResult(true);
                },
                CancellationToken.None
            );

    private static async Task<Actor> PersonAsync(PortalHost portal, string email)
    {
        var account = await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .ReadAsync(
                session => session.Accounts.FindAsync(EmailAddress.Create(email).Value, CancellationToken.None),
                CancellationToken.None
            );
        var signedIn = await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(null, session => BeginAsync(session, account!.Account.Id), CancellationToken.None);
        return new(account!.Account.Id, email, account.Account.IsOperator) { Session = signedIn.Session };

        static async Task<SignedInAccount> BeginAsync(IPortalSession session, AccountId id) =>
            await session.BeginAsync(
                (await session.Accounts.FindAsync(id, CancellationToken.None))!,
                SignInMethod.Password,
                Visitor,
                null,
                TimeProvider.System,
                CancellationToken.None
            );
    }

    private static Task<Outcome<ExternalStep>> RunAsync(PortalHost portal, ExternalIdentity identity) =>
        portal.Services.GetRequiredService<SignInExternally>().RunAsync(Visitor, identity, "a browser", CancellationToken.None);

    private static async Task<ExternalStep> StepAsync(PortalHost portal, ExternalIdentity identity) =>
        (await RunAsync(portal, identity)).Value;

    private static async Task<SignedInAccount> DoneAsync(PortalHost portal, ExternalIdentity identity) =>
        Assert.IsType<ExternalStep.Done>(await StepAsync(portal, identity)).SignedIn;

    private static async Task<string?> CodeAsync(PortalHost portal, ExternalIdentity identity) =>
        (await RunAsync(portal, identity)).Problem?.Code;
}
