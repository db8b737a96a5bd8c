using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
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
        var palette = Open(Role.Owner);
        Assert.Equal(["Pages", "Actions"], Groups(palette));
        Assert.Contains("Billing", palette.Find("[role=listbox]").TextContent, StringComparison.Ordinal);

        Type(palette, "orders");
        palette.WaitForAssertion(
            () =>
                Assert.Equal(
                    $"o/{Org}/tenants/shop/default/orders",
                    palette.Find("[aria-label=Topics] [role=option]").GetAttribute("href")
                ),
            Soon
        );
        Assert.Equal("shop/default", palette.Find("[aria-label=Topics] .below").TextContent);

        Type(palette, "shop");
        palette.WaitForAssertion(
            () => Assert.Contains("Create topic in shop", palette.Find("[aria-label=Actions]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Type(palette, "invoices");
        palette.WaitForAssertion(
            () => Assert.Equal(["Billing"], palette.FindAll("[role=option] .what").Select(option => option.TextContent)),
            Soon
        );
        Type(palette, "zzz");
        palette.WaitForAssertion(
            () => Assert.Contains("Nothing is called “zzz”", palette.Find("[role=status]").TextContent, StringComparison.Ordinal),
            Soon
        );
    }

    [Fact]
    public async Task It_offers_only_what_the_role_allows()
    {
        await TenantAsync();
        var palette = Open(Role.Billing);
        Assert.DoesNotContain("Tenants", palette.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Create tenant", palette.Markup, StringComparison.Ordinal);
        Type(palette, "shop");
        palette.WaitForAssertion(
            () => Assert.Contains("Nothing is called", palette.Find("[role=status]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Empty(palette.FindAll("[data-problem]"));
    }

    [Fact]
    public async Task In_a_tenant_its_own_actions_come_first_and_other_organizations_are_a_word_away()
    {
        await TenantAsync();
        await Use<CreateOrganization>().RunAsync(Owner, "Southwind", "southwind", "free", CancellationToken.None);
        Services.GetRequiredService<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop?tab=connect");
        var palette = Open(Role.Owner);
        Assert.Equal("Create topic in shop", palette.Find("[aria-label=Actions] .what").TextContent);
        Type(palette, "southw");
        palette.WaitForAssertion(
            () => Assert.Equal("o/southwind", palette.Find("[aria-label=Organizations] [role=option]").GetAttribute("href")),
            Soon
        );
    }

    [Fact]
    public void An_operator_finds_every_customer()
    {
        var @operator = new Actor(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);
        var palette = Render<CommandPalette>(parameters =>
            parameters.AddCascadingValue(@operator).Add(one => one.Slug, null).Add(one => one.Access, null)
        );
        Type(palette, "north");
        palette.WaitForAssertion(
            () => Assert.Equal($"operator/organizations/{Org}", palette.Find("[aria-label=Customers] [role=option]").GetAttribute("href")),
            Soon
        );
        var customer = Open(Role.Owner);
        Type(customer, "north");
        customer.WaitForAssertion(() => Assert.Equal("false", customer.Find("#palette-list").GetAttribute("data-busy")), Soon);
        Assert.Empty(customer.FindAll("[aria-label=Customers]"));
    }

    // What each role may begin is what the use cases behind the actions would let it do.
    [Theory]
    [InlineData(
        Role.Owner,
        null,
        null,
        "Create topic in shop|Create key for shop|Add connector to shop|Create tenant|Migrate from Kafka|Invite member|Create organization"
    )]
    [InlineData(
        Role.Admin,
        null,
        null,
        "Create topic in shop|Create key for shop|Add connector to shop|Create tenant|Migrate from Kafka|Invite member|Create organization"
    )]
    [InlineData(Role.Billing, null, null, "Create organization")]
    [InlineData(Role.Viewer, null, null, "Create organization")]
    [InlineData(
        Role.Developer,
        null,
        null,
        "Create topic in shop|Create key for shop|Add connector to shop|Create tenant|Migrate from Kafka|Create organization"
    )]
    [InlineData(
        Role.Developer,
        "shop",
        null,
        "Create topic in shop|Create key for shop|Add connector to shop|Migrate from Kafka|Create organization"
    )]
    [InlineData(
        Role.Developer,
        "shop",
        "default",
        "Create topic in shop|Create key for shop|Add connector to shop|Migrate from Kafka|Create organization"
    )]
    [InlineData(Role.Developer, "other", null, "Migrate from Kafka|Create organization")]
    [InlineData(Role.Viewer, "shop", null, "Create organization")]
    public async Task Each_role_is_offered_what_it_may_begin(Role role, string? tenant, string? @namespace, string offered)
    {
        await TenantAsync();
        Services.GetRequiredService<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop");
        Assert.Equal(
            offered.Split('|'),
            Open(role, new(tenant, @namespace)).FindAll("[aria-label=Actions] .what").Select(action => action.TextContent)
        );
    }

    [Fact]
    public async Task A_look_as_a_customer_a_narrow_sign_in_and_what_is_not_known_yet_begin_nothing()
    {
        await TenantAsync();
        Services.GetRequiredService<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop");
        var access = Access(Role.Owner);
        var look = access with
        {
            Role = null,
            ViewAs = new ViewAs(
                new(Guid.NewGuid()),
                new(Guid.NewGuid()),
                access.Organization.Id,
                "asked to",
                Clock.GetUtcNow(),
                Clock.GetUtcNow().AddHours(1),
                []
            ),
        };
        Assert.Equal(["Create organization"], Actions(Open(look)));
        Assert.Equal(["Create organization"], Actions(Open((OrganizationAccess?)null)));
        Assert.Equal(["Create organization"], Actions(Open(access with { Bounds = [Role.Viewer] })));
        // A sign-in that only an organization's provider vouches for founds no other organization.
        var narrow = Render<CommandPalette>(parameters =>
            parameters
                .Add(one => one.Slug, Org)
                .Add(one => one.Access, Access(Role.Viewer))
                .AddCascadingValue(Owner with { Provider = $"{access.Organization.Id}|https://login.example", ProvedHere = false })
        );
        Assert.Empty(Actions(narrow));

        static IEnumerable<string> Actions(IRenderedComponent<CommandPalette> palette) =>
            palette.FindAll("[aria-label=Actions] .what").Select(action => action.TextContent);
    }

    private IRenderedComponent<CommandPalette> Open(Role role, Scope? scope = null) => Open(Access(role, scope));

    private IRenderedComponent<CommandPalette> Open(OrganizationAccess? access) =>
        Render<CommandPalette>(parameters => parameters.Add(one => one.Slug, Org).Add(one => one.Access, access));

    private OrganizationAccess Access(Role role, Scope? scope = null) =>
        new(
            Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default).GetAwaiter().GetResult()!,
            role,
            scope ?? Scope.Whole
        );

    private static IEnumerable<string?> Groups(IRenderedComponent<CommandPalette> palette) =>
        palette.FindAll("[role=group]").Select(group => group.GetAttribute("aria-label"));

    /// <summary>And the pause after it is over.</summary>
    private void Type(IRenderedComponent<CommandPalette> palette, string words)
    {
        palette.Find("#palette-search").Input(words);
        // The pause has begun once the words are shown: a clock that moves on before is missed.
        palette.WaitForAssertion(() => Assert.Equal(words, palette.Find("#palette-list").GetAttribute("data-words")), Soon);
        Clock.Advance(TimeSpan.FromSeconds(1));
    }
}
