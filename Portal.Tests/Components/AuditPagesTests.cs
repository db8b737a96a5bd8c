using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Organizations;
using Portal.Features.Audit;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class AuditPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public async Task A_row_opens_to_all_that_was_recorded()
    {
        await Use<RenameOrganization>()
            .RunAsync(Owner with { Address = "192.0.2.7", TraceId = "trace-1" }, Org, "Northwind Traders", CancellationToken.None);
        var page = Render<AuditPage>(parameters => parameters.Add(one => one.Org, Org));
        var row = page.WaitForElement("tbody tr", Soon).TextContent;
        foreach (var told in new[] { "Renamed the organization", "organization.rename", Owner.Name, "192.0.2.7", "trace-1", "#2" })
            Assert.Contains(told, row, StringComparison.Ordinal);
    }

    [Fact]
    public void Filters_are_in_the_address_and_in_the_files()
    {
        Navigation.NavigateTo($"o/{Org}/settings/audit?from=2026-11-01&to=2026-11-22&operation=organization&outcome=allowed");
        var page = Render<AuditPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Contains("Nothing is recorded", page.Markup, StringComparison.Ordinal), Soon);
        var csv = page.Find(".head .acts a").GetAttribute("href")!;
        foreach (
            var asked in new[]
            {
                "format=csv",
                "from=2026-11-01T00%3A00%3A00",
                "to=2026-11-23T00%3A00%3A00",
                "operation=organization",
                "outcome=allowed",
            }
        )
            Assert.Contains(asked, csv, StringComparison.Ordinal);

        page.FindAll("input[type=date]")[1].Input("2026-11-23");
        Clock.Advance(TimeSpan.FromSeconds(1)); // the box waits for a pause in typing
        page.WaitForAssertion(() => Assert.Single(page.FindAll("tbody tr")), Soon);
        Assert.Contains("to=2026-11-23", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_developer_is_told_which_roles_read_the_log()
    {
        var ines = await MemberAsync(Role.Developer);
        var page = Render<AuditPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(ines));
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Only owners and admins can do this.",
                    page.Find("[data-problem=role-missing]").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
    }

    [Fact]
    public async Task An_operator_sees_the_state_of_every_chain()
    {
        var page = Render<PlatformAuditPage>(parameters => parameters.AddCascadingValue(Owner with { IsOperator = true }));
        await page.WaitForElement(".head .btn.pri", Soon).ClickAsync();
        page.WaitForAssertion(() => Assert.Equal("whole", page.Find("tr[data-chain=platform] .chip").TextContent), Soon);
        Assert.Equal("whole", page.Find($"tr[data-chain={Org}] .chip").TextContent);
    }
}
