using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Customers;

/// <summary>
/// Tax ids are kept and shown. They are verified as Stripe's test mode does (docs.stripe.com/billing/customer/tax-ids): by the
/// digits 000000000 yes, 111111111 no, 222222222 not yet, for ever; others can't be, for want of the tax offices' registers.
/// </summary>
internal static class TaxIdCalls
{
    public static Answer Create(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Id);
        var type = call.Form.Required("type");
        var value = call.Form.Required("value");
        if (!IsKnown(type))
            throw StripeError.Malformed($"Invalid type: must be one of eu_vat, gb_vat, us_ein and others, not {type}", "type");
        if (value.Length is < 3 or > 50 || !value.Any(char.IsAsciiDigit) || type == "eu_vat" && !char.IsAsciiLetterUpper(value[0]))
            throw StripeError.Invalid($"Invalid value for {type}.", "value", "tax_id_invalid");
        if (call.Work.Select(new Query("tax_id").Where("customer", customer.Text("id"))).Count >= Most)
            throw StripeError.Invalid($"A customer can have at most {Most} tax IDs.");
        var taxId = new JsonObject
        {
            ["id"] = Ids.New("txi"),
            ["object"] = "tax_id",
            ["country"] = type is "eu_vat" ? value[..Math.Min(2, value.Length)] : type[..Math.Min(2, type.Length)].ToUpperInvariant(),
            ["created"] = call.Now,
            ["customer"] = customer.Text("id"),
            ["customer_account"] = null,
            ["livemode"] = false,
            ["owner"] = new JsonObject
            {
                ["customer"] = customer.Text("id"),
                ["customer_account"] = null,
                ["type"] = "customer",
            },
            ["type"] = type,
            ["value"] = value,
            ["verification"] = Verification(value, customer),
        };
        call.Work.Add(taxId);
        call.Work.Emit("customer.tax_id.created", taxId);
        return taxId;
    }

    private const int Most = 5;

    /// <summary>By its shape: <c>eu_vat</c>, <c>us_ein</c>.</summary>
    private static bool IsKnown(string type) =>
        type.Length is >= 6 and <= 10 && type[2] == '_' && type.All(letter => letter == '_' || char.IsAsciiLetterLower(letter));

    private static JsonObject Verification(string value, JsonObject customer)
    {
        var status =
            value.Contains("000000000", StringComparison.Ordinal) ? "verified"
            : value.Contains("111111111", StringComparison.Ordinal) ? "unverified"
            : value.Contains("222222222", StringComparison.Ordinal) ? "pending"
            : "unavailable";
        return new JsonObject
        {
            ["status"] = status,
            ["verified_address"] = null,
            ["verified_name"] = status == "verified" ? customer["name"]?.DeepClone() : null,
        };
    }

    public static Answer Read(ApiCall call) => Get(call);

    public static Answer List(ApiCall call) =>
        Lists.Page(call, new Query("tax_id").Where("customer", call.Work.Get("customer", call.Id).Text("id")));

    public static Answer Delete(ApiCall call)
    {
        var taxId = Get(call);
        call.Work.Emit("customer.tax_id.deleted", taxId);
        return call.Work.Delete(taxId);
    }

    private static JsonObject Get(ApiCall call)
    {
        var id = (string)call.Route["taxId"]!;
        var taxId = call.Work.Get("tax_id", id);
        return taxId.TextOrNull("customer") == call.Id ? taxId : throw StripeError.NoSuch("tax_id", id, null);
    }
}
