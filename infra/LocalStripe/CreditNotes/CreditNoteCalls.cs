using System.Globalization;
using System.Text.Json.Nodes;
using LocalStripe.Invoices;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.CreditNotes;

internal static class CreditNoteCalls
{
    public static Answer Create(ApiCall call)
    {
        var invoice = call.Work.Get("invoice", call.Form.Required("invoice"), "invoice");
        var lines = Lines(call, invoice);
        var back = new GivenBack(
            call.Form.Number("refund_amount") ?? 0,
            call.Form.Number("credit_amount") ?? 0,
            call.Form.Number("out_of_band_amount") ?? 0,
            Linked(call)
        );
        call.Form.OneOf("email_type", "credit_note", "none");
        call.Form.Number("effective_at");
        var holder = new JsonObject { ["metadata"] = new JsonObject() };
        call.Form.MergeMetadata(holder);
        return CreditNote.Issue(
            call.Work,
            invoice,
            lines,
            call.Form.Has("amount"),
            back,
            call.Form.Text("memo"),
            call.Form.OneOf("reason", "duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
            holder["metadata"]
        );
    }

    public static Answer Read(ApiCall call) => call.Work.Get("credit_note", call.Id);

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("credit_note").Where("customer", call.Form.Text("customer")).Where("invoice", call.Form.Text("invoice"))
        );

    public static Answer Void(ApiCall call) => CreditNote.Void(call.Work, call.Work.Get("credit_note", call.Id));

    /// <summary>One line for an amount, else those that are given.</summary>
    private static List<JsonObject> Lines(ApiCall call, JsonObject invoice)
    {
        var amount = call.Form.Number("amount");
        var given = call.Form.Sub("lines");
        if (amount is null == given is null)
            throw StripeError.Invalid("Exactly one of amount and lines must be provided.", "amount");
        if (amount is not null)
            return [Line("custom_line_item", amount.Value, "Credit", null)];
        var of = InvoiceLines.Of(call.Work, invoice.Text("id"));
        var credited = CreditNote
            .Of(call.Work, invoice)
            .SelectMany(note => note.Sub("lines")["data"]!.AsArray())
            .Select(line => line!.AsObject())
            .Where(line => line.TextOrNull("invoice_line_item") is not null)
            .ToLookup(line => line.Text("invoice_line_item"), line => line.Number("amount"));
        var lines = new List<JsonObject>();
        foreach (var line in Each(given!))
        {
            if (line.OneOf("type", "invoice_line_item", "custom_line_item") is not { } type)
                throw StripeError.Missing("lines[type]");
            if (type == "custom_line_item")
            {
                var each = line.Number("unit_amount") ?? throw StripeError.Missing("lines[unit_amount]");
                lines.Add(Line(type, each * (line.Number("quantity") ?? 1), line.Required("description"), null));
                continue;
            }

            var id = line.Required("invoice_line_item");
            var item =
                of.FirstOrDefault(one => one.Text("id") == id)
                ?? throw StripeError.NoSuch("invoice_line_item", id, "lines[invoice_line_item]");
            var wanted = line.Number("amount") ?? throw StripeError.Missing("lines[amount]");
            if (
                wanted <= 0
                || wanted
                    > item.Number("amount")
                        - credited[id].Sum()
                        - lines.Where(one => one.TextOrNull("invoice_line_item") == id).Sum(one => one.Number("amount"))
            )
                throw StripeError.Invalid(
                    $"The amount of the credit note line item is more than what can be credited on the invoice line item {id}.",
                    "lines[amount]"
                );
            var made = Line(type, wanted, item.TextOrNull("description"), id);
            made["taxes"] = new JsonArray([
                .. item["taxes"]!
                    .AsArray()
                    .Select(tax => CreditNote.Part(tax!.AsObject(), item.Number("amount"), credited[id].Sum(), wanted)),
            ]);
            lines.Add(made);
        }

        return lines;
    }

    private static List<(JsonObject, long)> Linked(ApiCall call)
    {
        var linked = new List<(JsonObject, long)>();
        if (call.Form.Sub("refunds") is { } given)
        {
            foreach (var one in Each(given))
            {
                var refund = call.Work.Get("refund", one.Required("refund"), "refunds[refund]");
                one.OneOf("type", "refund", "payment_record_refund");
                linked.Add((refund, one.Number("amount_refunded") ?? refund.Number("amount")));
            }
        }

        return linked;
    }

    private static IEnumerable<Parameters> Each(Parameters list)
    {
        for (var index = 0; list.Sub(index.ToString(CultureInfo.InvariantCulture)) is { } one; index++)
            yield return one;
    }

    private static JsonObject Line(string type, long amount, string? description, string? item)
    {
        var line = new JsonObject
        {
            ["id"] = Ids.New("cnli"),
            ["object"] = "credit_note_line_item",
            ["amount"] = amount,
            ["description"] = description,
            ["discount_amount"] = 0,
            ["discount_amounts"] = new JsonArray(),
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["pretax_credit_amounts"] = new JsonArray(),
            ["quantity"] = null,
            ["tax_rates"] = new JsonArray(),
            ["taxes"] = new JsonArray(),
            ["type"] = type,
            ["unit_amount"] = null,
            ["unit_amount_decimal"] = null,
        };
        if (item is not null)
            line["invoice_line_item"] = item;
        return line;
    }
}
