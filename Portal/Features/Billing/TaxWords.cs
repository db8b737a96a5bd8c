using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Features.Billing;

/// <summary>Taxes in words.</summary>
internal static class TaxWords
{
    /// <summary>What a tax of an invoice is a part of.</summary>
    internal static string Base(Invoice invoice, InvoiceTax tax)
    {
        var amount = MoneyFormat.Text(InvoiceWords.Money(invoice, tax.BaseMinor));
        return tax.IsInclusive ? $"included in the amounts above, on {amount}" : $"on {amount}";
    }

    /// <summary>How an organization is taxed, for its billing page.</summary>
    internal static string Of(TaxView view) =>
        view.Decision switch
        {
            { State: InvoiceTaxState.Taxed } taxed =>
                $"Invoices include {string.Join(" and ", taxed.Rates.Select(rate => $"{rate.Name} of {rate.PercentText}"))}.",
            { State: InvoiceTaxState.ReverseCharge } => "Reverse charge applies: you account for VAT yourself.",
            { State: InvoiceTaxState.Exempt } => "You are exempt from tax.",
            { State: InvoiceTaxState.NotCollected, Note: { } note } => note,
            { State: InvoiceTaxState.AtStripe } when view.Address is not null =>
                "Tax is worked out for your billing address when an invoice is issued.",
            { State: InvoiceTaxState.AtStripe or InvoiceTaxState.LocationMissing } =>
                "Tax depends on your billing address. Add it so that your next invoice can be issued.",
            _ => "",
        };

    internal static string Of(TaxMode mode) =>
        mode switch
        {
            TaxMode.Rates => "Your own rates",
            TaxMode.Stripe => "Stripe Tax",
            _ => "No tax",
        };

    internal static string Of(TaxExemption exemption) =>
        exemption switch
        {
            TaxExemption.Exempt => "Exempt from tax",
            TaxExemption.Reverse => "Reverse charge",
            _ => "By the rules",
        };

    /// <summary>In lines, as on an envelope.</summary>
    internal static IReadOnlyList<string> Lines(BillingAddress address) =>
        [
            .. new[]
            {
                address.Line1,
                address.Line2,
                string.Join(" ", new[] { address.PostalCode, address.City, address.State }.Where(part => part is not null)),
                Countries.NameOf(address.Country!),
            }
                .Where(line => !string.IsNullOrEmpty(line))
                .Select(line => line!),
        ];
}
