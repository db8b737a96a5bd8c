using System.Text.Json.Nodes;
using LocalStripe.Storage;

namespace LocalStripe.Taxes;

/// <summary>
/// A small stand-in for Stripe Tax: standard rates of some places, where this seller counts as registered; elsewhere nothing
/// is collected. Where the customer is must be known by country, in the United States by ZIP code, in Canada by province or
/// postal code. Businesses of the EU with a verified VAT number account for it themselves.
/// </summary>
internal static class StripeTaxTable
{
    private static readonly Dictionary<string, (string Name, string Type, decimal Percentage)> Rates = new(StringComparer.Ordinal)
    {
        ["AT"] = ("VAT", "vat", 20),
        ["BE"] = ("VAT", "vat", 21),
        ["DE"] = ("VAT", "vat", 19),
        ["ES"] = ("VAT", "vat", 21),
        ["FI"] = ("VAT", "vat", 25.5m),
        ["FR"] = ("VAT", "vat", 20),
        ["IE"] = ("VAT", "vat", 23),
        ["IT"] = ("VAT", "vat", 22),
        ["NL"] = ("VAT", "vat", 21),
        ["PL"] = ("VAT", "vat", 23),
        ["SE"] = ("VAT", "vat", 25),
        ["GB"] = ("VAT", "vat", 20),
        ["CH"] = ("VAT", "vat", 8.1m),
        ["NO"] = ("VAT", "vat", 25),
        ["JP"] = ("JCT", "jct", 10),
        ["AU"] = ("GST", "gst", 10),
        ["NZ"] = ("GST", "gst", 15),
        ["SG"] = ("GST", "gst", 9),
        ["US-CA"] = ("Sales Tax", "sales_tax", 7.25m),
        ["US-NY"] = ("Sales Tax", "sales_tax", 8.875m),
        ["US-TX"] = ("Sales Tax", "sales_tax", 6.25m),
        ["CA-ON"] = ("HST", "hst", 13),
    };

    private static readonly HashSet<string> Eu = new(
        ["AT", "BE", "DE", "ES", "FI", "FR", "IE", "IT", "NL", "PL", "SE"],
        StringComparer.Ordinal
    );

    public static bool IsLocated(JsonObject customer) =>
        customer["address"] is JsonObject address
        && address.TextOrNull("country") switch
        {
            null => false,
            "US" => address.TextOrNull("postal_code") is { Length: >= 5 },
            "CA" => (address.TextOrNull("state") ?? address.TextOrNull("postal_code")) is not null,
            _ => true,
        };

    public static JsonObject Of(Work work, JsonObject customer, JsonObject item, bool inclusive)
    {
        var address = customer.Sub("address");
        var (country, state) = (address.Text("country"), address.TextOrNull("state"));
        var inState = state is not null && Rates.ContainsKey($"{country}-{state}");
        var known = Rates.TryGetValue(inState ? $"{country}-{state}" : country, out var found);
        var rate = RateOf(work, known ? found : ("Tax", "sales_tax", 0), inclusive, country, inState ? state : null);
        var amount = item.Number("amount");
        var reason = customer.Text("tax_exempt") switch
        {
            "exempt" => "customer_exempt",
            "reverse" => "reverse_charge",
            _ when Eu.Contains(country) && HasVerifiedVat(work, customer) => "reverse_charge",
            _ => known ? "standard_rated" : "not_collecting",
        };
        if (reason != "standard_rated")
            return LineTaxes.Tax(rate, 0, 0, reason);
        var tax = LineTaxes.Round(
            inclusive ? amount * found.Percentage / (100 + found.Percentage) : amount * found.Percentage / 100,
            item.Text("currency")
        );
        return LineTaxes.Tax(rate, tax, inclusive ? amount - tax : amount, reason);
    }

    private static bool HasVerifiedVat(Work work, JsonObject customer) =>
        work.Select(new Query("tax_id").Where("customer", customer.Text("id")))
            .Any(id => id.Text("type") == "eu_vat" && id.Sub("verification").TextOrNull("status") == "verified");

    /// <summary>Stripe makes the rates itself, archived from the beginning: nobody can put them on items.</summary>
    private static JsonObject RateOf(
        Work work,
        (string Name, string Type, decimal Percentage) tax,
        bool inclusive,
        string country,
        string? state
    )
    {
        var made = work.Select(new Query("tax_rate").Where("active", 0).Where("country", country))
            .FirstOrDefault(rate =>
                rate.TextOrNull("state") == state
                && rate["percentage"]!.GetValue<decimal>() == tax.Percentage
                && rate.Flag("inclusive") == inclusive
                && rate.Text("display_name") == tax.Name
            );
        if (made is not null)
            return made;
        var rate = TaxRates.New(work.Now, tax.Name, tax.Percentage, inclusive, country, state);
        (rate["active"], rate["tax_type"], rate["jurisdiction"], rate["jurisdiction_level"]) = (
            false,
            tax.Type,
            country,
            state is null ? "country" : "state"
        );
        return work.Add(rate);
    }
}
