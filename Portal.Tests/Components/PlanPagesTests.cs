using Bunit;
using MudBlazor;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Features.Operator;
using Portal.Features.Tenants;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Plans on the operator's pages: edited with a look at who would be over, and an organization's own limits.</summary>
public sealed class PlanPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly Actor Operator = new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true);

    [Fact]
    public void Before_anything_was_published_the_plans_are_there_and_their_history_says_what_is_to_come()
    {
        var page = Render<PlansPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("No versions yet", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(["Free", "Pay as you go", "Dedicated"], page.FindAll(".grid h2").Select(title => title.TextContent));
        Assert.Contains("1 organization", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_customer_sees_none_of_it()
    {
        var page = Render<PlansPage>();
        page.WaitForAssertion(() => Assert.Equal("operator-only", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public async Task A_plan_is_edited_reviewed_and_published()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await TopicAsync("shop", "returns");
        var dialogs = OperatorsDialogs();
        var page = Render<PlansPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Edit plan Free']")), Soon);
        var edited = page.Find("[aria-label='Edit plan Free']").ClickAsync();
        dialogs.WaitForElement("#limit-tenants", Soon);

        dialogs.Find("#limit-tenants").Input("0");
        dialogs.Find("#plan-note").Input("Fewer topics");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Tenants must be between 1 and 100,000, or have no limit.",
                    dialogs.Find("#limit-tenants-note").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        dialogs.Find("#limit-tenants").Input("many");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("enter a number", dialogs.Find("#limit-tenants-note").TextContent, StringComparison.Ordinal),
            Soon
        );

        dialogs.Find("#limit-tenants").Input("1");
        dialogs.Find("#limit-topicsPerNamespace").Input("1");
        dialogs.Find("#limit-retentionMinutes").Input("2.5");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("1 of 1 organization on this plan is over the new limits.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("Topics per namespace: 2 of 1", dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("60 hours", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.FindAll(".btn.pri").Single().ClickAsync();
        await edited;

        page.WaitForAssertion(() => Assert.Contains("Fewer topics", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("Version 2", page.Markup, StringComparison.Ordinal);
        Assert.Equal(
            (1, 3600L),
            (await Use<GetPlans>().RunAsync(CancellationToken.None))[PlanCode.Free] is var free
                ? (free.Limits.TopicsPerNamespace, free.Limits[LimitKind.RetentionMinutes]!.Value)
                : default
        );
    }

    [Fact]
    public async Task A_plan_that_somebody_else_changed_meanwhile_is_not_overwritten()
    {
        var dialogs = OperatorsDialogs();
        var page = Render<PlansPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Edit plan Free']")), Soon);
        var edited = page.Find("[aria-label='Edit plan Free']").ClickAsync();
        dialogs.WaitForElement("#plan-note", Soon);
        await Use<PublishPlan>()
            .RunAsync(
                Operator,
                "free",
                "Free",
                (await Use<GetPlans>().RunAsync(CancellationToken.None))[PlanCode.Free].Limits.ByName(),
                "First",
                1,
                CancellationToken.None
            );
        dialogs.Find("#plan-note").Input("Second");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("Nothing changes", dialogs.Markup, StringComparison.Ordinal), Soon);
        await dialogs.FindAll(".btn.pri").Single().ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("your change was based on version 1", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.FindAll(".btn").First(button => button.TextContent == "Cancel").ClickAsync();
        await edited;
    }

    [Fact]
    public async Task An_organizations_own_limits_are_set_shown_to_the_customer_and_taken_back()
    {
        var dialogs = OperatorsDialogs();
        var page = Render<CustomerPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[aria-label='Limits of Northwind']")), Soon);
        var opened = page.Find("[aria-label='Limits of Northwind']").ClickAsync();
        dialogs.WaitForElement("#limits-note", Soon);
        Assert.Contains("As plan: 512 MiB", dialogs.Markup, StringComparison.Ordinal);
        dialogs.Find("[aria-label='Tenants: kind of limit']").Change("number");
        dialogs.Find("#limit-tenants").Input("12");
        dialogs.Find("[aria-label='Connectors: kind of limit']").Change("none");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(() => Assert.Contains("Say why", dialogs.Markup, StringComparison.Ordinal), Soon);
        dialogs.Find("#limits-note").Input("As agreed with Elena");
        await dialogs.Find(".btn.pri").ClickAsync();
        await opened;

        var summary = (await Use<GetOrganizationSummary>().RunAsync(Owner, Org, CancellationToken.None)).Value;
        Assert.Equal((12, null), (summary.Plan.Limits.Tenants, summary.Plan.Limits.Connectors));
        var customer = Render<NewTenantPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(summary));
        customer.WaitForAssertion(
            () => Assert.Contains("your own limit", customer.Find("[data-limit=tenants]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.DoesNotContain("your own limit", customer.Find("[data-limit=topicsPerNamespace]").TextContent, StringComparison.Ordinal);

        opened = page.Find("[aria-label='Limits of Northwind']").ClickAsync();
        dialogs.WaitForElement("#limits-note", Soon);
        Assert.Contains("As agreed with Elena", dialogs.Markup, StringComparison.Ordinal);
        await dialogs.FindAll(".btn").First(button => button.TextContent == "Use plan's limits").ClickAsync();
        await opened;
        Assert.Empty((await Use<GetOrganizationSummary>().RunAsync(Owner, Org, CancellationToken.None)).Value.Plan.Own.Values);
    }

    private IRenderedComponent<MudDialogProvider> OperatorsDialogs()
    {
        Render<MudPopoverProvider>();
        return Render<MudDialogProvider>(parameters => parameters.AddCascadingValue(Operator));
    }
}
