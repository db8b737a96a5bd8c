using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A colleague from the invitation to the removal, and a key from its making to its end.</summary>
public sealed class MembersJourneyTests
{
    private const string Org = "/api/v1/organizations/northwind";
    private const string Password = "a quiet river bends slowly 7";

    [Fact]
    public async Task A_colleague_is_invited_to_one_tenant_works_there_and_is_removed()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        await TwoTenantsAsync(rest);
        var owner = await browser.VisitorAsync(portal.Url);
        await owner.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await InviteAsync(owner);

        var ines = await browser.VisitorAsync(portal.Url);
        await JoinAsync(ines);
        await SeesOnlyTheShopAsync(ines);

        // Her page is open, with a button that creates a topic, when she is removed elsewhere.
        await ines.GoAsync("o/northwind/tenants/shop/topics/new");
        await ines.Page.Locator("#name").FillAsync("orders");
        await RemoveAsync(owner);
        await ines.PressAsync("Create topic");
        await Assertions
            .Expect(ines.Page.Locator("[data-problem=organization-not-found]").First)
            .ToBeVisibleAsync(new() { Timeout = 30_000 });
        Assert.Empty((await rest.GetAsync($"{Org}/tenants/shop/namespaces/default/topics"))["items"]!.AsArray());
    }

    [Fact]
    public async Task A_key_is_made_in_the_browser_used_rotated_and_revoked()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        var owner = await browser.VisitorAsync(portal.Url);
        await owner.SignInAsync(RunningPortal.OperatorEmail, RunningPortal.OperatorPassword);
        await owner.GoAsync("o/northwind/settings/api-keys");
        await owner.LookedAtAsync();
        await owner.PressAsync("New API key");
        await owner.Page.Locator("#api-key-name").FillAsync("deploy");
        await owner.LookedAtAsync();
        await owner.PressAsync("Create API key");
        using var first = new RestClient(portal.Url, await ShownAsync(owner));
        await first.GetAsync($"{Org}/tenants");

        await owner.PressAsync("Rotate deploy");
        await owner.PressAsync("Rotate");
        using var second = new RestClient(portal.Url, await ShownAsync(owner));
        await first.GetAsync($"{Org}/tenants");
        await second.GetAsync($"{Org}/tenants");

        var row = owner.Page.Locator("tr[data-api-key=deploy]").Filter(new() { HasText = "rotated" });
        await row.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await owner.Page.Locator("#confirm-name").FillAsync("deploy");
        await owner.PressAsync("Revoke key");
        await Assertions.Expect(owner.Page.Locator(".chip", new() { HasText = "revoked" })).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await first.SendAsync(HttpMethod.Get, $"{Org}/tenants")).Status);
        await second.GetAsync($"{Org}/tenants");
        await owner.LookedAtAsync();
    }

    private static async Task TwoTenantsAsync(RestClient rest)
    {
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            HttpStatusCode.Created
        );
        await rest.PutAsync("/api/v1/operator/organizations/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        foreach (var name in new[] { "shop", "plant" })
        {
            await rest.PostAsync($"{Org}/tenants", new JsonObject { ["name"] = name }, HttpStatusCode.Accepted);
            await rest.SettledAsync($"{Org}/tenants/{name}/namespaces/default");
        }
    }

    private static async Task InviteAsync(Visitor owner)
    {
        await owner.GoAsync("o/northwind/settings/members");
        await owner.LookedAtAsync();
        await owner.PressAsync("Invite member");
        await owner.Page.Locator("#invite-email").FillAsync("ines@northwind.example");
        await owner.Page.Locator("#role-tenant").SelectOptionAsync("shop");
        await owner.LookedAtAsync();
        await owner.PressAsync("Send invitation");
        await Assertions.Expect(owner.Page.Locator("tr[data-invitation]").Filter(new() { HasText = "pending" })).ToBeVisibleAsync();
    }

    private static async Task JoinAsync(Visitor visitor)
    {
        // The mail is sent after the commit.
        var mail = visitor.Page.Locator("article").Filter(new() { HasText = "ines@northwind.example" }).Locator("a.btn").First;
        await Eventually.TrueAsync(
            async () =>
            {
                await visitor.Page.GotoAsync("outbox");
                return await mail.CountAsync() > 0;
            },
            "the invitation is in the outbox"
        );
        await mail.ClickAsync();
        await visitor.HeadingAsync("Join Northwind");
        await visitor.LookedAtAsync();
        await visitor.FillAsync("Password", Password);
        await visitor.PressAsync("Create the account and join");
        await visitor.Page.WaitForURLAsync(url => url.EndsWith("/o/northwind", StringComparison.Ordinal));
    }

    private static async Task SeesOnlyTheShopAsync(Visitor visitor)
    {
        await visitor.GoAsync("o/northwind/tenants");
        await Assertions.Expect(visitor.Page.Locator("main a", new() { HasText = "shop" }).First).ToBeVisibleAsync();
        Assert.Equal(0, await visitor.Page.Locator("main a", new() { HasText = "plant" }).CountAsync());
        await visitor.GoAsync("o/northwind/tenants/plant");
        await Assertions.Expect(visitor.Page.Locator("[data-problem=tenant-not-found]").First).ToBeVisibleAsync();
        await visitor.GoAsync("o/northwind/settings/general");
        await visitor.HeadingAsync("Settings");
        // What her role does not open is not offered.
        Assert.Equal(0, await visitor.Page.Locator(".tabs a", new() { HasText = "API keys" }).CountAsync());
        await visitor.LookedAtAsync();
    }

    private static async Task RemoveAsync(Visitor owner)
    {
        await owner.GoAsync("o/northwind/settings/members");
        await owner.PressAsync("Remove ines@northwind.example");
        await owner.Page.Locator("#confirm-name").FillAsync("ines@northwind.example");
        await owner.PressAsync("Remove member");
        await Assertions.Expect(owner.Page.Locator("tr[data-member='ines@northwind.example']")).ToHaveCountAsync(0);
    }

    private static async Task<string> ShownAsync(Visitor visitor)
    {
        var shown = visitor.Page.Locator(".mud-dialog .copy .value").First;
        await shown.WaitForAsync();
        var text = (await shown.InnerTextAsync()).Trim();
        Assert.StartsWith("ptl_", text, StringComparison.Ordinal);
        await visitor.PressAsync("I have copied it");
        await Assertions.Expect(visitor.Page.Locator(".mud-dialog")).ToHaveCountAsync(0);
        return text;
    }
}
