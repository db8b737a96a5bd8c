using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Stripe;
using static Portal.Tests.Adapters.StripeBilling.GatewaySupport;

namespace Portal.Tests.Adapters.StripeBilling;

/// <summary>Credit notes and refunds against a Stripe that remembers, loses answers, and keeps failures.</summary>
public sealed class CreditNoteGatewayTests : IAsyncLifetime
{
    private GatewayOnLocalStripe _local = null!;

    private IPaymentGateway Gateway => _local.Port;

    private LocalStripeFixture Stripe => _local.Stripe;

    public async ValueTask InitializeAsync() => _local = await GatewayOnLocalStripe.StartAsync();

    public ValueTask DisposeAsync() => _local.DisposeAsync();

    [Fact]
    public async Task A_paid_invoice_is_refunded_once_whatever_fails_and_for_ever()
    {
        var invoice = await PaidAsync();
        var note = Note(invoice, 500, CreditNoteWay.Refund);
        // Acts and fails; fails and keeps it; is away.
        foreach (var fault in new[] { "error_after_commit", "error_before", "unavailable" })
        {
            await _local.FaultAsync(fault, "/v1/credit_notes");
            await Gateway.EnsureCreditNoteAsync(note, default);
        }
        await Stripe.ForgetKeysAsync();
        await _local.RestartAsync();
        var issued = Ok(await Gateway.EnsureCreditNoteAsync(note, default));
        Assert.Equal(
            (500, 0, 500, 0, RefundState.Succeeded, note.Id.Value),
            (issued.TotalMinor, issued.OpenMinor, issued.RefundMinor, issued.OutsideMinor, issued.RefundState, issued.OurId)
        );
        Assert.Equal("northwind-2026-10-1-CN-01", issued.Number);
        Assert.Single(await Stripe.Client.V1.CreditNotes.ListAsync());
        Assert.Equal([500], (await Stripe.Client.V1.Refunds.ListAsync()).Select(refund => refund.Amount));
        var read = Ok(await Gateway.ReadInvoiceAsync(invoice, default));
        Assert.Equal((InvoiceStatus.Paid, 1300, 500), (read.Status, read.PaidMinor, read.Corrections!.Refunds!.Single().AmountMinor));
        Assert.Equal(issued.Id, read.Corrections.Notes.Single().Id);
    }

    [Fact]
    public async Task A_failure_that_Stripe_keeps_is_walked_past()
    {
        var invoice = await PaidAsync();
        var note = Note(invoice, 500, CreditNoteWay.Refund);
        await _local.FaultAsync("error_before", "/v1/credit_notes");
        Assert.IsType<Problem.Unavailable>((await Gateway.EnsureCreditNoteAsync(note, default)).Problem);
        Assert.Equal(500, Ok(await Gateway.EnsureCreditNoteAsync(note, default)).RefundMinor);
    }

    [Fact]
    public async Task What_is_open_becomes_less_first_and_the_rest_is_kept_as_credit_outside_Stripe()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var invoice = await _local.IssuedAsync(customer, Books.New(organization, payBy: PayBy.Invoice));
        var part = Ok(await Gateway.EnsureCreditNoteAsync(Note(invoice, 300, CreditNoteWay.Credit), default));
        Assert.Equal((300, 0, RefundState.None), (part.OpenMinor, part.OutsideMinor, part.RefundState));
        Assert.Equal(
            (InvoiceStatus.Open, 1000),
            (Ok(await Gateway.ReadInvoiceAsync(invoice, default)) is var open ? (open.Status, open.DueMinor) : default)
        );

        await Stripe.SaveCardAsync(customer);
        Assert.Equal(1000, Ok(await Gateway.PayAsync(invoice, default)).PaidMinor);
        var rest = Ok(await Gateway.EnsureCreditNoteAsync(Note(invoice, 400, CreditNoteWay.Credit), default));
        Assert.Equal((0, 400, 0), (rest.OpenMinor, rest.OutsideMinor, rest.RefundMinor));
        Assert.Empty(await Stripe.Client.V1.Refunds.ListAsync());
        Assert.Equal(0, (await Stripe.Client.V1.Customers.GetAsync(customer)).Balance);
    }

    [Fact]
    public async Task An_invoice_that_nothing_is_left_of_is_paid()
    {
        var (organization, customer) = await _local.CustomerAsync();
        var invoice = await _local.IssuedAsync(customer, Books.New(organization, payBy: PayBy.Invoice));
        Ok(await Gateway.EnsureCreditNoteAsync(Note(invoice, 1300, CreditNoteWay.Refund), default));
        var paid = Ok(await Gateway.ReadInvoiceAsync(invoice, default));
        Assert.Equal((InvoiceStatus.Paid, 0, 0), (paid.Status, paid.PaidMinor, paid.DueMinor));
    }

    [Fact]
    public async Task Lines_are_credited_by_their_ids_and_no_more_than_they_hold()
    {
        var (organization, customer) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(customer);
        var books = Books.New(organization);
        var invoice = await _local.IssuedAsync(customer, books);
        Ok(await Gateway.PayAsync(invoice, default));
        var note = new CreditNoteRequest(
            new CreditNoteId(Guid.CreateVersion7()),
            invoice,
            66,
            [new(books.Lines[1].LineId, 66)],
            CreditNoteWay.Refund,
            "Counted twice"
        );
        Assert.Equal(66, Ok(await Gateway.EnsureCreditNoteAsync(note, default)).RefundMinor);
        var again = note with { Id = new CreditNoteId(Guid.CreateVersion7()) };
        Assert.Equal("stripe-refused", (await Gateway.EnsureCreditNoteAsync(again, default)).Problem!.Code);
    }

    [Fact]
    public async Task Never_more_than_the_invoice_holds_and_a_disputed_payment_is_not_refunded()
    {
        var invoice = await PaidAsync();
        Assert.Equal(
            "stripe-refused",
            (await Gateway.EnsureCreditNoteAsync(Note(invoice, 1301, CreditNoteWay.Refund), default)).Problem!.Code
        );
        await Stripe.ControlAsync($"invoices/{invoice}/act", new { act = "dispute" });
        Assert.Contains(
            "charged back",
            (await Gateway.EnsureCreditNoteAsync(Note(invoice, 100, CreditNoteWay.Refund), default)).Problem!.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(await Stripe.Client.V1.CreditNotes.ListAsync());
    }

    [Fact]
    public async Task A_refund_made_in_Stripe_is_found_from_its_events_linked_and_may_fail_later()
    {
        var invoice = await PaidAsync();
        await Stripe.ControlAsync($"invoices/{invoice}/act", new { act = "refund_half" });
        var refund = (await Stripe.Client.V1.Refunds.ListAsync()).Single();
        Assert.Equal(650, refund.Amount);
        Assert.Equal(invoice, Ok(await Gateway.FindInvoiceAsync("charge.refunded", refund.ChargeId, default)));
        Assert.Equal(invoice, Ok(await Gateway.FindInvoiceAsync("refund.created", refund.Id, default)));
        Assert.Equal(
            [refund.Id],
            Ok(await Gateway.ListCorrectionsAsync(DateTimeOffset.UtcNow.AddHours(-1), default)).Select(one => one.Id)
        );
        Assert.Equal(650, Ok(await Gateway.ReadInvoiceAsync(invoice, default)).Corrections!.Refunds!.Single().AmountMinor);

        Assert.Equal(
            "credit-note-other-refund",
            (await Gateway.EnsureCreditNoteAsync(Note(invoice, 600, CreditNoteWay.Refunded), default)).Problem!.Code
        );
        var note = Ok(await Gateway.EnsureCreditNoteAsync(Note(invoice, 650, CreditNoteWay.Refunded), default));
        Assert.Equal([refund.Id], note.RefundIds);
        Assert.Equal(invoice, Ok(await Gateway.FindInvoiceAsync("credit_note.created", note.Id, default)));
        Assert.Single(await Stripe.Client.V1.Refunds.ListAsync());

        await Stripe.ControlAsync($"invoices/{invoice}/act", new { act = "fail_refund" });
        var read = Ok(await Gateway.ReadInvoiceAsync(invoice, default)).Corrections!;
        Assert.Equal((RefundState.Failed, RefundState.Failed), (read.Notes.Single().RefundState, read.Refunds!.Single().State));
    }

    [Fact]
    public async Task A_key_that_may_not_read_refunds_still_sees_that_the_invoice_is_paid()
    {
        var invoice = await PaidAsync();
        await _local.FaultAsync("forbidden", "/v1/refunds", method: "GET");
        var read = Ok(await Gateway.ReadInvoiceAsync(invoice, default));
        Assert.Equal((InvoiceStatus.Paid, null), (read.Status, read.Corrections!.Refunds));
    }

    private async Task<string> PaidAsync()
    {
        var (organization, customer) = await _local.CustomerAsync();
        await Stripe.SaveCardAsync(customer);
        var invoice = await _local.IssuedAsync(customer, Books.New(organization));
        Ok(await Gateway.PayAsync(invoice, default));
        return invoice;
    }

    private static CreditNoteRequest Note(string invoice, long minor, CreditNoteWay way) =>
        new(new CreditNoteId(Guid.CreateVersion7()), invoice, minor, [], way, "Counted twice");
}
