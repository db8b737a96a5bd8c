using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Billing;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Credits at the operator's page and at the customer's.</summary>
public sealed class CreditPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task The_operator_grants_and_withdraws_and_the_customer_sees_both()
    {
        var dialogs = RenderDialogs(Operator);
        var page = Render<CustomerCreditsPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("No credits yet", page.Markup, StringComparison.Ordinal), Soon);
        _ = page.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#credit-amount"), Soon);
        await dialogs.Find("#credit-amount").InputAsync(new() { Value = "lots" });
        await dialogs.Find("#credit-reason").InputAsync(new() { Value = "Sorry for the outage" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Enter an amount such as 50 or 1,200.50.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#credit-amount").InputAsync(new() { Value = "1,200.50" });
        await dialogs.Find("#credit-ends").InputAsync(new() { Value = "2026-12-31" });
        await dialogs.Find(".btn.pri").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal("120050", page.Find("[data-left-minor]").GetAttribute("data-left-minor")), Soon);
        Assert.Contains("Dec 31, 2026", page.Markup, StringComparison.Ordinal);

        var card = Render<CreditsCard>(parameters => parameters.Add(one => one.Org, Org));
        card.WaitForAssertion(() => Assert.Equal("$1,200.50", card.Find("[data-credit-balance]").TextContent), Soon);

        _ = page.Find("button[aria-label='Withdraw Sorry for the outage']").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("what is left of “Sorry for the outage”, $1,200.50?", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#withdraw-reason").InputAsync(new() { Value = "Granted twice" });
        await dialogs.Find(".btn.bad").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal("0", page.Find("[data-left-minor]").GetAttribute("data-left-minor")), Soon);

        var mine = Render<CreditsPage>(parameters => parameters.Add(one => one.Org, Org));
        mine.WaitForAssertion(() => Assert.Contains("−$1,200.50", mine.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("Withdrawn", mine.Markup, StringComparison.Ordinal);
        Assert.Contains("None", mine.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invoice_shows_what_credits_took_off_and_the_history_leads_to_it()
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, default))!;
                var (credit, entry) = Credit.Grant(
                    organization.Id,
                    new Money(2000, Currency.Usd),
                    CreditKind.Promised,
                    "Welcome",
                    null,
                    "operator",
                    Clock
                );
                var month = new Month(2026, 10);
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
                    Clock.Now(),
                    [new InvoiceAdjustment(Clock.NewUuid(), AdjustmentKind.Credit, -1600, "Welcome", credit.Id)]
                );
                session.Credits.Add(credit);
                session.Credits.Add(entry);
                session.Credits.Add(credit.Take(CreditMove.Use, 1600, invoice, "month-close", Clock));
                session.Invoices.Add(invoice);
                return true;
            },
            default
        );
        var page = Render<InvoicePage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Number, "northwind-2026-10-1"));
        page.WaitForAssertion(
            () => Assert.Equal("-1600", page.Find("[data-adjustment-minor]").GetAttribute("data-adjustment-minor")),
            Soon
        );
        Assert.Equal("0", page.Find("[data-total-minor]").GetAttribute("data-total-minor"));
        var credits = Render<CreditsPage>(parameters => parameters.Add(one => one.Org, Org));
        credits.WaitForAssertion(
            () => Assert.Equal("o/northwind/billing/invoices/northwind-2026-10-1", credits.Find("table a").GetAttribute("href")),
            Soon
        );
        Assert.Contains("$4.00", credits.Markup, StringComparison.Ordinal);
    }
}
