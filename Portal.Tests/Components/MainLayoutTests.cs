using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Organizations;
using Portal.Shell;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Components;

/// <summary>The frame of an open page follows what its person may do, without a reload.</summary>
public sealed class MainLayoutTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Now => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_role_changes_the_places_of_an_open_page()
    {
        var member = await MemberAsync(Role.Developer);
        var layout = RenderFor(member);
        layout.WaitForAssertion(() => Assert.Equal((true, false), (Offers(layout, "/tenants"), Offers(layout, "/billing"))), Soon);

        Assert.Null((await Use<ChangeMember>().RunAsync(Owner, Org, member.AccountId!.Value, "billing", null, null, false, Now)).Problem);
        await HearsAsync(() => (Offers(layout, "/tenants"), Offers(layout, "/billing")) == (false, true));
        Assert.Empty(layout.FindAll("[data-problem]"));
    }

    [Fact]
    public async Task Who_was_removed_is_offered_nothing_of_the_organization_any_more()
    {
        var member = await MemberAsync(Role.Admin);
        var layout = RenderFor(member);
        layout.WaitForAssertion(() => Assert.Equal((true, true), (Offers(layout, "/tenants"), Offers(layout, "/billing"))), Soon);
        Assert.Equal(Org, layout.FindComponent<CommandPalette>().Instance.Slug);

        Assert.Null((await Use<RemoveMember>().RunAsync(Owner, Org, member.AccountId!.Value, false, Now)).Problem);
        await HearsAsync(() => (Offers(layout, "/tenants"), Offers(layout, "/billing")) == (false, false));
        // Nor is anything of it found by a search, nor its name shown.
        await HearsAsync(() => layout.FindComponent<CommandPalette>().Instance.Slug is null);
        Assert.DoesNotContain("Northwind", layout.Find("nav.side").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspension_is_said_on_every_open_page()
    {
        var layout = RenderFor(Owner);
        layout.WaitForAssertion(() => Assert.True(Offers(layout, "/billing")), Soon);
        Assert.Empty(layout.FindComponents<SuspendedBanner>());
        var @operator = new Actor(Owner.AccountId, Owner.Name, IsOperator: true);
        Assert.Null((await Use<SuspendOrganization>().RunAsync(@operator, Org, "unpaid", Now)).Problem);
        await HearsAsync(() => layout.FindComponents<SuspendedBanner>().Count == 1);
    }

    /// <summary>Between two looks of a page the clock goes on.</summary>
    private Task HearsAsync(Func<bool> shown) =>
        Eventually.TrueAsync(
            () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(shown());
            },
            "the open page shows it"
        );

    private static bool Offers(IRenderedComponent<MainLayout> layout, string path) =>
        layout.FindAll($"nav.side a[href='o/{Org}{path}']").Count > 0;

    private IRenderedComponent<MainLayout> RenderFor(Actor actor)
    {
        // Forms of its own, which want the browser's token.
        ComponentFactories.AddStub<AvatarMenu>();
        Use<NavigationManager>().NavigateTo($"o/{Org}");
        return Render<MainLayout>(parameters => parameters.AddCascadingValue(actor).Add(layout => layout.Body, "<p>page</p>"));
    }
}
