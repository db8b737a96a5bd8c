using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>Takes over what Stripe says of an invoice's credit notes and refunds, whoever made them there.</summary>
internal static class Corrections
{
    /// <summary>In the transaction that notes what else was read of the invoice. Doing it again changes nothing.</summary>
    internal static async Task TakeOverAsync(
        this IPortalSession session,
        Invoice invoice,
        GatewayCorrections? found,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (found is null)
            return;
        var refundOf = new Dictionary<string, CreditNoteId>(StringComparer.Ordinal);
        foreach (var one in found.Notes)
        {
            var id = await NoteAsync(session, invoice, one, clock, cancellationToken);
            foreach (var refund in one.RefundIds)
                refundOf[refund] = id;
        }
        foreach (var refund in found.Refunds ?? [])
        {
            CreditNoteId? note = refundOf.TryGetValue(refund.Id, out var of) ? of : null;
            if (await session.CreditNotes.FindRefundAsync(refund.Id, cancellationToken) is { } known)
                known.Observe(refund, note);
            else
                session.CreditNotes.Add(new InvoiceRefund(invoice, refund, note));
        }
        List<GatewayCreditNote> live = [.. found.Notes.Where(note => !note.IsVoid)];
        var refunded =
            found.Refunds?.Where(refund => refund.State != RefundState.Failed).Sum(refund => refund.AmountMinor)
            ?? live.Where(note => note.RefundState != RefundState.Failed).Sum(note => note.RefundMinor);
        invoice.Corrected(
            live.Sum(note => note.TotalMinor),
            live.Sum(note => note.OpenMinor),
            live.Sum(note => note.OutsideMinor + note.BalanceMinor),
            refunded
        );
    }

    private static async Task<CreditNoteId> NoteAsync(
        IPortalSession session,
        Invoice invoice,
        GatewayCreditNote found,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var known =
            await session.CreditNotes.FindByStripeIdAsync(found.Id, cancellationToken)
            ?? (found.OurId is { } ours ? await session.CreditNotes.FindAsync(new CreditNoteId(ours), cancellationToken) : null);
        if (known is null || known.InvoiceId != invoice.Id)
        {
            var absorbed = CreditNote.Absorbed(new CreditNoteId(clock.NewUuid()), invoice, found, clock);
            session.CreditNotes.Add(absorbed);
            return absorbed.Id;
        }
        // Given up by an operator, and there all the same: its own work grants what is to be granted, and tells the customer.
        if (known.State == CreditNoteState.Refused)
        {
            known.Found();
            session.Work.Add(clock, new IssueCreditNoteWork(known.Id), IssueCreditNoteWork.Place(known));
        }
        else if (known.State != CreditNoteState.Pending)
        {
            known.Observe(found);
        }
        return known.Id;
    }
}
