using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

public sealed partial class CreditNoteTests
{
    [Fact]
    public async Task What_Stripe_refuses_says_why_and_leaves_the_invoice_as_it_was()
    {
        await PaidAsync();
        _world.Gateway.Fail = (call, _) =>
            call == "credit-note" ? new Problem.Conflict("stripe-refused", "Stripe reports: the charge is disputed.") : null;
        var refused = await IssueAsync(500, "refund", "Ours");
        Assert.Equal(
            (CreditNoteState.Refused, "Stripe reports: the charge is disputed.", null),
            (refused.State, refused.ProblemMessage, refused.Number)
        );
        Assert.Equal(0, (await _world.InvoiceAsync()).CreditedMinor);
        Assert.Empty(
            (await new ListCreditNotes(_world.Guard, _world.Database).RunAsync(BillingWorld.Owner, "northwind", null, new(), default))
                .Value
                .Items
        );
        Assert.Equal(
            refused.Id,
            Assert
                .Single(
                    (await new ListAllCreditNotes(_world.Guard, _world.Database).RunAsync(BillingWorld.Operator, null, new(), default))
                        .Value
                        .Items
                )
                .Id
        );
        // What it wanted is free again.
        _world.Gateway.Fail = (_, _) => null;
        Assert.Equal(CreditNoteState.Issued, (await IssueAsync(1600, "credit", "Then as credit")).State);
    }

    [Fact]
    public async Task An_absent_Stripe_is_waited_for_and_what_is_pending_is_not_credited_twice()
    {
        await PaidAsync();
        _world.Gateway.Fail = (call, _) =>
            call == "credit-note" ? new Problem.Unavailable("stripe-away", "Stripe isn't responding.") : null;
        Assert.True((await WishAsync(1000, "refund", "Ours")).IsOk);
        await _world.RunAsync();
        Assert.Equal("credit-note-too-large", (await WishAsync(1000, "refund", "Ours again")).Problem!.Code);
        Assert.Equal(CreditNoteState.Pending, Assert.Single(await NotesAsync()).State);
        _world.Gateway.Fail = (_, _) => null;
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        await _world.RunAsync();
        Assert.Equal(CreditNoteState.Issued, Assert.Single(await NotesAsync()).State);
    }

    [Fact]
    public async Task A_refund_in_Stripe_without_its_event_is_found_listed_and_written_down_by_a_credit_note()
    {
        var invoice = await PaidAsync();
        await Recurring.EnsureAsync(
            _world.Database,
            _world.Clock,
            new ReconcileCorrectionsWork(),
            Lanes.Stripe,
            "credit notes and refunds",
            default
        );
        await _world.RunAsync();
        _world.Gateway.RefundOutside(invoice.StripeInvoiceId!, 700);
        await LookedAsync();
        var row = await RowAsync();
        Assert.Equal((0, 700), (row.CreditNotes.Minor, row.Returned.Minor));
        Assert.Equal(["$7.00 was refunded in Stripe without a credit note."], row.Differences.Select(difference => difference.Cause));
        Assert.Null(Assert.Single((await CorrectedAsync(invoice)).Refunds).CreditNoteId);

        Assert.Equal("credit-note-too-large", (await WishAsync(1000, "refund", "Too much")).Problem!.Code);
        Assert.Equal("credit-note-other-refund", (await WishAsync(600, "refunded", "Not what was refunded")).Problem!.Code);
        var note = await IssueAsync(700, "refunded", "Refunded by phone");
        Assert.Equal((CreditNoteState.Issued, 700L, RefundState.Succeeded), (note.State, note.RefundMinor, note.RefundState));
        Assert.Equal(note.Id, Assert.Single((await CorrectedAsync(invoice)).Refunds).CreditNoteId);
        row = await RowAsync();
        Assert.Equal((700, 700, true), (row.CreditNotes.Minor, row.Returned.Minor, row.IsBalanced));
        Assert.Equal("credit-note-nothing-refunded", (await WishAsync(100, "refunded", "Nothing")).Problem!.Code);

        // The bank sends the money back weeks later.
        _world.Gateway.SetRefund(invoice.StripeInvoiceId!, RefundState.Failed);
        await LookedAsync();
        row = await RowAsync();
        Assert.Equal(
            ["$7.00 that a credit note promised did not reach the customer's card."],
            row.Differences.Select(difference => difference.Cause)
        );
        Assert.Equal(RefundState.Failed, Assert.Single(await NotesAsync()).RefundState);
    }

    [Fact]
    public async Task A_credit_note_issued_in_Stripe_is_taken_over_once()
    {
        var invoice = await PaidAsync();
        await Recurring.EnsureAsync(
            _world.Database,
            _world.Clock,
            new ReconcileCorrectionsWork(),
            Lanes.Stripe,
            "credit notes and refunds",
            default
        );
        _world.Gateway.NoteOutside(invoice.StripeInvoiceId!, 300);
        await LookedAsync();
        await LookedAsync();
        var note = Assert.Single(await NotesAsync());
        Assert.Equal(
            (CreditNoteState.Issued, "Agreed on the phone", "Stripe", 300L),
            (note.State, note.Reason, note.By, note.StripeBalanceMinor)
        );
        Assert.Equal(300, (await _world.InvoiceAsync()).CreditedMinor);
        Assert.Empty(await _world.ReadAsync(session => session.Credits.OpenAsync(_world.Northwind, default)));
        var calls = _world.Gateway.Calls;
        await LookedAsync();
        Assert.Equal(calls + 1, _world.Gateway.Calls);
    }
}
