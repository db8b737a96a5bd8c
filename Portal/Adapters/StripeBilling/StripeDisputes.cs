using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Disputes name a payment; invoices are found through it.</summary>
public sealed class StripeDisputes(StripeClient client)
{
    public Task<Outcome<string?>> FindInvoiceAsync(GatewayEvent happened, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () =>
        {
            if (happened.ObjectId is not { } id)
                return Outcome.Of<string?>(null);
            if (happened.Type.StartsWith("invoice.", StringComparison.Ordinal))
                return Outcome.Of<string?>(id);
            if (!happened.Type.StartsWith("charge.dispute.", StringComparison.Ordinal))
                return Outcome.Of<string?>(null);
            var dispute = await client.V1.Disputes.GetAsync(id, null, null, cancellationToken);
            return Outcome.Of(await InvoiceOfAsync(dispute, cancellationToken));
        }, cancellationToken);

    public Task<Outcome<IReadOnlyList<string>>> ListAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        StripeProblems.TryAsync(async () =>
        {
            var invoices = new List<string>();
            var options = new DisputeListOptions { Limit = 100, Created = new DateRangeOptions { GreaterThanOrEqual = since.UtcDateTime } };
            await foreach (var dispute in client.V1.Disputes.ListAutoPagingAsync(options, null, cancellationToken))
            {
                if (await InvoiceOfAsync(dispute, cancellationToken) is { } invoice)
                    invoices.Add(invoice);
            }

            return Outcome.Of<IReadOnlyList<string>>([.. invoices.Distinct()]);
        }, cancellationToken);

    /// <summary>The newest dispute over a payment of the invoice.</summary>
    /// <param name="invoice">With its payments expanded.</param>
    public async Task<GatewayDispute?> OfAsync(StripeInvoice invoice, CancellationToken cancellationToken)
    {
        foreach (var payment in invoice.Payments?.Data ?? [])
        {
            if (payment is not { Status: "paid", Payment.PaymentIntentId: { } intent })
                continue;
            var found = await client.V1.Disputes.ListAsync(new DisputeListOptions { PaymentIntent = intent, Limit = 1 }, null, cancellationToken);
            if (found.FirstOrDefault() is { } dispute)
                return new GatewayDispute(StateOf(dispute.Status), dispute.Amount);
        }

        return null;
    }

    /// <summary>What Stripe may add is taken for undecided: an operator looks at it sooner than at one that counts as won.</summary>
    private static DisputeState StateOf(string status) => status switch
    {
        "won" or "prevented" or "warning_closed" => DisputeState.Won,
        "lost" => DisputeState.Lost,
        _ => DisputeState.Open,
    };

    private async Task<string?> InvoiceOfAsync(Dispute dispute, CancellationToken cancellationToken)
    {
        if (dispute.PaymentIntentId is not { } intent)
            return null;
        var options = new InvoicePaymentListOptions { Payment = new InvoicePaymentPaymentOptions { Type = "payment_intent", PaymentIntent = intent }, Limit = 1 };
        return (await client.V1.InvoicePayments.ListAsync(options, null, cancellationToken)).FirstOrDefault()?.InvoiceId;
    }
}
