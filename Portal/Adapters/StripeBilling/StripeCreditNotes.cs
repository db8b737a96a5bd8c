using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeCreditNote = Stripe.CreditNote;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>
/// Credit notes over issued invoices. What is open is made less by Stripe itself; where the rest goes, it wants to be told to the cent.
/// </summary>
public sealed class StripeCreditNotes(StripeClient client, StripeDrafts drafts, StripeRefunds refunds)
{
    private static readonly Problem Moved = new Problem.Unavailable(
        "invoice-moved",
        "The invoice was paid or corrected at Stripe in the meantime. We'll try again."
    );

    public Task<Outcome<GatewayCreditNote>> EnsureAsync(CreditNoteRequest note, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (await FindAsync(note, cancellationToken) is { } found)
                    return Outcome.Of(OurWords(found));
                if (await drafts.GetAsync(note.StripeInvoiceId, cancellationToken) is not { } invoice)
                    return StripeProblems.DraftGone;
                var open = Math.Min(note.AmountMinor, Open(invoice));
                var options = Options(note);
                if (note.Lines.Count > 0)
                    options.Lines = await LinesAsync(note, cancellationToken);
                if (await GiveBackAsync(options, note, invoice, note.AmountMinor - open, cancellationToken) is { } problem)
                    return problem;
                try
                {
                    return Outcome.Of(
                        OurWords(
                            await StripeOnce.ActAsync(
                                $"credit-note:{note.Id}",
                                () => FindAsync(note, cancellationToken),
                                request => client.V1.CreditNotes.CreateAsync(options, request, cancellationToken)
                            )
                        )
                    );
                }
                catch (StripeException refusal) when (StripeProblems.IsRefusal(refusal))
                {
                    // Paid between the look and the call, so that the parts no longer add up: the next attempt looks anew.
                    if (
                        await drafts.GetAsync(note.StripeInvoiceId, cancellationToken) is { } now
                        && Math.Min(note.AmountMinor, Open(now)) != open
                    )
                        return Outcome.Refused<GatewayCreditNote>(Moved);
                    throw;
                }
            },
            cancellationToken
        );

    /// <summary>What the invoice was corrected by; refunds only of one that was paid.</summary>
    /// <param name="invoice">With its payments expanded.</param>
    public async Task<GatewayCorrections> OfAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        List<GatewayCreditNote> notes = [];
        if (invoice.PrePaymentCreditNotesAmount > 0 || invoice.PostPaymentCreditNotesAmount > 0 || invoice.Status == "paid")
        {
            await foreach (var note in ListAsync(invoice.Id, cancellationToken))
                notes.Insert(0, OurWords(note));
        }

        return new(notes, await refunds.OfAsync(invoice, cancellationToken));
    }

    public async Task<IReadOnlyList<SeenCorrection>> SinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var seen = new List<SeenCorrection>();
        var options = new CreditNoteListOptions
        {
            Limit = 100,
            Created = new DateRangeOptions { GreaterThanOrEqual = since.UtcDateTime },
        };
        await foreach (var note in client.V1.CreditNotes.ListAutoPagingAsync(options, null, cancellationToken))
            seen.Add(new(note.Id, note.InvoiceId, note.Status == "void", null, note.Created));
        return seen;
    }

    private static long Open(StripeInvoice invoice) => invoice.Status == "open" ? invoice.AmountRemaining : 0;

    private IAsyncEnumerable<StripeCreditNote> ListAsync(string invoiceId, CancellationToken cancellationToken)
    {
        var options = new CreditNoteListOptions { Invoice = invoiceId, Limit = 100 };
        options.AddExpand("data.refunds.refund");
        return client.V1.CreditNotes.ListAutoPagingAsync(options, null, cancellationToken);
    }

    /// <summary>The oldest of ours; a second one can't be, for the first used up what it wanted.</summary>
    private async Task<StripeCreditNote?> FindAsync(CreditNoteRequest note, CancellationToken cancellationToken)
    {
        StripeCreditNote? first = null;
        await foreach (var found in ListAsync(note.StripeInvoiceId, cancellationToken))
        {
            if (found.Metadata.Names(StripeMetadata.CreditNote, note.Id.Value))
                first = found;
        }

        return first;
    }

    /// <summary>Stripe's emails are off: Portal writes to those who look after the bills.</summary>
    private static CreditNoteCreateOptions Options(CreditNoteRequest note)
    {
        var options = new CreditNoteCreateOptions
        {
            Invoice = note.StripeInvoiceId,
            Amount = note.Lines.Count > 0 ? null : note.AmountMinor,
            Memo = note.Reason,
            EmailType = "none",
            Metadata = new Dictionary<string, string> { [StripeMetadata.CreditNote] = note.Id.ToString() },
        };
        options.AddExpand("refunds.refund");
        return options;
    }

    private async Task<List<CreditNoteLineOptions>> LinesAsync(CreditNoteRequest note, CancellationToken cancellationToken)
    {
        var ids = new Dictionary<Guid, string>();
        await foreach (
            var line in client.V1.Invoices.LineItems.ListAutoPagingAsync(
                note.StripeInvoiceId,
                new InvoiceLineItemListOptions { Limit = 100 },
                null,
                cancellationToken
            )
        )
        {
            if (line.Metadata is { } metadata && metadata.TryGetValue(StripeMetadata.Line, out var text) && Guid.TryParse(text, out var id))
                ids[id] = line.Id;
        }

        return
        [
            .. note
                .Lines.Where(line => ids.ContainsKey(line.Line))
                .Select(line => new CreditNoteLineOptions
                {
                    Type = "invoice_line_item",
                    InvoiceLineItem = ids[line.Line],
                    Amount = line.AmountMinor,
                }),
        ];
    }

    /// <summary>Where the part goes that was paid. Null when that is said, else why it cannot be.</summary>
    private async Task<Problem?> GiveBackAsync(
        CreditNoteCreateOptions options,
        CreditNoteRequest note,
        StripeInvoice invoice,
        long back,
        CancellationToken cancellationToken
    )
    {
        if (back == 0)
            return null;
        switch (note.Way)
        {
            case CreditNoteWay.Refund:
                options.RefundAmount = back;
                return null;
            case CreditNoteWay.Credit:
                // In Portal's ledger: Stripe would take its own balance off the next invoice behind our back.
                options.OutOfBandAmount = back;
                return null;
            default:
                var linked = new HashSet<string>(StringComparer.Ordinal);
                await foreach (var other in ListAsync(invoice.Id, cancellationToken))
                    linked.UnionWith(RefundsOf(other).Select(refund => refund.RefundId));
                var loose = (await refunds.OfAsync(invoice, cancellationToken) ?? [])
                    .Where(refund => refund.State != RefundState.Failed && !linked.Contains(refund.Id))
                    .ToList();
                if (loose.Sum(refund => refund.AmountMinor) != back)
                    return new Problem.Conflict(
                        "credit-note-other-refund",
                        "What was refunded in Stripe has changed in the meantime. Issue the credit note again over what was refunded."
                    );
                options.Refunds =
                [
                    .. loose.Select(refund => new CreditNoteRefundOptions { Refund = refund.Id, AmountRefunded = refund.AmountMinor }),
                ];
                return null;
        }
    }

    private static List<CreditNoteRefund> RefundsOf(StripeCreditNote note) => note.Refunds ?? [];

    private static GatewayCreditNote OurWords(StripeCreditNote note)
    {
        List<CreditNoteRefund> parts = [.. RefundsOf(note)];
        var ours =
            note.Metadata is { } metadata
            && metadata.TryGetValue(StripeMetadata.CreditNote, out var text)
            && Guid.TryParse(text, out var id)
                ? id
                : (Guid?)null;
        var refunded = parts.Sum(part => part.AmountRefunded);
        var outside = note.OutOfBandAmount ?? 0;
        return new(
            note.Id,
            ours,
            note.Number,
            note.Status == "void",
            note.Total,
            note.PrePaymentAmount,
            refunded,
            outside,
            // Stripe says it by a transaction of the customer's balance; what is left of the part that was paid is the same.
            Math.Max(0, note.PostPaymentAmount - refunded - outside),
            StateOf(parts),
            [.. parts.Select(part => part.RefundId)],
            note.Memo,
            [.. (note.Lines?.Data ?? []).Select(line => new GatewayCreditNoteLine(null, line.Description ?? "Credit", line.Amount))],
            note.Pdf,
            note.Created,
            note.TotalTaxes?.Sum(tax => tax.Amount) ?? 0
        );
    }

    private static RefundState StateOf(List<CreditNoteRefund> parts)
    {
        if (parts.Count == 0)
            return RefundState.None;
        List<RefundState> states = [.. parts.Select(part => StripeRefunds.StateOf(part.Refund?.Status))];
        return states.Contains(RefundState.Failed) ? RefundState.Failed
            : states.Contains(RefundState.Pending) ? RefundState.Pending
            : RefundState.Succeeded;
    }
}
