using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>What stands on an invoice beside its status.</summary>
public static class PaymentTrouble
{
    /// <summary>What is wrong with the payment of an issued invoice, as a sentence for the customer; null when nothing is.</summary>
    public static string? Of(GatewayInvoice invoice) =>
        Of(invoice.Dispute, invoice.Currency)
        ?? invoice switch
        {
            { Status: InvoiceStatus.Open or InvoiceStatus.Uncollectible, PaymentError: { } error } =>
                $"{error} Try another card, or contact your bank.",
            _ => null,
        };

    /// <param name="currencyCode">Of the disputed payment.</param>
    public static string? Of(GatewayDispute? dispute, string currencyCode) =>
        dispute switch
        {
            { State: DisputeState.Open } =>
                $"The cardholder disputed this payment: the bank is holding {Text(dispute.AmountMinor, currencyCode)} until it "
                    + "decides. If this is a mistake, ask your bank to withdraw the dispute.",
            { State: DisputeState.Lost } =>
                $"The cardholder disputed this payment and the bank returned {Text(dispute.AmountMinor, currencyCode)}. "
                    + "Contact us to settle this invoice.",
            _ => null,
        };

    private static string Text(long minor, string currencyCode) =>
        Currency.TryParse(currencyCode, out var currency) ? new Money(minor, currency).ToString() : $"{minor} {currencyCode}";
}
