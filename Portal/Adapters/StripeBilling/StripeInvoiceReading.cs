using Portal.Domain.Billing;
using Portal.Domain.Common;
using Stripe;
using StripeInvoice = Stripe.Invoice;

namespace Portal.Adapters.StripeBilling;

/// <summary>Stripe's invoice in our own words.</summary>
internal static class StripeInvoiceReading
{
    public static Outcome<GatewayInvoice> ToGateway(StripeInvoice invoice, IReadOnlyCollection<InvoiceLineItem> lines)
    {
        if (StatusOf(invoice.Status) is not { } status)
            return new Problem.Unavailable(
                "stripe-status-unknown",
                $"Stripe says that invoice {invoice.Id} is '{invoice.Status}', which this version of Portal does not know."
            );
        var ours = lines.Select(line => (Line: line, Id: LineId(line))).ToLookup(pair => pair.Id is not null);
        return new GatewayInvoice(
            invoice.Id,
            invoice.Metadata?.GetValueOrDefault(StripeMetadata.InvoiceNumber) ?? invoice.Number,
            invoice.CustomerId,
            status,
            invoice.Currency,
            invoice.Subtotal,
            invoice.Total,
            invoice.TotalTaxes?.Sum(tax => tax.Amount) ?? 0,
            invoice.AmountPaid,
            invoice.AmountRemaining,
            // A line that stands there twice must not look right: its amounts are added.
            ours[true].GroupBy(pair => pair.Id!.Value).ToDictionary(group => group.Key, group => group.Sum(pair => pair.Line.Amount)),
            ours[false].Count(),
            invoice.HostedInvoiceUrl,
            invoice.InvoicePdf,
            status is InvoiceStatus.Open or InvoiceStatus.Uncollectible ? PaymentError(invoice) : null
        )
        {
            LacksTaxLocation = invoice.AutomaticTax is { Enabled: true, Status: "requires_location_inputs" },
        };
    }

    /// <summary>Where the payments were not expanded there is none to see.</summary>
    private static string? PaymentError(StripeInvoice invoice) =>
        invoice
            .Payments?.Data.Where(payment => payment.Status == "open")
            .Select(payment => payment.Payment?.PaymentIntent?.LastPaymentError)
            .Where(error => error?.Message is not null)
            .Select(error => DeclineWords.Of(error!.DeclineCode, error.Message))
            .FirstOrDefault();

    private static Guid? LineId(InvoiceLineItem line) =>
        line.Metadata is { } metadata && metadata.TryGetValue(StripeMetadata.Line, out var text) && Guid.TryParse(text, out var id)
            ? id
            : null;

    private static InvoiceStatus? StatusOf(string? status) =>
        status switch
        {
            "draft" => InvoiceStatus.Draft,
            "open" => InvoiceStatus.Open,
            "paid" => InvoiceStatus.Paid,
            "uncollectible" => InvoiceStatus.Uncollectible,
            "void" => InvoiceStatus.Void,
            _ => null,
        };
}
