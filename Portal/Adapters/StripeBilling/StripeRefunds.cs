using System.Net;
using Portal.Domain.Billing;
using Stripe;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Refunds name a payment; invoices are found through it.</summary>
public sealed class StripeRefunds(StripeClient client)
{
    /// <summary>Of the invoice's payments, oldest first. Null to a restricted key that may not read them.</summary>
    /// <param name="invoice">With its payments expanded.</param>
    public async Task<IReadOnlyList<GatewayRefund>?> OfAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        var found = new List<GatewayRefund>();
        foreach (var payment in invoice.Payments?.Data ?? [])
        {
            if (payment is not { Status: "paid", Payment.PaymentIntentId: { } intent })
                continue;
            try
            {
                await foreach (
                    var refund in client.V1.Refunds.ListAutoPagingAsync(
                        new RefundListOptions { PaymentIntent = intent, Limit = 100 },
                        null,
                        cancellationToken
                    )
                )
                    found.Insert(0, OurWords(refund));
            }
            catch (StripeException refusal) when (refusal.HttpStatusCode == HttpStatusCode.Forbidden)
            {
                return null;
            }
        }

        return found;
    }

    public async Task<IReadOnlyList<SeenCorrection>> SinceAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        var seen = new List<SeenCorrection>();
        var options = new RefundListOptions
        {
            Limit = 100,
            Created = new DateRangeOptions { GreaterThanOrEqual = since.UtcDateTime },
        };
        await foreach (var refund in client.V1.Refunds.ListAutoPagingAsync(options, null, cancellationToken))
            seen.Add(new(refund.Id, null, false, OurWords(refund), refund.Created));
        return seen;
    }

    /// <summary>The payment that an event's refund, or charge, is of.</summary>
    public async Task<string?> PaymentOfAsync(string id, CancellationToken cancellationToken) =>
        id.StartsWith("ch_", StringComparison.Ordinal) || id.StartsWith("py_", StringComparison.Ordinal)
            ? (await client.V1.Charges.GetAsync(id, null, null, cancellationToken)).PaymentIntentId
            : (await client.V1.Refunds.GetAsync(id, null, null, cancellationToken)).PaymentIntentId;

    /// <summary>One that waits for somebody's action is under way; one that was canceled did not reach the card either.</summary>
    internal static RefundState StateOf(string? status) =>
        status switch
        {
            "succeeded" => RefundState.Succeeded,
            "failed" or "canceled" => RefundState.Failed,
            _ => RefundState.Pending,
        };

    private static GatewayRefund OurWords(Refund refund) => new(refund.Id, refund.Amount, StateOf(refund.Status), refund.Created);
}
