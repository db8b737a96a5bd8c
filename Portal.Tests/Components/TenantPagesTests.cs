using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Features.Tenants;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class TenantPagesTests : PageTest
{
    [Fact]
    public void Without_tenants_the_page_offers_to_make_one()
    {
        var page = Render<TenantsPage>(parameters => parameters.Add(one => one.Org, Org));

        Assert.Contains("No tenants yet", page.Markup, StringComparison.Ordinal);
        Assert.NotNull(page.Find(".empty a[href='o/northwind/tenants/new']"));
    }

    [Fact]
    public async Task A_created_tenant_appears_in_the_list_and_becomes_ready_without_a_reload()
    {
        var tenant = await TenantAsync();
        var page = Render<TenantsPage>(parameters => parameters.Add(one => one.Org, Org));
        Assert.Equal("creating…", page.Find("tbody .chip").TextContent);

        await Database.UpdateAsync(
            null,
            tenant.OrganizationId,
            async session =>
            {
                (await session.Tenants.FindAsync(tenant.Id, CancellationToken.None))!.Ready(Clock.GetUtcNow());
                return true;
            },
            CancellationToken.None
        );
        Clock.Advance(TimeSpan.FromSeconds(2));

        page.WaitForAssertion(() => Assert.Equal("ready", page.Find("tbody .chip").TextContent), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_stranger_is_told_that_there_is_no_such_organization()
    {
        var page = Render<TenantsPage>(parameters => parameters.Add(one => one.Org, "somebody-else"));

        Assert.Equal("organization-not-found", page.Find("[role=alert]").GetAttribute("data-problem"));
    }

    [Fact]
    public void A_reserved_name_is_refused_while_it_is_typed()
    {
        var page = Render<NewTenantPage>(parameters => parameters.Add(one => one.Org, Org));

        page.Find("#name").Input("public");
        Clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(
            () => Assert.Contains("reserved", page.Find(".field .error").TextContent, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10)
        );
    }

    [Fact]
    public async Task One_tenant_more_than_the_plan_allows_is_refused_with_the_limit()
    {
        await TenantAsync("first");
        var page = Render<NewTenantPage>(parameters => parameters.Add(one => one.Org, Org));

        page.Find("#name").Input("second");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(
            () => Assert.Equal("tenants-limit", page.Find("[data-problem]").GetAttribute("data-problem")),
            TimeSpan.FromSeconds(10)
        );
        Assert.DoesNotContain("second", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_is_made_opens()
    {
        var page = Render<NewTenantPage>(parameters => parameters.Add(one => one.Org, Org));

        page.Find("#name").Input("shop");
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(
            () =>
                Assert.EndsWith("o/northwind/tenants/shop", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10)
        );
    }

    [Fact]
    public async Task A_tenant_is_deleted_only_after_its_name_was_typed()
    {
        var tenant = await TenantAsync();
        var dialogs = RenderDialogs();
        var tab = Render<TenantSettingsTab>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, tenant));

        var clicked = tab.Find(".btn.bad").ClickAsync();
        dialogs.WaitForElement("#confirm-name", TimeSpan.FromSeconds(10));
        Assert.True(dialogs.Find(".btn.bad").HasAttribute("disabled"));
        dialogs.Find("#confirm-name").Input("shop");
        await dialogs.Find(".btn.bad").ClickAsync();
        await clicked;

        var found = await Use<GetTenant>().RunAsync(Owner, Org, "shop", CancellationToken.None);
        Assert.Equal(ResourceState.Deleting, found.Value.State);
    }
}
