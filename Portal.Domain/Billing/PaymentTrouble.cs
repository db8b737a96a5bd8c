using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>What stands on an invoice beside its status.</summary>
public static class PaymentTrouble
{
    /// <summary>What is wrong with the payment of an issued invoice, as a sentence for the customer; null when nothing is.</summary>
    public static string? Of(GatewayInvoice invoice) => invoice switch
    {
        { Dispute: { State: DisputeState.Open } open } =>
            $"The cardholder disputed this payment: the bank is holding {Text(open.AmountMinor, invoice)} until it decides. If this is a mistake, ask your bank to withdraw the dispute.",
        { Dispute: { State: DisputeState.Lost } lost } =>
            $"The cardholder disputed this payment and the bank returned {Text(lost.AmountMinor, invoice)}. Contact us to settle this invoice.",
        { Status: InvoiceStatus.Open or InvoiceStatus.Uncollectible, PaymentError: { } error } => $"{error} Pay with another card on the invoice page, or ask your bank.",
        _ => null,
    };

    private static string Text(long minor, GatewayInvoice invoice) =>
        Currency.TryParse(invoice.Currency, out var currency) ? new Money(minor, currency).ToString() : $"{minor} {invoice.Currency}";
}
