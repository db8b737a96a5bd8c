using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>OpenID Connect against what others wrote: the certified provider and the certified client for Node.js, in a browser.</summary>
public sealed class OidcJourneyTests
{
    [Fact]
    public async Task A_provider_of_the_settings_signs_people_in_and_never_into_an_account_that_is_not_linked()
    {
        await using var browser = await Browser.StartAsync();
        var port = RunningPortal.FreePort();
        await using var portal = await PortalHere.StartAsync(
            new Dictionary<string, string>
            {
                ["Portal__SignIn__Providers__0__Name"] = "Our Company",
                ["Portal__SignIn__Providers__0__Authority"] = $"http://localhost:{port}",
                ["Portal__SignIn__Providers__0__ClientId"] = "portal",
                ["Portal__SignIn__Providers__0__ClientSecret"] = "a-secret-of-the-provider",
            }
        );
        await using var provider = await ProviderAsync(port, new Uri(portal.Url, "sign-in/external/our-company/callback"));

        var ada = await browser.VisitorAsync(portal.Url);
        await SignInAsync(ada, "ada@example.com");
        await ada.Page.GotoAsync("account");
        await ada.Page.GetByText("ada@example.com").WaitForAsync();
        await ada.Page.GotoAsync("account/security");
        await ada.Page.GetByRole(AriaRole.Button, new() { Name = "Unlink Our Company" }).ClickAsync();
        await ada.Page.GetByText("your only sign-in method").WaitForAsync();
        await ada.LookedAtAsync();
        // The same person again: the same account, which has one way in.
        var again = await browser.VisitorAsync(portal.Url);
        await SignInAsync(again, "ada@example.com");
        await again.Page.GotoAsync("account/security");
        Assert.Equal(2, await again.Page.GetByText("external provider").CountAsync());

        var unverified = await browser.VisitorAsync(portal.Url);
        await unverified.Page.GotoAsync("sign-in");
        await unverified.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Our Company" }).ClickAsync();
        await AtTheProviderAsync(unverified, "unverified@example.com");
        await unverified.Page.GetByText("isn't verified").WaitForAsync();
        await unverified.LookedAtAsync();

        // The operator has an account already: signs in to it, then links.
        var owner = await browser.VisitorAsync(portal.Url);
        await owner.Page.GotoAsync("sign-in");
        await owner.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Our Company" }).ClickAsync();
        await AtTheProviderAsync(owner, RunningPortal.OperatorEmail);
        await owner.HeadingAsync("You already have an account");
        await owner.LookedAtAsync();
        await owner.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await owner.FillAsync("Email", RunningPortal.OperatorEmail);
        await owner.FillAsync("Password", RunningPortal.OperatorPassword);
        await owner.PressAsync("Sign in");
        await owner.HeadingAsync("Link with Our Company?");
        await owner.LookedAtAsync();
        await owner.PressAsync("Link them");
        await owner.Page.WaitForURLAsync(url => !url.Contains("/sign-in", StringComparison.Ordinal));
        var later = await browser.VisitorAsync(portal.Url);
        await SignInAsync(later, RunningPortal.OperatorEmail);
        await later.Page.GotoAsync("account");
        await later.Page.GetByText("Operator of this platform").WaitForAsync();
    }

    [Fact]
    public async Task A_person_links_a_provider_from_the_account_and_unlinks_it()
    {
        await using var browser = await Browser.StartAsync();
        var port = RunningPortal.FreePort();
        await using var portal = await PortalHere.StartAsync(
            new Dictionary<string, string>
            {
                ["Portal__SignIn__Providers__0__Name"] = "Our Company",
                ["Portal__SignIn__Providers__0__Authority"] = $"http://localhost:{port}",
                ["Portal__SignIn__Providers__0__ClientId"] = "portal",
                ["Portal__SignIn__Providers__0__ClientSecret"] = "a-secret-of-the-provider",
            }
        );
        await using var provider = await ProviderAsync(port, new Uri(portal.Url, "sign-in/external/our-company/callback"));
        var owner = await browser.VisitorAsync(portal.Url);
        await owner.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await owner.Page.GotoAsync("account/security");
        await owner.PressAsync("Link Our Company");
        // Another address there does not matter: the person asked for it, here.
        await AtTheProviderAsync(owner, "somebody@elsewhere.example");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Unlink Our Company" }).WaitForAsync();
        await owner.LookedAtAsync();
        await owner.PressAsync("Unlink Our Company");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Link Our Company", Exact = true }).WaitForAsync();
    }

    [Fact]
    public async Task An_organizations_own_provider_makes_its_people_members()
    {
        await using var browser = await Browser.StartAsync();
        var port = RunningPortal.FreePort();
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await using var provider = await ProviderAsync(port, new Uri(portal.Url, "sign-in/sso/northwind/callback"));

        // The owner sets it up in the browser, the operator confirms the domain: here both are one person.
        var owner = await browser.VisitorAsync(portal.Url);
        await owner.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await owner.GoAsync("o/northwind/settings/sign-in");
        await owner.FillAsync("Issuer", $"http://localhost:{port}");
        await owner.FillAsync("Client id", "portal");
        await owner.FillAsync("Client secret", "a-secret-of-the-provider");
        await owner.FillAsync("Email domain", "northwind.example");
        await owner.Page.GetByLabel("Role for new members").SelectOptionAsync("developer");
        await owner.PressAsync("Save");
        await owner.Page.GetByText("waits for the operator").WaitForAsync();
        await owner.LookedAtAsync();
        await owner.GoAsync("operator/sign-in");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm northwind.example" }).ClickAsync();
        await owner.Page.Locator("#confirm-name").FillAsync("northwind.example");
        await owner.PressAsync("Confirm");
        await owner.Page.GetByText("confirmed").First.WaitForAsync();
        await owner.LookedAtAsync();

        var ada = await browser.VisitorAsync(portal.Url);
        await ada.Page.GotoAsync("sign-in");
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your organization" }).ClickAsync();
        await ada.FillAsync("Work email", "ada@northwind.example");
        await ada.PressAsync("Continue");
        await AtTheProviderAsync(ada, "ada@northwind.example");
        await ada.Page.WaitForURLAsync(url =>
            url.StartsWith(portal.Url.ToString(), StringComparison.Ordinal) && !url.Contains("/sign-in", StringComparison.Ordinal)
        );
        var members = (await rest.GetAsync("/api/v1/organizations/northwind/members"))["items"]!.AsArray();
        Assert.Contains(members, member => (string)member!["email"]! == "ada@northwind.example" && (string)member["role"]! == "developer");

        var eve = await browser.VisitorAsync(portal.Url);
        await eve.Page.GotoAsync("sign-in/sso/northwind");
        await AtTheProviderAsync(eve, "eve@evil.example");
        await eve.Page.GetByText("isn't in this organization's domain").WaitForAsync();
    }

    [Fact]
    public async Task A_tool_that_others_wrote_signs_in_through_the_portal()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        var port = RunningPortal.FreePort();
        using var person = await portal.OperatorAsync();
        var made = await person.PostAsync(
            "/api/v1/operator/oidc-clients",
            new JsonObject
            {
                ["name"] = "Orders dashboard",
                ["confidential"] = true,
                ["redirectUris"] = new JsonArray($"http://localhost:{port}/callback"),
                ["scopes"] = new JsonArray("openid", "email", "offline_access", "portal.read"),
            },
            HttpStatusCode.Created
        );
        await using var tool = await NodePrograms.StartAsync(
            "client.mjs",
            new Dictionary<string, string>
            {
                ["ISSUER"] = portal.Url.ToString(),
                ["CLIENT_ID"] = (string)made["id"]!,
                ["CLIENT_SECRET"] = (string)made["secret"]!,
                ["PORT"] = $"{port}",
            }
        );
        var visitor = await browser.VisitorAsync(portal.Url);
        await visitor.Page.GotoAsync(await tool.ValueAsync("START"));
        await visitor.FillAsync("Email", RunningPortal.OperatorEmail);
        await visitor.FillAsync("Password", RunningPortal.OperatorPassword);
        await visitor.PressAsync("Sign in");
        await visitor.HeadingAsync("Let Orders dashboard in?");
        await visitor.LookedAtAsync();
        await visitor.PressAsync("Allow");
        await visitor.Page.GetByText("Signed in to the tool").WaitForAsync();
        var result = JsonNode.Parse(await tool.ValueAsync("RESULT"))!;
        Assert.Equal(RunningPortal.OperatorEmail, (string?)result["email"]);
        Assert.True((bool?)result["rotated"]);
        Assert.Equal(200, (int?)result["organizations"]);
        Assert.Equal("invalid_grant", (string?)result["again"]);
        await visitor.Page.GotoAsync(new Uri(portal.Url, "account/applications").ToString());
        await visitor.Page.GetByText("Orders dashboard").First.WaitForAsync();
        await visitor.LookedAtAsync();
    }

    private static async Task<ChildProcess> ProviderAsync(int port, Uri redirect)
    {
        var provider = await NodePrograms.StartAsync(
            "provider.mjs",
            new Dictionary<string, string> { ["PORT"] = $"{port}", ["REDIRECT_URIS"] = redirect.ToString() }
        );
        await provider.ValueAsync("ISSUER");
        return provider;
    }

    private static async Task SignInAsync(Visitor visitor, string name)
    {
        await visitor.Page.GotoAsync("sign-in");
        await visitor.LookedAtAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with Our Company" }).ClickAsync();
        await AtTheProviderAsync(visitor, name);
        await visitor.Page.WaitForURLAsync(url =>
            url.StartsWith("http://localhost", StringComparison.Ordinal)
            && !url.Contains("/sign-in", StringComparison.Ordinal)
            && !url.Contains("/interaction/", StringComparison.Ordinal)
        );
    }

    /// <summary>The pages that the provider brings for development: a name, then its own consent.</summary>
    private static async Task AtTheProviderAsync(Visitor visitor, string name)
    {
        await visitor.Page.Locator("input[name=login]").FillAsync(name);
        await visitor.Page.Locator("input[name=password]").FillAsync("whatever");
        await visitor.Page.Locator("button[type=submit]").ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }
}
