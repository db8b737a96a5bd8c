using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>An invoice as Stripe is sent it, and what Stripe's draft says otherwise. Pure.</summary>
internal static class InvoiceItems
{
    /// <summary>
    /// The invoice's lines; a carried balance is one more, under the invoice's own id, and what is taken off comes last. Where
    /// taxes apply, each line is less its part of the discount, so that every item has its own tax and none is below zero but
    /// credits, which pay and are not taxed. Stripe Tax takes no item below zero: there, credits are of the customer's balance.
    /// </summary>
    /// <param name="rates">Stripe's ids of the rates that apply; none where it works taxes out itself.</param>
    internal static IReadOnlyList<GatewayLine> Of(Invoice invoice, IReadOnlyList<string> rates)
    {
        var isTaxed = invoice.TaxState != InvoiceTaxState.Off;
        var taxable = invoice.TaxableMinor();
        var applied = rates.Count > 0 ? rates : null;
        var lines = invoice
            .Lines.OrderBy(line => line.Meter)
            .ThenBy(line => line.From)
            .Select(
                (line, index) =>
                    new GatewayLine(
                        line.Id,
                        Description(line, isTaxed ? Words(invoice, line.AmountMinor - taxable[index]) : null),
                        isTaxed ? taxable[index] : line.AmountMinor,
                        line.From,
                        line.To,
                        applied
                    )
            )
            .ToList();
        if (invoice.CarriedInMinor != 0)
            lines.Add(
                new(
                    invoice.Id.Value,
                    "Balance of earlier periods, too small to charge then",
                    invoice.CarriedInMinor,
                    invoice.From,
                    invoice.To,
                    applied
                )
            );
        if (!invoice.TaxByStripe)
            lines.AddRange(
                invoice
                    .Adjustments.Where(adjustment => !isTaxed || adjustment.Kind == AdjustmentKind.Credit)
                    .Select(adjustment => new GatewayLine(
                        adjustment.Id,
                        adjustment.Description,
                        adjustment.AmountMinor,
                        invoice.From,
                        invoice.To
                    ))
            );
        return lines;
    }

    /// <summary>What Stripe's draft says otherwise, as a sentence; null when it is the same line by line, and tax by tax.</summary>
    internal static string? Difference(Invoice invoice, GatewayInvoice draft, string customer)
    {
        string Text(long minor) =>
            Currency.TryParse(invoice.CurrencyCode, out var currency)
                ? new Money(minor, currency).ToString()
                : $"{minor} {invoice.CurrencyCode}";
        if (draft.CustomerId != customer)
            return $"Stripe's draft {draft.Id} belongs to customer {draft.CustomerId}, the invoice to {customer}. Nothing was charged.";
        if (!string.Equals(draft.Currency, invoice.CurrencyCode, StringComparison.OrdinalIgnoreCase))
            return $"Stripe's draft {draft.Id} is in {draft.Currency}, the invoice in {invoice.CurrencyCode}. Nothing was charged.";
        var lines = Of(invoice, []);
        foreach (var line in lines)
        {
            if (!draft.LineAmounts.TryGetValue(line.LineId, out var amount))
                return $"Stripe's draft {draft.Id} lacks the line '{line.Description}' over {Text(line.AmountMinor)}. "
                    + "Nothing was charged. Compare again to add it.";
            if (amount != line.AmountMinor)
                return $"Stripe's draft {draft.Id} has {Text(amount)} for '{line.Description}', the books have {Text(line.AmountMinor)}. "
                    + "Nothing was charged. Delete the item at Stripe and compare again.";
        }
        var expected = lines.Count;
        if (draft.ForeignLines > 0 || draft.LineAmounts.Count != expected)
            return $"Stripe's draft {draft.Id} has {draft.LineAmounts.Count + draft.ForeignLines - expected} lines that the books do not "
                + "have. Nothing was charged. Delete them at Stripe and compare again.";
        var sent = lines.Sum(line => line.AmountMinor);
        var added = invoice.TaxState == InvoiceTaxState.Off || invoice.TaxByStripe ? AddedAtStripe(draft) : invoice.AddedTaxMinor;
        if (invoice.TaxState != InvoiceTaxState.Off && !invoice.TaxByStripe && TaxDifference(invoice, draft, Text) is { } tax)
            return tax;
        return draft.SubtotalMinor != sent || draft.TotalMinor - added != sent
            ? $"Stripe's draft {draft.Id} comes to {Text(draft.TotalMinor - added)} before tax, the books to {Text(sent)}. "
                + "Nothing was charged."
            : null;
    }

    /// <summary>Taxes that come on top there. An adapter that tells no taxes apart tells their sum.</summary>
    private static long AddedAtStripe(GatewayInvoice draft) =>
        draft.Taxes.Count == 0 ? draft.TaxMinor : draft.Taxes.Where(tax => !tax.IsInclusive).Sum(tax => tax.AmountMinor);

    private static string? TaxDifference(Invoice invoice, GatewayInvoice draft, Func<long, string> text)
    {
        foreach (var tax in invoice.Taxes)
        {
            var there = draft
                .Taxes.Where(one => one.RateId == tax.StripeRateId && one.IsInclusive == tax.IsInclusive)
                .Sum(one => one.AmountMinor);
            if (there != tax.AmountMinor)
                return $"Stripe's draft {draft.Id} has {text(there)} for {tax.Title}, the books have {text(tax.AmountMinor)}. "
                    + "Nothing was charged. Check the tax rates of its items at Stripe, then compare again.";
        }
        return draft.TaxMinor == invoice.TaxMinor
            ? null
            : $"Stripe's draft {draft.Id} has {text(draft.TaxMinor)} of tax, the books have {text(invoice.TaxMinor)}. "
                + "Nothing was charged. Remove the tax at Stripe that Portal doesn't know, then compare again.";
    }

    private static string? Words(Invoice invoice, long discount) =>
        discount == 0 || !Currency.TryParse(invoice.CurrencyCode, out var currency)
            ? null
            : $"less {MoneyFormat.Text(new Money(discount, currency))} "
                + $"({invoice.Adjustments.First(one => one.Kind == AdjustmentKind.Discount).Reason})";

    private static string Description(InvoiceLine line, string? discount)
    {
        var text = $"{line.Meter.Title()}: {line.Explanation}{(discount is null ? "" : $", {discount}")}";
        return text.Length <= 450 ? text : text[..449] + "…";
    }
}
