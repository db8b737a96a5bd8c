using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Taxes;

/// <summary>Rates that invoice items name. A percentage never changes; a rate is archived instead, and then no new item takes it.</summary>
internal static class TaxRates
{
    public static Answer Create(ApiCall call)
    {
        var percentage = call.Form.Decimal("percentage") ?? throw StripeError.Missing("percentage");
        if (percentage is < 0 or > 100 || decimal.Round(percentage, 4) != percentage)
            throw StripeError.Invalid("Invalid percentage: must be between 0 and 100, with up to 4 decimal places.", "percentage");
        var name = call.Form.Required("display_name");
        if (name.Length > 50)
            throw StripeError.Invalid("Invalid string; must be at most 50 characters", "display_name");
        var rate = New(
            call.Now,
            name,
            percentage,
            call.Form.Flag("inclusive") ?? throw StripeError.Missing("inclusive"),
            Country(call.Form.Text("country")),
            call.Form.Text("state")
        );
        ReadFields(call, rate);
        call.Work.Add(rate);
        call.Work.Emit("tax_rate.created", rate);
        return rate;
    }

    public static Answer Read(ApiCall call) => call.Work.Get("tax_rate", call.Id);

    public static Answer List(ApiCall call)
    {
        var query = new Query("tax_rate");
        foreach (var field in new[] { "active", "inclusive" })
        {
            // SQLite's JSON has 1 and 0 for true and false.
            if (call.Form.Flag(field) is { } flag)
                query.Where(field, flag ? 1 : 0);
        }

        return Lists.Page(call, query);
    }

    public static Answer Update(ApiCall call)
    {
        var rate = call.Work.Get("tax_rate", call.Id);
        ReadFields(call, rate);
        call.Work.Save(rate);
        call.Work.Emit("tax_rate.updated", rate);
        return rate;
    }

    public static JsonObject New(long now, string name, decimal percentage, bool inclusive, string? country, string? state) =>
        new()
        {
            ["id"] = Ids.New("txr"),
            ["object"] = "tax_rate",
            ["active"] = true,
            ["country"] = country,
            ["created"] = now,
            ["description"] = null,
            ["display_name"] = name,
            ["effective_percentage"] = null,
            ["flat_amount"] = null,
            ["inclusive"] = inclusive,
            ["jurisdiction"] = null,
            ["jurisdiction_level"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["percentage"] = percentage,
            ["rate_type"] = "percentage",
            ["state"] = state,
            ["tax_type"] = null,
        };

    private static void ReadFields(ApiCall call, JsonObject rate)
    {
        call.Form.CopyTexts(rate, "description", "jurisdiction", "tax_type");
        if (call.Form.Text("display_name") is { } name)
            rate["display_name"] = name;
        call.Form.MergeMetadata(rate);
        if (call.Form.Flag("active") is { } active)
            rate["active"] = active;
    }

    private static string? Country(string? text) =>
        text is null || text.Length == 2 && text.All(char.IsAsciiLetterUpper)
            ? text
            : throw StripeError.Invalid(
                $"Country '{text}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'.",
                "country"
            );
}
