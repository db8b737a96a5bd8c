using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Invoices;

/// <summary>
/// Lines are the items of the invoice as it shows them. Order as Stripe documents it: pending items that the invoice took
/// over, newest first, then those added to it, oldest first.
/// </summary>
internal static class InvoiceLines
{
    /// <summary>How many an invoice carries in itself; the rest is read by cursor.</summary>
    private const int Embedded = 10;

    public static IReadOnlyList<JsonObject> Of(Work work, string invoice) =>
        [.. Items(work, invoice).Select(item => Line(item, work.Hidden(item.Text("id"))["taxes"]))];

    /// <summary>The items of an invoice in the order of its lines.</summary>
    public static IReadOnlyList<JsonObject> Items(Work work, string invoice) =>
        [
            .. work.Select(new Query("invoiceitem").Where("invoice", invoice).OldestFirst())
                .OrderBy(item => work.Hidden(item.Text("id")).Number("position")),
        ];

    public static JsonObject EmbeddedList(IReadOnlyList<JsonObject> lines, string invoice) =>
        Lists.Of(lines.Take(Embedded), lines.Count > Embedded, $"/v1/invoices/{invoice}/lines");

    private static JsonObject Line(JsonObject item, JsonNode? taxes) =>
        new()
        {
            ["id"] = "il" + item.Text("id")[2..],
            ["object"] = "line_item",
            ["amount"] = item.Number("amount"),
            ["currency"] = item.Text("currency"),
            ["description"] = item["description"]?.DeepClone(),
            ["discount_amounts"] = new JsonArray(),
            ["discountable"] = item.Flag("discountable"),
            ["discounts"] = new JsonArray(),
            ["invoice"] = item.Text("invoice"),
            ["livemode"] = false,
            ["metadata"] = item["metadata"]!.DeepClone(),
            ["parent"] = new JsonObject
            {
                ["invoice_item_details"] = new JsonObject
                {
                    ["invoice_item"] = item.Text("id"),
                    ["proration"] = false,
                    ["proration_details"] = new JsonObject { ["credited_items"] = null },
                    ["subscription"] = null,
                },
                ["subscription_item_details"] = null,
                ["type"] = "invoice_item_details",
            },
            ["period"] = item["period"]!.DeepClone(),
            ["pretax_credit_amounts"] = new JsonArray(),
            ["pricing"] = item["pricing"]?.DeepClone(),
            ["quantity"] = item.Number("quantity"),
            ["quantity_decimal"] = item["quantity_decimal"]?.DeepClone(),
            ["subscription"] = null,
            ["subtotal"] = item.Number("amount"),
            ["taxes"] = taxes?.DeepClone() ?? new JsonArray(),
        };
}
