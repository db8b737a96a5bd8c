using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Features.Billing;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Credit notes at the operator's pages and at the customer's.</summary>
public sealed class CreditNotePagesTests : PageTest
{
    private const string Number = "northwind-2026-10-1";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    [Fact]
    public async Task An_invoice_is_reviewed_before_it_is_credited_and_then_says_that_it_is_being_issued()
    {
        await InvoiceAsync(paid: 1600);
        var list = Render<CustomerInvoicesPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(Operator));
        list.WaitForAssertion(() => Assert.Equal($"operator/invoices/{Number}", list.Find("table a").GetAttribute("href")), Soon);
        var dialogs = RenderDialogs(Operator);
        var page = Show();
        page.WaitForAssertion(() => Assert.Contains("Issue credit note", page.Markup, StringComparison.Ordinal), Soon);
        _ = page.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => dialogs.Find("input[value=amount]"), Soon);
        await dialogs.Find("input[value=amount]").ChangeAsync(new() { Value = "amount" });
        await dialogs.Find("#credit-note-amount").InputAsync(new() { Value = "lots" });
        await Button(dialogs, "Review credit note").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("Enter an amount such as 50 or 1,200.50.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        await dialogs.Find("#credit-note-amount").InputAsync(new() { Value = "20" });
        await Button(dialogs, "Review credit note").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("has $16.00 left to credit", dialogs.Markup, StringComparison.Ordinal), Soon);
        await dialogs.Find("#credit-note-amount").InputAsync(new() { Value = "4.50" });
        await Button(dialogs, "Review credit note").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("Give a reason.", dialogs.Markup, StringComparison.Ordinal), Soon);
        await dialogs.Find("#credit-note-reason").InputAsync(new() { Value = "Counted twice" });
        await Button(dialogs, "Review credit note").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Equal("450", dialogs.Find("[data-given-back-minor]").GetAttribute("data-given-back-minor")),
            Soon
        );
        Assert.Contains("Refunded to the card", dialogs.Markup, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ReadAsync(session => session.Work.CountOpenAsync(IssueCreditNoteWork.Kind, default), default));
        await Button(dialogs, "Issue credit note").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("being issued", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(1, await Database.ReadAsync(session => session.Work.CountOpenAsync(IssueCreditNoteWork.Kind, default), default));
    }

    [Fact]
    public async Task The_customer_sees_number_reason_lines_and_refund_and_what_is_left()
    {
        await InvoiceAsync(paid: 1600, (Credited(450, refund: 450, RefundState.Pending), CreditNoteWay.Refund));
        var page = Render<InvoicePage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Number, Number));
        page.WaitForAssertion(() => Assert.Equal("450", page.Find("[data-credited-minor]").GetAttribute("data-credited-minor")), Soon);
        foreach (var words in new[] { $"{Number}-CN-01", "Counted twice", "$4.50 refunded to the card.", "refund on its way", "Refunded" })
            Assert.Contains(words, page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-owed-minor]"));
    }

    [Fact]
    public async Task An_open_invoice_says_what_is_left_to_pay_and_what_was_kept_as_credit()
    {
        await InvoiceAsync(paid: 0, (Credited(600, refund: 0, RefundState.None, open: 600), CreditNoteWay.Credit));
        var page = Render<InvoicePage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Number, Number));
        page.WaitForAssertion(() => Assert.Equal("1000", page.Find("[data-owed-minor]").GetAttribute("data-owed-minor")), Soon);
        Assert.Contains("$6.00 taken off the amount due.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refund_without_a_credit_note_is_offered_to_be_written_down()
    {
        await InvoiceAsync(paid: 1600, loose: 700);
        var dialogs = RenderDialogs(Operator);
        var page = Show();
        page.WaitForAssertion(
            () => Assert.Contains("$7.00 was refunded in Stripe without a credit note.", page.Markup, StringComparison.Ordinal),
            Soon
        );
        _ = page.Find(".btn.pri").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Equal("refunded", dialogs.Find("#credit-note-way").GetAttribute("value")), Soon);
        Assert.Contains("Already refunded in Stripe", dialogs.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_to_show_says_what_will_be_here_and_strangers_are_refused()
    {
        var list = Render<CustomerInvoicesPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(Operator));
        list.WaitForAssertion(() => Assert.Contains("No invoices yet", list.Markup, StringComparison.Ordinal), Soon);
        var refused = Render<CustomerInvoicePage>(parameters => parameters.Add(one => one.Number, Number));
        refused.WaitForAssertion(() => Assert.Equal("operator-only", refused.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    private IRenderedComponent<CustomerInvoicePage> Show() =>
        Render<CustomerInvoicePage>(parameters => parameters.Add(one => one.Number, Number).AddCascadingValue(Operator));

    private static GatewayCreditNote Credited(long minor, long refund, RefundState state, long open = 0) =>
        new(
            "cn_1",
            null,
            $"{Number}-CN-01",
            false,
            minor,
            open,
            refund,
            minor - open - refund,
            0,
            state,
            refund > 0 ? ["re_1"] : [],
            "Counted twice",
            [new(null, "Storage", minor)],
            null,
            DateTimeOffset.UnixEpoch.AddYears(56)
        );

    private Task InvoiceAsync(long paid, (GatewayCreditNote Found, CreditNoteWay Way)? note = null, long loose = 0) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, default))!;
                var month = new Month(2026, 10);
                var book = new PriceBookId(Clock.NewUuid());
                session.PriceBooks.Add(new PriceBookRecord(book, "own", Currency.Usd, month.Start, Clock.Now(), "operator", "{}"));
                var line = new InvoiceLine(
                    Clock.NewUuid(),
                    Meter.Storage,
                    book,
                    month.Start,
                    month.End,
                    100,
                    16,
                    1600,
                    "100 GiB-months at 0.16"
                );
                var invoice = new Invoice(
                    new InvoiceId(Clock.NewUuid()),
                    organization.Id,
                    Number,
                    month,
                    month.Start,
                    month.End,
                    Currency.Usd,
                    PayBy.Card,
                    [line],
                    0,
                    Clock.Now()
                );
                invoice.Drafted("in_1");
                invoice.Finalized(Clock.Now(), null, null, 30);
                invoice.Observe(paid > 0 ? InvoiceStatus.Paid : InvoiceStatus.Open, paid, null, Clock.Now());
                session.Invoices.Add(invoice);
                var refunds = new List<GatewayRefund>();
                if (note is { Found.RefundMinor: > 0 } refunded)
                    refunds.Add(new("re_1", refunded.Found.RefundMinor, refunded.Found.RefundState, Clock.Now()));
                if (loose > 0)
                    refunds.Add(new("re_2", loose, RefundState.Succeeded, Clock.Now()));
                await session.TakeOverAsync(invoice, new(note is { } given ? [given.Found] : [], refunds), Clock, default);
                return true;
            },
            default
        );

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> within, string text)
        where T : Microsoft.AspNetCore.Components.IComponent =>
        within.FindAll("button").Single(button => button.TextContent.Trim() == text);
}
