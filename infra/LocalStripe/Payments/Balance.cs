using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>What charges brought in and refunds left, per currency. Nothing is paid out and nothing costs a fee here.</summary>
internal static class Balance
{
    public static Answer Read(ApiCall call)
    {
        var available = call
            .Work.Select(new Query("charge").Where("status", "succeeded"))
            .GroupBy(charge => charge.Text("currency"))
            .Select(charges => Fund(charges.Key, charges.Sum(charge => charge.Number("amount") - charge.Number("amount_refunded"))))
            .DefaultIfEmpty(Fund("usd", 0));
        return new JsonObject
        {
            ["object"] = "balance",
            ["available"] = new JsonArray([.. available]),
            ["livemode"] = false,
            ["pending"] = new JsonArray(Fund("usd", 0)),
        };
    }

    private static JsonObject Fund(string currency, long amount) =>
        new()
        {
            ["amount"] = amount,
            ["currency"] = currency,
            ["source_types"] = new JsonObject { ["card"] = amount },
        };
}
