using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed partial class ExternalSignInTests
{
    [Fact]
    public async Task An_organizations_provider_makes_members_of_its_proven_domain_only()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        var organization = await OrganizationAsync(portal, api, "northwind", "northwind.example");
        var identity = new ExternalIdentity(
            $"{organization}|https://login.northwind.example",
            "Northwind",
            organization,
            "n-1",
            "ada@northwind.example",
            null
        );
        Assert.Equal("sso-not-ready", await CodeAsync(portal, identity));
        await ApproveAsync(api, "northwind", "northwind.example");
        var ada = await DoneAsync(portal, identity);
        Assert.Equal("developer", await RoleAsync(portal, ada, organization));
        Assert.Equal("sso-domain-mismatch", await CodeAsync(portal, identity with { Subject = "n-2", Email = "ada@evil.example" }));
        Assert.Equal(
            "sso-domain-mismatch",
            await CodeAsync(portal, identity with { Subject = "n-2", Email = "ada@sub.northwind.example" })
        );
        // Who was taken out does not come back through the provider, only by an invitation.
        Assert.Equal(
            HttpStatusCode.NoContent,
            (await api.DeleteAsync($"/api/v1/organizations/northwind/members/{ada.Account.Id}")).StatusCode
        );
        Assert.Equal("removed-from-organization", await CodeAsync(portal, identity));
        // The same issuer and subject, named by another organization, is somebody else.
        var other = await OrganizationAsync(portal, api, "southwind", "southwind.example");
        await ApproveAsync(api, "southwind", "southwind.example");
        Assert.Equal(
            "sso-domain-mismatch",
            await CodeAsync(portal, identity with { Link = $"{other}|https://login.northwind.example", OrganizationId = other })
        );
        // A proven domain belongs to one organization; another may ask and is not confirmed.
        await OrganizationAsync(portal, api, "eastwind", "northwind.example");
        var taken = await api.PostAsJsonAsync("/api/v1/operator/sign-in-domains/eastwind/approve", new { domain = "northwind.example" });
        Assert.Contains("domain-taken", await taken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_by_the_provider_holds_for_members_of_the_domain_and_never_for_owners()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        var organization = await OrganizationAsync(portal, api, "northwind", "northwind.example");
        Assert.Equal("domain-not-proven", await RequireAsync(api));
        await ApproveAsync(api, "northwind", "northwind.example");
        Assert.Equal("sso-untried", await RequireAsync(api));

        // An owner links and comes through it once.
        using (await portal.SignedUpAsync("olga@northwind.example")) { }
        var owner = await PersonAsync(portal, "olga@northwind.example");
        await JoinAsync(portal, organization, owner, Role.Owner);
        var link = $"{organization}|https://login.northwind.example";
        var ownersIdentity = new ExternalIdentity(link, "Northwind", organization, "n-owner", "olga@northwind.example", true);
        await portal.Services.GetRequiredService<LinkExternalLogin>().RunAsync(owner, ownersIdentity, CancellationToken.None);
        await DoneAsync(portal, ownersIdentity);
        Assert.Null(await RequireAsync(api));

        var ada = await DoneAsync(portal, new(link, "Northwind", organization, "n-1", "ada@northwind.example", true));
        var get = portal.Services.GetRequiredService<Portal.Domain.Organizations.GetOrganization>();
        var byPassword = new Actor(ada.Account.Id, ada.Account.Email, false);
        Assert.Equal("sso-required", (await get.RunAsync(byPassword, "northwind", CancellationToken.None)).Problem?.Code);
        Assert.Equal(
            "sso-required",
            (await get.RunAsync(byPassword with { Provider = Google }, "northwind", CancellationToken.None)).Problem?.Code
        );
        Assert.True((await get.RunAsync(byPassword with { Provider = link }, "northwind", CancellationToken.None)).IsOk);
        Assert.True((await get.RunAsync(owner, "northwind", CancellationToken.None)).IsOk);
        // Another address would be a way around it.
        var away = await portal
            .Services.GetRequiredService<RequestEmailChange>()
            .RunAsync(await PersonAsync(portal, "ada@northwind.example"), "ada@private.example", CancellationToken.None);
        Assert.Equal("email-of-organization", away.Problem?.Code);
        // Another provider has to be tried again; until then every way is open.
        await SaveAsync(api, "northwind", "northwind.example", "https://other.northwind.example");
        Assert.True((await get.RunAsync(byPassword, "northwind", CancellationToken.None)).IsOk);

        async Task<string?> RequireAsync(HttpClient client)
        {
            var answer = await client.PutAsJsonAsync("/api/v1/organizations/northwind/sign-in/required", new { required = true });
            return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"];
        }
    }

    [Fact]
    public async Task Whoever_runs_an_organizations_provider_gets_nothing_of_its_members_but_the_organization()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        var north = await OrganizationAsync(portal, api, "northwind", "northwind.example");
        await ApproveAsync(api, "northwind", "northwind.example");
        using var ada = await portal.SignedUpAsync("ada@northwind.example");
        await ada.PostAsJsonAsync("/api/v1/organizations", new { name = "Ada's own", slug = "adas-own" });
        var person = await PersonAsync(portal, "ada@northwind.example");
        var identity = new ExternalIdentity(
            $"{north}|https://login.northwind.example",
            "Northwind",
            north,
            "n-1",
            "ada@northwind.example",
            true
        );
        Assert.True(
            (await portal.Services.GetRequiredService<LinkExternalLogin>().RunAsync(person, identity, CancellationToken.None)).IsOk
        );

        // The provider says her subject to a browser that never saw her password.
        var begun = await DoneAsync(portal, identity);
        var through = await ActorAsync(portal, begun.Session);
        Assert.Equal(north, through.Reach);
        var get = portal.Services.GetRequiredService<GetOrganization>();
        Assert.True((await get.RunAsync(through, "northwind", CancellationToken.None)).IsOk);
        Assert.Equal("own-sign-in-required", (await get.RunAsync(through, "adas-own", CancellationToken.None)).Problem?.Code);
        var listed = (await portal.Services.GetRequiredService<ListOrganizations>().RunAsync(through, new(), CancellationToken.None))
            .Value
            .Items;
        Assert.Equal(
            [("adas-own", true), ("northwind", false)],
            listed.Select(access => (access.Organization.Slug, access.IsOutOfReach)).Order()
        );

        // Her own browser keeps what it may, comes in through the provider as well, and has proved nothing anew by it.
        var again = await portal.Services.GetRequiredService<SignInExternally>().RunAsync(person, identity, null, CancellationToken.None);
        Assert.Equal(person.Session, Assert.IsType<ExternalStep.Done>(again.Value).SignedIn.Session);
        var own = await ActorAsync(portal, person.Session!.Value);
        Assert.Equal((identity.Link, null), (own.Provider, own.Reach));
        Assert.True((await get.RunAsync(own, "adas-own", CancellationToken.None)).IsOk);
    }

    [Fact]
    public async Task An_operators_account_is_never_an_organizations_to_open()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        var north = await OrganizationAsync(portal, api, "northwind", "example.com");
        await ApproveAsync(api, "northwind", "example.com");
        var identity = new ExternalIdentity(
            $"{north}|https://login.northwind.example",
            "Northwind",
            north,
            "n-1",
            PortalHost.OperatorEmail,
            true
        );
        var op = await PersonAsync(portal, PortalHost.OperatorEmail);
        Assert.Equal(
            "operator-account",
            (await portal.Services.GetRequiredService<LinkExternalLogin>().RunAsync(op, identity, CancellationToken.None)).Problem?.Code
        );
        // A link from before the account ran the platform.
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                session =>
                {
                    session.ExternalLogins.Add(new(identity, op.AccountId!.Value, TimeProvider.System.GetUtcNow()));
                    return Task.FromResult(true);
                },
                CancellationToken.None
            );
        Assert.Equal("operator-account", await CodeAsync(portal, identity));
        Assert.False((op with { Provider = identity.Link }).IsOperator);
        Assert.True((op with { Provider = identity.Link, ProvedHere = true }).IsOperator);
    }

    [Fact]
    public async Task Who_is_bound_to_the_provider_can_leave_without_it()
    {
        await using var portal = new PortalHost();
        using var api = await portal.OperatorAsync();
        using var ada = await portal.SignedUpAsync("ada@northwind.example");
        var north = await OrganizationAsync(portal, api, "northwind", "northwind.example");
        await ApproveAsync(api, "northwind", "northwind.example");
        await JoinAsync(portal, north, await PersonAsync(portal, "ada@northwind.example"), Role.Developer);
        await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    (await session.Organizations.FindAsync(north, CancellationToken.None))!.RequireSignInFor("northwind.example");
                    return true;
                },
                CancellationToken.None
            );
        Assert.Equal(HttpStatusCode.Forbidden, (await ada.GetAsync("/api/v1/organizations/northwind")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ada.DeleteAsync("/api/v1/organizations/northwind/members/me")).StatusCode);
    }
}
