using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

public sealed class PermissionTests : PageTest
{
    [Fact]
    public async Task Who_may_is_one_sentence_and_a_suspended_organization_offers_nothing_that_it_stops()
    {
        Assert.Equal("Only owners can close the organization.", Roles.Only(Permission.CloseOrganization, "close the organization"));
        Assert.Equal("Only owners and admins can do this.", Roles.Only(Permission.ManageMembers));
        Assert.Equal("Only owners, admins, and billing members can do this.", Roles.Only(Permission.ManageBilling));

        var active = (await Use<GetOrganizationSummary>().RunAsync(Owner, Org, CancellationToken.None)).Value;
        Assert.Contains("New topic", Shown(active), StringComparison.Ordinal);
        await Use<SuspendOrganization>()
            .RunAsync(
                new Actor(new AccountId(Guid.CreateVersion7()), "operator@portal.example", true),
                Org,
                "Unpaid invoice",
                CancellationToken.None
            );
        var suspended = (await Use<GetOrganizationSummary>().RunAsync(Owner, Org, CancellationToken.None)).Value;
        Assert.Equal("This has to wait until the organization is resumed.", Shown(suspended));
        var banner = Render<Portal.Shell.SuspendedBanner>(parameters => parameters.Add(one => one.Access, suspended.Access))
            .Find("[data-suspended]");
        Assert.Contains("Northwind is suspended: Unpaid invoice.", banner.TextContent, StringComparison.Ordinal);
        Assert.Equal($"o/{Org}/billing", banner.QuerySelector("a")!.GetAttribute("href"));

        string Shown(OrganizationSummary of) =>
            Render<Permitted>(parameters =>
                parameters
                    .AddCascadingValue(of)
                    .Add(one => one.To, Permission.ManageResources)
                    .Add(one => one.Says, true)
                    .AddChildContent("New topic")
            )
                .Markup.Replace("<span class=\"dim small\">", "", StringComparison.Ordinal)
                .Replace("</span>", "", StringComparison.Ordinal);
    }
}
