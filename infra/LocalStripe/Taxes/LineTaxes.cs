using System.Text.Json.Nodes;
using LocalStripe.Invoices;
using LocalStripe.Pages;
using LocalStripe.Storage;

namespace LocalStripe.Taxes;

/// <summary>
/// Taxes of a draft, worked out for each line by itself and rounded half up there, as Stripe does by default; an invoice's
/// tax is the sum. What comes of it is kept with the items, so that an issued invoice stays as it is.
/// </summary>
internal static class LineTaxes
{
    /// <summary>Works a draft out. What its lines' taxes come to by rate.</summary>
    public static JsonArray Compute(Work work, JsonObject invoice)
    {
        var customer = work.Get("customer", invoice.Text("customer"));
        invoice["customer_address"] = customer["address"]?.DeepClone();
        invoice["customer_tax_exempt"] = customer["tax_exempt"]?.DeepClone();
        var automatic = invoice.Sub("automatic_tax");
        var isAutomatic = automatic.Flag("enabled");
        var located = !isAutomatic || StripeTaxTable.IsLocated(customer);
        automatic["status"] = isAutomatic
            ? located
                ? "complete"
                : "requires_location_inputs"
            : null;
        var sums = new List<JsonObject>();
        foreach (var item in InvoiceLines.Items(work, invoice.Text("id")))
        {
            var hidden = work.Hidden(item.Text("id"));
            var taxes = isAutomatic
                ? located
                    ? new[] { StripeTaxTable.Of(work, customer, item, hidden.TextOrNull("tax_behavior") == "inclusive") }
                    : []
                : item["tax_rates"]!.AsArray().Select(rate => OfRate(customer, item, rate!.AsObject())).ToArray();
            hidden["taxes"] = new JsonArray([.. taxes.Select(tax => tax.DeepClone())]);
            work.SetHidden(item.Text("id"), hidden);
            foreach (var tax in taxes)
                Add(sums, tax);
        }

        return new JsonArray([.. sums]);
    }

    public static JsonObject Tax(JsonObject rate, long amount, long taxable, string reason) =>
        new()
        {
            ["amount"] = amount,
            ["tax_behavior"] = rate.Flag("inclusive") ? "inclusive" : "exclusive",
            ["tax_rate_details"] = new JsonObject { ["tax_rate"] = rate.Text("id") },
            ["taxability_reason"] = reason,
            ["taxable_amount"] = taxable,
            ["type"] = "tax_rate_details",
        };

    public static long Round(decimal exact, string currency)
    {
        var step =
            Amounts.Decimals(currency) == 3 ? 10
            : currency == "isk" ? 100
            : 1;
        return (long)decimal.Round(exact / step, 0, MidpointRounding.AwayFromZero) * step;
    }

    /// <summary>The part of taxes that belongs to a part of an invoice; parts up to the whole come to the whole tax.</summary>
    public static long Part(long tax, long total, long before, long part)
    {
        long UpTo(long amount) =>
            amount >= total ? tax : (long)decimal.Round((decimal)tax * amount / total, 0, MidpointRounding.AwayFromZero);
        return total <= 0 ? 0 : UpTo(before + part) - UpTo(before);
    }

    private static JsonObject OfRate(JsonObject customer, JsonObject item, JsonObject rate)
    {
        var amount = item.Number("amount");
        var percentage = rate["percentage"]!.GetValue<decimal>();
        if (customer.Text("tax_exempt") is not "none" and var exempt)
            return Tax(rate, 0, 0, exempt == "reverse" ? "reverse_charge" : "customer_exempt");
        var tax = Round(
            rate.Flag("inclusive") ? amount * percentage / (100 + percentage) : amount * percentage / 100,
            item.Text("currency")
        );
        return Tax(rate, tax, rate.Flag("inclusive") ? amount - tax : amount, "standard_rated");
    }

    private static void Add(List<JsonObject> sums, JsonObject tax)
    {
        var rate = tax.Sub("tax_rate_details").Text("tax_rate");
        if (sums.Find(sum => sum.Sub("tax_rate_details").Text("tax_rate") == rate) is not { } there)
        {
            sums.Add(tax.DeepClone().AsObject());
            return;
        }

        there["amount"] = there.Number("amount") + tax.Number("amount");
        there["taxable_amount"] = there.Number("taxable_amount") + tax.Number("taxable_amount");
    }
}
