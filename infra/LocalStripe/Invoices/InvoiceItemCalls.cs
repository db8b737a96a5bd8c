using System.Globalization;
using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Invoices;

/// <summary>Amounts that wait for an invoice or stand on a draft. On an issued invoice nothing can be added or changed.</summary>
internal static class InvoiceItemCalls
{
    /// <summary>Stripe's limit per invoice.</summary>
    private const int MostPerInvoice = 250;

    public static Answer Create(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Form.Required("customer"), "customer").Text("id");
        var invoice = call.Form.Text("invoice") is { } id ? Editable(call.Work, id) : null;
        if (invoice is not null && invoice.Text("customer") != customer)
            throw StripeError.Invalid("The invoice belongs to another customer.", "invoice");
        var currency = call.Form.Text("currency")?.ToLowerInvariant() ?? invoice?.Text("currency") ?? "usd";
        if (invoice is not null && invoice.Text("currency") != currency)
            throw StripeError.Invalid(
                $"The currency of the invoice item ({currency}) must be the invoice's ({invoice.Text("currency")}).",
                "currency"
            );

        var item = new JsonObject
        {
            ["id"] = Ids.New("ii"),
            ["object"] = "invoiceitem",
            ["amount"] = 0,
            ["currency"] = currency,
            ["customer"] = customer,
            ["customer_account"] = null,
            ["date"] = call.Now,
            ["description"] = null,
            ["discountable"] = false,
            ["discounts"] = new JsonArray(),
            ["invoice"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["net_amount"] = 0,
            ["parent"] = null,
            ["period"] = new JsonObject { ["end"] = call.Now, ["start"] = call.Now },
            ["pricing"] = null,
            ["proration"] = false,
            ["quantity"] = 1,
            ["quantity_decimal"] = "1",
            ["tax_rates"] = new JsonArray(),
            ["test_clock"] = null,
        };
        ReadAmount(call, item, required: true);
        ReadFields(call, item);
        var behavior = call.Form.OneOf("tax_behavior", "inclusive", "exclusive", "unspecified");
        call.Work.Add(item, behavior is null ? null : new JsonObject { ["tax_behavior"] = behavior });
        if (invoice is not null)
            Attach(call.Work, invoice, [item], pulled: false);
        call.Work.Emit("invoiceitem.created", item);
        return item;
    }

    public static Answer Read(ApiCall call) => call.Work.Get("invoiceitem", call.Id);

    public static Answer List(ApiCall call)
    {
        var query = new Query("invoiceitem").Where("customer", call.Form.Text("customer")).Where("invoice", call.Form.Text("invoice"));
        return Lists.Page(call, call.Form.Flag("pending") == true ? query.WhereNull("invoice") : query);
    }

    public static Answer Update(ApiCall call)
    {
        var item = call.Work.Get("invoiceitem", call.Id);
        var invoice = item.TextOrNull("invoice") is { } id ? Editable(call.Work, id) : null;
        ReadAmount(call, item, required: false);
        ReadFields(call, item);
        if (call.Form.OneOf("tax_behavior", "inclusive", "exclusive", "unspecified") is { } behavior)
        {
            var hidden = call.Work.Hidden(item.Text("id"));
            hidden["tax_behavior"] = behavior;
            call.Work.SetHidden(item.Text("id"), hidden);
        }

        if (invoice is not null)
            CheckTaxes(call.Work, invoice, item);
        call.Work.Save(item);
        if (invoice is not null)
            Invoice.Refresh(call.Work, invoice);
        return item;
    }

    public static Answer Delete(ApiCall call)
    {
        var item = call.Work.Get("invoiceitem", call.Id);
        var invoice = item.TextOrNull("invoice") is { } id ? Editable(call.Work, id) : null;
        call.Work.Emit("invoiceitem.deleted", item);
        var gone = call.Work.Delete(item);
        if (invoice is not null)
            Invoice.Refresh(call.Work, invoice);
        return gone;
    }

    /// <summary>Puts items on a draft, after those already there.</summary>
    public static void Attach(Work work, JsonObject invoice, IReadOnlyList<JsonObject> items, bool pulled)
    {
        var position = InvoiceLines.Of(work, invoice.Text("id")).Count;
        if (position + items.Count > MostPerInvoice)
            throw StripeError.Invalid($"An invoice can have at most {MostPerInvoice} invoice items.", "invoice");
        foreach (var item in items)
        {
            CheckTaxes(work, invoice, item);
            item["invoice"] = invoice.Text("id");
            work.Save(item);
            var hidden = work.Hidden(item.Text("id"));
            (hidden["position"], hidden["pulled"]) = (position++, pulled);
            work.SetHidden(item.Text("id"), hidden);
        }

        Invoice.Refresh(work, invoice);
    }

    /// <summary>
    /// Stripe Tax takes no rates of the caller's, no item below zero, and has to be told whether an amount contains its tax.
    /// </summary>
    public static void CheckTaxes(Work work, JsonObject invoice, JsonObject item)
    {
        if (!invoice.Sub("automatic_tax").Flag("enabled"))
            return;
        if (item["tax_rates"]!.AsArray().Count > 0)
            throw StripeError.Invalid(
                "You may not set `tax_rates` on invoice items of an invoice with automatic tax enabled.",
                "tax_rates"
            );
        if (item.Number("amount") < 0)
            throw StripeError.Invalid("Invoice items below zero can't be used with automatic tax.", "amount");
        if (work.Hidden(item.Text("id")).TextOrNull("tax_behavior") is not ("inclusive" or "exclusive"))
            throw StripeError.Invalid("`tax_behavior` must be set on each invoice item to use automatic tax.", "tax_behavior");
    }

    private static List<JsonObject> TaxRatesOf(ApiCall call)
    {
        var rates = new List<JsonObject>();
        foreach (var id in call.Form.Text("tax_rates") is null ? call.Form.Texts("tax_rates") : [])
        {
            var rate = call.Work.Get("tax_rate", id, "tax_rates");
            if (!rate.Flag("active"))
                throw StripeError.Invalid($"The tax rate {id} is archived and can't be applied.", "tax_rates");
            rates.Add(rate);
        }

        return rates.Count <= 10 ? rates : throw StripeError.Invalid("An invoice item can have at most 10 tax rates.", "tax_rates");
    }

    private static JsonObject Editable(Work work, string id)
    {
        var invoice = work.Get("invoice", id, "invoice");
        return invoice.Text("status") == "draft"
            ? invoice
            : throw StripeError.Invalid(
                $"The specified invoice {id} has been finalized, so invoice items can no longer be added to it or changed.",
                "invoice",
                "invoice_not_editable"
            );
    }

    private static void ReadAmount(ApiCall call, JsonObject item, bool required)
    {
        var amount = call.Form.Number("amount");
        var unit = call.Form.Decimal("unit_amount_decimal");
        var whole = call.Form.Number("quantity");
        var quantity = whole ?? call.Form.Decimal("quantity_decimal");
        if (amount is not null && unit is not null)
            throw StripeError.Invalid("You may only specify one of these parameters: amount, unit_amount_decimal.", "amount");
        if (amount is null && unit is null)
        {
            if (required)
                throw StripeError.Missing("amount");
            return;
        }

        if (quantity < 0)
            throw StripeError.Invalid("The quantity cannot be negative.", "quantity");
        var exact = unit * (quantity ?? 1);
        item["amount"] = amount ?? (long)Math.Round(exact!.Value, MidpointRounding.AwayFromZero);
        ChargeableAmount.Check(item.Number("amount"), item.Text("currency"), "amount");
        item["net_amount"] = item.Number("amount");
        item["quantity"] = (long)Math.Round(quantity ?? 1, MidpointRounding.AwayFromZero);
        item["quantity_decimal"] = (quantity ?? 1).ToString(CultureInfo.InvariantCulture);
        item["pricing"] = new JsonObject
        {
            ["price_details"] = null,
            ["type"] = "price_details",
            ["unit_amount_decimal"] = (unit ?? amount!.Value).ToString(CultureInfo.InvariantCulture),
        };
    }

    private static void ReadFields(ApiCall call, JsonObject item)
    {
        call.Form.CopyTexts(item, "description");
        call.Form.MergeMetadata(item);
        call.Form.Text("tax_code");
        if (call.Form.Has("tax_rates"))
            item["tax_rates"] = new JsonArray([.. TaxRatesOf(call)]);
        if (call.Form.Flag("discountable") is { } discountable)
            item["discountable"] = discountable;
        if (call.Form.Sub("period") is not { } period)
            return;
        var start = period.Number("start") ?? throw StripeError.Missing("period[start]");
        var end = period.Number("end") ?? throw StripeError.Missing("period[end]");
        if (end < start)
            throw StripeError.Invalid("The period's end must not be before its start.", "period[end]");
        item["period"] = new JsonObject { ["end"] = end, ["start"] = start };
    }
}
