using System.Globalization;
using System.Net;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>What becomes of a draft: read, finalized, paid.</summary>
public sealed class StripeInvoices(
    StripeClient client,
    StripeDrafts drafts,
    StripeDisputes disputes,
    StripeCreditNotes creditNotes,
    StripeTaxes taxes
)
{
    public Task<Outcome<GatewayInvoice>> ReadAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (await drafts.GetAsync(stripeInvoiceId, cancellationToken) is not { } invoice)
                    return StripeProblems.DraftGone;
                var dispute = invoice.Status == "paid" ? await disputes.OfAsync(invoice, cancellationToken) : null;
                var corrections = invoice.Status == "draft" ? null : await creditNotes.OfAsync(invoice, cancellationToken);
                return (await WithLinesAsync(invoice, cancellationToken)).Map(read =>
                    read with
                    {
                        Dispute = dispute,
                        Corrections = corrections,
                    }
                );
            },
            cancellationToken
        );

    public Task<Outcome<GatewayInvoice>> FinalizeAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (await drafts.GetAsync(stripeInvoiceId, cancellationToken) is not { } invoice)
                    return StripeProblems.DraftGone;
                if (invoice.Status == "draft")
                {
                    // An invoice to be sent advances at once: Stripe mails it. A card is charged by PayAsync, not behind our back.
                    var options = new InvoiceFinalizeOptions { AutoAdvance = invoice.CollectionMethod == "send_invoice" };
                    invoice = await StripeOnce.ActAsync(
                        $"finalize:{stripeInvoiceId}",
                        async () =>
                            await drafts.GetAsync(stripeInvoiceId, cancellationToken) is { Status: not "draft" } final ? final : null,
                        request => client.V1.Invoices.FinalizeInvoiceAsync(stripeInvoiceId, options, request, cancellationToken)
                    );
                }

                return await WithLinesAsync(invoice, cancellationToken);
            },
            cancellationToken
        );

    public Task<Outcome<GatewayInvoice>> PayAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (await drafts.GetAsync(stripeInvoiceId, cancellationToken) is not { } invoice)
                    return StripeProblems.DraftGone;
                if (invoice.Status == "paid")
                    return await WithLinesAsync(invoice, cancellationToken);
                if (invoice.Status is not ("open" or "uncollectible"))
                    return new Problem.Conflict(
                        "invoice-not-payable",
                        $"Invoice {invoice.Number} is {invoice.Status} at Stripe and can't be paid."
                    );
                if (invoice.Customer?.Deleted == true)
                    return new Problem.PaymentRequired(
                        "card-missing",
                        "Your payment details were removed at Stripe, so this invoice can't be charged to a card on file. "
                            + "Pay it on the invoice page."
                    );
                if ((invoice.DefaultPaymentMethodId ?? invoice.Customer?.InvoiceSettings?.DefaultPaymentMethodId) is not { } card)
                    return new Problem.PaymentRequired(
                        "card-missing",
                        "There is no card on file. Add one on the billing page; we'll then charge the invoice again."
                    );
                return await ChargeAsync(invoice, card, cancellationToken);
            },
            cancellationToken
        );

    /// <summary>
    /// The key names this attempt: the same after a crash, another once Stripe has counted the attempt or the card has
    /// changed, for a key would otherwise repeat yesterday's refusal.
    /// </summary>
    private async Task<Outcome<GatewayInvoice>> ChargeAsync(StripeInvoice invoice, string card, CancellationToken cancellationToken)
    {
        // An attempt whose refusal we did not live to hear of was not handed over either.
        if (invoice is { AttemptCount: > 0, AutoAdvance: false })
            await HandOverAsync(invoice, cancellationToken);
        try
        {
            var paid = await StripeOnce.ActAsync(
                string.Create(CultureInfo.InvariantCulture, $"pay:{invoice.Id}:{invoice.AttemptCount}:{card}"),
                async () => await drafts.GetAsync(invoice.Id, cancellationToken) is { Status: "paid" } now ? now : null,
                request => client.V1.Invoices.PayAsync(invoice.Id, new InvoicePayOptions { OffSession = true }, request, cancellationToken)
            );
            return await WithLinesAsync(paid, cancellationToken);
        }
        catch (StripeException refusal)
            when (refusal.HttpStatusCode == HttpStatusCode.PaymentRequired && invoice is { AttemptCount: 0, AutoAdvance: false })
        {
            await HandOverAsync(invoice, cancellationToken);
            throw;
        }
    }

    /// <summary>
    /// From here on Stripe reminds the customer and tries again by its own schedule. Setting a value twice is harmless, so
    /// this needs no key of ours.
    /// </summary>
    private Task<StripeInvoice> HandOverAsync(StripeInvoice invoice, CancellationToken cancellationToken) =>
        client.V1.Invoices.UpdateAsync(invoice.Id, new InvoiceUpdateOptions { AutoAdvance = true }, null, cancellationToken);

    private async Task<Outcome<GatewayInvoice>> WithLinesAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        var lines = invoice.Lines?.Data ?? [];
        if (invoice.Lines?.HasMore == true)
            lines = await client
                .V1.Invoices.LineItems.ListAutoPagingAsync(
                    invoice.Id,
                    new InvoiceLineItemListOptions { Limit = 100 },
                    null,
                    cancellationToken
                )
                .ToListAsync(cancellationToken);
        var read = StripeInvoiceReading.ToGateway(invoice, lines);
        if (!read.IsOk || (invoice.TotalTaxes ?? []).Count == 0)
            return read;
        var found = await taxes.OfAsync(invoice, cancellationToken);
        return read.Map(known => known with { Taxes = found });
    }
}
