using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Customers;

/// <summary>Tax ids are kept and shown, never verified: that needs the tax offices' registers.</summary>
internal static class TaxIdCalls
{
    public static Answer Create(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Id);
        var type = call.Form.Required("type");
        var value = call.Form.Required("value");
        var taxId = new JsonObject
        {
            ["id"] = Ids.New("txi"),
            ["object"] = "tax_id",
            ["country"] = type is "eu_vat" ? value[..Math.Min(2, value.Length)] : type[..Math.Min(2, type.Length)].ToUpperInvariant(),
            ["created"] = call.Now,
            ["customer"] = customer.Text("id"),
            ["customer_account"] = null,
            ["livemode"] = false,
            ["owner"] = new JsonObject { ["customer"] = customer.Text("id"), ["customer_account"] = null, ["type"] = "customer" },
            ["type"] = type,
            ["value"] = value,
            ["verification"] = new JsonObject { ["status"] = "unavailable", ["verified_address"] = null, ["verified_name"] = null },
        };
        call.Work.Add(taxId);
        call.Work.Emit("customer.tax_id.created", taxId);
        return taxId;
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
