using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Features.Billing;
using Portal.Features.Home;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>What customer and operator see of an overdue invoice.</summary>
public sealed class DunningPagesTests : PageTest
{
    private const string Declined = "Your card has insufficient funds. Try another card, or contact your bank.";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task The_customer_reads_why_what_comes_when_and_has_one_button()
    {
        await OverdueAsync(daysAgo: 8, Arrears.Restricted);
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal("restricted", page.Find("[data-overdue]").GetAttribute("data-overdue")), Soon);
        var said = page.Find("[data-overdue]").TextContent;
        Assert.Contains("Payment failed for invoice northwind-2026-10-1 ($16.00).", said, StringComparison.Ordinal);
        Assert.Contains(Declined, said, StringComparison.Ordinal);
        Assert.Contains("Changes that can raise your bill are paused", said, StringComparison.Ordinal);
        Assert.Contains(
            "on November 29, publishing is blocked; on December 15, the organization is suspended.",
            said,
            StringComparison.Ordinal
        );
        Assert.Equal("Change card and pay", page.Find("[data-overdue] button").TextContent);
    }

    [Fact]
    public async Task A_developer_finds_it_on_no_page_that_may_not_show_bills_and_home_says_it_to_the_owner()
    {
        await OverdueAsync(daysAgo: 15, Arrears.PublishingBlocked);
        var organization = (await Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default))!;
        var invoices = (
            await Database.ReadAsync(session => session.Invoices.ListAsync(organization.Id, new PageRequest(), default), default)
        ).Items;
        var items = Attention.Of(organization, Unready.None, Clock.GetUtcNow(), invoices);
        Assert.Equal(["Publishing is blocked", "Payment failed for northwind-2026-10-1"], items.Select(item => item.Title));
        Assert.Equal((Declined, "Update card"), (items[1].Detail, items[1].Action));
        Assert.Equal("Publishing is blocked", Assert.Single(Attention.Of(organization, Unready.None, Clock.GetUtcNow())).Title);
    }

    [Fact]
    public async Task The_operator_sees_who_stands_where_gives_time_and_turns_it_off_and_on()
    {
        await OverdueAsync(daysAgo: 15, Arrears.PublishingBlocked);
        var dialogs = RenderDialogs(Operator);
        var page = Render<OverduePage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(
            () => Assert.Contains("publishing blocked", page.Find("tr[data-organization=northwind]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("$16.00", page.Markup, StringComparison.Ordinal);
        Assert.Contains("publishing is blocked after 14 days", page.Markup, StringComparison.Ordinal);

        _ = page.Find("button[aria-label='Extend time of Northwind']").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#dunning-days"), Soon);
        await dialogs.Find("#dunning-days").InputAsync(new() { Value = "soon" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Enter a number of days from 1 to 365.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#dunning-days").InputAsync(new() { Value = "5" });
        await dialogs.Find("#dunning-reason").InputAsync(new() { Value = "Their bank is slow" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        page.WaitForAssertion(
            () =>
                Assert.Contains("Extended to Nov 28 by elena@northwind.example: Their bank is slow", page.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("reminders only", page.Markup, StringComparison.Ordinal);

        _ = page.Find("button[aria-label='Turn off dunning for Northwind']").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#dunning-reason"), Soon);
        await dialogs.Find("#dunning-reason").InputAsync(new() { Value = "Agreed by phone" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains("turned off", page.Find("tr[data-organization=northwind]").TextContent, StringComparison.Ordinal),
            Soon
        );
        await page.Find("button[aria-label='Turn on dunning for Northwind']").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("Turned on by", page.Markup, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public void Without_anything_overdue_the_operator_reads_what_would_be_here_and_a_customer_is_refused()
    {
        var page = Render<OverduePage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("Nothing is overdue", page.Markup, StringComparison.Ordinal), Soon);
        var refused = Render<OverduePage>();
        refused.WaitForAssertion(() => Assert.Equal("operator-only", refused.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    /// <summary>October's invoice over $16.00, of which the first charge failed so many days ago.</summary>
    private Task OverdueAsync(int daysAgo, Arrears stage) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, default))!;
                organization.ChangePlan(PlanCode.Payg, PayBy.Card);
                organization.SetStripeCustomer("cus_northwind");
                organization.FallInto(stage);
                var (month, at) = (new Month(2026, 10), Clock.Now().AddDays(-daysAgo));
                var invoice = new Invoice(
                    new InvoiceId(Clock.NewUuid()),
                    organization.Id,
                    "northwind-2026-10-1",
                    month,
                    month.Start,
                    month.End,
                    Currency.Usd,
                    PayBy.Card,
                    [],
                    1600,
                    at
                );
                invoice.Drafted("in_1");
                invoice.Finalized(at, null, null, 30);
                invoice.Observe(InvoiceStatus.Open, 0, Declined, at);
                session.Invoices.Add(invoice);
                return true;
            },
            default
        );
}
