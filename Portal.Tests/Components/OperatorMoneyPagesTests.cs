using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The operator's pages about money say what will happen before it does.</summary>
public sealed class OperatorMoneyPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task A_price_list_is_reviewed_and_wants_consent_to_free_meters_before_it_is_published()
    {
        await Use<EnsureShippedPriceBook>().RunAsync(default);
        var dialogs = RenderDialogs(Operator);
        var page = Render<PricesPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("2026-01", page.Markup, StringComparison.Ordinal), Soon);
        _ = Button(page, "Publish prices").ClickAsync(new());
        dialogs.WaitForAssertion(() => Button(dialogs, "Edit as JSON"), Soon);
        await Button(dialogs, "Edit as JSON").ClickAsync(new());
        await dialogs
            .Find("#price-book")
            .InputAsync(
                new()
                {
                    Value =
                        """{"version": "next", "currency": "usd", "startsAt": "2027-01-01T00:00:00Z", "meters": {"write": {"per": "GiB", "model": "perUnit", "unitPrice": "0.10"}, "read": {"per": "GiB", "model": "perUnit", "unitPrice": "0.05"}}}""",
                }
            );
        await Button(dialogs, "Review changes").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("No longer charged: Storage, Partitions, Connectors.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("+25%", dialogs.Markup, StringComparison.Ordinal);
        Assert.Contains("No month has closed yet", dialogs.Markup, StringComparison.Ordinal);
        Assert.True(Button(dialogs, "Publish").HasAttribute("disabled"));
        await dialogs.Find("#become-free").ChangeAsync(new() { Value = true });
        await Button(dialogs, "Publish").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("scheduled", page.Markup, StringComparison.Ordinal), Soon);

        _ = page.Find("button[aria-label='Withdraw next']").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("2026-01 stays in force.", dialogs.Markup, StringComparison.Ordinal), Soon);
        await Button(dialogs, "Withdraw next").ClickAsync(new());
        page.WaitForAssertion(() => Assert.DoesNotContain("scheduled", page.Markup, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task Prices_are_set_in_a_form_that_says_at_each_field_what_is_wrong()
    {
        await Use<EnsureShippedPriceBook>().RunAsync(default);
        var dialogs = RenderDialogs(Operator);
        var page = Render<PricesPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Contains("2026-01", page.Markup, StringComparison.Ordinal), Soon);
        _ = Button(page, "Publish prices").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("#price-version"), Soon);
        Assert.Equal(("2026-12", "usd", "2026-12-01T00:00"), (Value("#price-version"), Value("#price-currency"), Value("#price-start")));
        Assert.Equal(
            ("10", "0", "0.1"),
            (Value("#price-write-tier-0-upTo"), Value("#price-write-tier-0-unitPrice"), Value("#price-write-tier-1-unitPrice"))
        );

        dialogs.Find("#price-read-unitPrice").Input("free");
        await Button(dialogs, "Review changes").ClickAsync(new());
        dialogs.WaitForAssertion(
            () =>
                Assert.StartsWith(
                    "'free' is not a number",
                    dialogs.Find("#price-read-unitPrice-note").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
        dialogs.Find("#price-read-unitPrice").Input("0.05");
        await dialogs.Find("[aria-label='Add tier to Data in']").ClickAsync(new());
        dialogs.Find("#price-write-tier-1-upTo").Input("5");
        dialogs.Find("#price-write-tier-1-unitPrice").Input("0.20");
        await Button(dialogs, "Review changes").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("tiers ascend", dialogs.Find("#price-write-tier-1-upTo-note").TextContent, StringComparison.Ordinal),
            Soon
        );
        dialogs.Find("#price-write-tier-1-upTo").Input("100");
        await dialogs.Find("#price-storage-model").ChangeAsync(new() { Value = "package" });
        dialogs.Find("#price-storage-size").Input("100");
        dialogs.Find("#price-storage-unitPrice").Input("12");
        await Button(dialogs, "Review changes").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("+25%", dialogs.Markup, StringComparison.Ordinal), Soon);
        await Button(dialogs, "Publish").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("scheduled", page.Markup, StringComparison.Ordinal), Soon);

        var made = (await Use<ListPriceBooks>().RunAsync(Operator, CancellationToken.None))
            .Value.Single(book => book.Record.Version == "2026-12")
            .Prices;
        Assert.Equal(
            (PriceModel.Package, 12m, 100m),
            (made.Meters[Meter.Storage].Model, made.Meters[Meter.Storage].UnitPrice, made.Meters[Meter.Storage].PackageSize)
        );
        Assert.Equal(new PriceTier[] { new(10, 0, 0), new(100, 0.20m, 0), new(null, 0.1m, 0) }, made.Meters[Meter.Write].Tiers);

        string? Value(string input) => dialogs.Find(input).GetAttribute("value");
    }

    [Fact]
    public async Task Closing_a_month_says_its_sum_first_and_the_button_names_the_month()
    {
        var dialogs = RenderDialogs(Operator);
        var page = Render<JobsPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Button(page, "Close October 2026…"), Soon);
        _ = Button(page, "Close October 2026…").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("There is nothing to close", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.True(Button(dialogs, "Close October 2026").HasAttribute("disabled"));
        await dialogs.Find("#month").ChangeAsync(new() { Value = "2026-11" });
        dialogs.WaitForAssertion(() => Assert.Contains("November 2026 isn't over yet.", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("0 invoices", dialogs.Markup, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ReadAsync(session => session.Work.CountOpenAsync(CloseMonthWork.Kind, default), default));
        await Button(dialogs, "Close November 2026").ClickAsync(new());
        Assert.Equal(1, await Database.ReadAsync(session => session.Work.CountOpenAsync(CloseMonthWork.Kind, default), default));
    }

    [Fact]
    public void Reconciliation_says_what_is_to_come_and_is_the_operators()
    {
        var page = Render<BooksPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(
            () => Assert.Contains("No billing period of October 2026 has closed.", page.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal("operator/books.csv?month=2026-10", page.Find("a[download]").GetAttribute("href"));
        var refused = Render<BooksPage>();
        refused.WaitForAssertion(() => Assert.Equal("operator-only", refused.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public async Task A_blocked_invoice_is_listed_with_its_way_out_and_compared_again()
    {
        var number = await BlockedAsync();
        var page = Render<BooksPage>(parameters => parameters.AddCascadingValue(Operator));
        page.WaitForAssertion(() => Assert.Equal("no", page.Find("tr[data-organization=northwind]").GetAttribute("data-balanced")), Soon);
        Assert.Contains("Correct the draft in Stripe, then compare again.", page.Markup, StringComparison.Ordinal);
        await page.Find($"button[aria-label='Compare {number} again']").ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains($"Comparing invoice {number} with Stripe again.", page.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Equal(1, await Database.ReadAsync(session => session.Work.CountOpenAsync(SettleInvoiceWork.Kind, default), default));
    }

    private Task<string> BlockedAsync() =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, CancellationToken.None))!;
                var (month, from, to) = (new Month(2026, 11), Clock.GetUtcNow().AddHours(-2), Clock.GetUtcNow().AddHours(-1));
                var invoice = new Invoice(
                    new InvoiceId(Guid.CreateVersion7()),
                    organization.Id,
                    "northwind-2026-11-1",
                    month,
                    from,
                    to,
                    Currency.Usd,
                    PayBy.Card,
                    [],
                    100,
                    to
                );
                invoice.Drafted("in_1");
                invoice.Mismatched("Stripe's draft in_1 comes to $2.00 before tax, the books to $1.00. Nothing was charged.");
                session.Invoices.Add(invoice);
                session.Invoices.Add(new ClosedPeriod(organization.Id, month, from, to, invoice.Id, to));
                return invoice.Number;
            },
            CancellationToken.None
        );

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> within, string text)
        where T : Microsoft.AspNetCore.Components.IComponent =>
        within.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
