using System.Net;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Disputes name a payment; invoices are found through it, and so are those of other events.</summary>
public sealed class StripeDisputes(StripeClient client, StripeRefunds refunds)
{
    public Task<Outcome<string?>> FindInvoiceAsync(string type, string objectId, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                if (type.StartsWith("invoice.", StringComparison.Ordinal))
                    return Outcome.Of<string?>(objectId);
                if (type.StartsWith("credit_note.", StringComparison.Ordinal))
                    return Outcome.Of<string?>((await client.V1.CreditNotes.GetAsync(objectId, null, null, cancellationToken)).InvoiceId);
                if (type.StartsWith("refund.", StringComparison.Ordinal) || type.StartsWith("charge.refund", StringComparison.Ordinal))
                    return Outcome.Of(await InvoiceOfAsync(await refunds.PaymentOfAsync(objectId, cancellationToken), cancellationToken));
                if (!type.StartsWith("charge.dispute.", StringComparison.Ordinal))
                    return Outcome.Of<string?>(null);
                var dispute = await client.V1.Disputes.GetAsync(objectId, null, null, cancellationToken);
                return Outcome.Of(await InvoiceOfAsync(dispute.PaymentIntentId, cancellationToken));
            },
            cancellationToken
        );

    public Task<Outcome<IReadOnlyList<DisputedInvoice>>> ListAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(
            async () =>
            {
                var found = new Dictionary<string, DisputedInvoice>(StringComparer.Ordinal);
                var options = new DisputeListOptions
                {
                    Limit = 100,
                    Created = new DateRangeOptions { GreaterThanOrEqual = since.UtcDateTime },
                };
                await foreach (var dispute in client.V1.Disputes.ListAutoPagingAsync(options, null, cancellationToken))
                {
                    // Newest first: of two over one invoice the later counts.
                    if (await InvoiceOfAsync(dispute.PaymentIntentId, cancellationToken) is { } invoice)
                        found.TryAdd(invoice, new DisputedInvoice(invoice, OurWords(dispute)));
                }

                return Outcome.Of<IReadOnlyList<DisputedInvoice>>([.. found.Values]);
            },
            cancellationToken
        );

    /// <summary>
    /// The newest dispute over a payment of the invoice. None to a restricted key that may not read disputes: that an invoice
    /// is paid must be seen all the same, and <see cref="ListAsync"/> says what is missing.
    /// </summary>
    /// <param name="invoice">With its payments expanded.</param>
    public async Task<GatewayDispute?> OfAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        try
        {
            return await NewestAsync(invoice, cancellationToken);
        }
        catch (StripeException refusal) when (refusal.HttpStatusCode == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<GatewayDispute?> NewestAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        foreach (var payment in invoice.Payments?.Data ?? [])
        {
            if (payment is not { Status: "paid", Payment.PaymentIntentId: { } intent })
                continue;
            var found = await client.V1.Disputes.ListAsync(
                new DisputeListOptions { PaymentIntent = intent, Limit = 1 },
                null,
                cancellationToken
            );
            if (found.FirstOrDefault() is { } dispute)
                return OurWords(dispute);
        }

        return null;
    }

    private static GatewayDispute OurWords(Dispute dispute) => new(StateOf(dispute.Status), dispute.Amount);

    /// <summary>What Stripe may add is taken for undecided: an operator looks at it sooner than at one that counts as won.</summary>
    private static DisputeState StateOf(string status) =>
        status switch
        {
            "won" or "prevented" or "warning_closed" => DisputeState.Won,
            "lost" => DisputeState.Lost,
            _ => DisputeState.Open,
        };

    private async Task<string?> InvoiceOfAsync(string? payment, CancellationToken cancellationToken)
    {
        if (payment is not { } intent)
            return null;
        var options = new InvoicePaymentListOptions
        {
            Payment = new InvoicePaymentPaymentOptions { Type = "payment_intent", PaymentIntent = intent },
            Limit = 1,
        };
        return (await client.V1.InvoicePayments.ListAsync(options, null, cancellationToken)).FirstOrDefault()?.InvoiceId;
    }
}
