using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Organizations;
using Portal.Shell;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class CommandPaletteTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task It_finds_pages_topics_and_what_may_be_created()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var palette = Open(_ => true);
        Assert.Equal(["Pages", "Actions"], Groups(palette));
        Assert.Contains("Billing", palette.Find("[role=listbox]").TextContent, StringComparison.Ordinal);

        Type(palette, "orders");
        palette.WaitForAssertion(() => Assert.Equal($"o/{Org}/tenants/shop/default/orders", palette.Find("[aria-label=Topics] [role=option]").GetAttribute("href")), Soon);
        Assert.Equal("shop/default", palette.Find("[aria-label=Topics] .below").TextContent);

        Type(palette, "shop");
        palette.WaitForAssertion(() => Assert.Contains("Create topic in shop", palette.Find("[aria-label=Actions]").TextContent, StringComparison.Ordinal), Soon);
        Type(palette, "invoices");
        palette.WaitForAssertion(() => Assert.Equal(["Billing"], palette.FindAll("[role=option] .what").Select(option => option.TextContent)), Soon);
        Type(palette, "zzz");
        palette.WaitForAssertion(() => Assert.Contains("Nothing is called “zzz”", palette.Find("[role=status]").TextContent, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task It_offers_only_what_the_role_allows()
    {
        await TenantAsync();
        var palette = Open(permission => permission is Permission.ViewOrganization or Permission.ViewUsage);
        Assert.DoesNotContain("Tenants", palette.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Create tenant", palette.Markup, StringComparison.Ordinal);
        Type(palette, "shop");
        palette.WaitForAssertion(() => Assert.Contains("Nothing is called", palette.Find("[role=status]").TextContent, StringComparison.Ordinal), Soon);
        Assert.Empty(palette.FindAll("[data-problem]"));
    }

    [Fact]
    public async Task In_a_tenant_its_own_actions_come_first_and_other_organizations_are_a_word_away()
    {
        await TenantAsync();
        await Use<CreateOrganization>().RunAsync(Owner, "Southwind", "southwind", "free", CancellationToken.None);
        Services.GetRequiredService<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop?tab=connect");
        var palette = Open(_ => true);
        Assert.Equal("Create topic in shop", palette.Find("[aria-label=Actions] .what").TextContent);
        Type(palette, "southw");
        palette.WaitForAssertion(() => Assert.Equal("o/southwind", palette.Find("[aria-label=Organizations] [role=option]").GetAttribute("href")), Soon);
    }

    private IRenderedComponent<CommandPalette> Open(Func<Permission, bool> sees) => Render<CommandPalette>(parameters => parameters.Add(one => one.Slug, Org).Add(one => one.Sees, sees));

    private static IEnumerable<string?> Groups(IRenderedComponent<CommandPalette> palette) => palette.FindAll("[role=group]").Select(group => group.GetAttribute("aria-label"));

    /// <summary>And the pause after it is over.</summary>
    private void Type(IRenderedComponent<CommandPalette> palette, string words)
    {
        palette.Find("#palette-search").Input(words);
        Clock.Advance(TimeSpan.FromSeconds(1));
    }
}
