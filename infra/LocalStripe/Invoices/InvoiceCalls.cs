using System.Text.Json.Nodes;
using LocalStripe.Payments;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Invoices;

internal static class InvoiceCalls
{
    /// <summary>The length up to which Stripe takes a number of the caller's own.</summary>
    private const int LongestNumber = 26;

    public static Answer Create(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Form.Required("customer"), "customer");
        var invoice = Invoice.New(
            call.Work,
            customer,
            call.Form.Text("currency")?.ToLowerInvariant() ?? customer.TextOrNull("currency") ?? "usd"
        );
        call.Work.Add(invoice);
        ReadDraftFields(call, invoice);
        ReadOtherFields(call, invoice);
        if ((call.Form.OneOf("pending_invoice_items_behavior", "include", "exclude") ?? "exclude") == "include")
        {
            var pending = call.Work.Select(
                new Query("invoiceitem")
                    .Where("customer", customer.Text("id"))
                    .WhereNull("invoice")
                    .Where("currency", invoice.Text("currency"))
            );
            InvoiceItemCalls.Attach(call.Work, invoice, pending, pulled: true);
        }

        if (customer["currency"] is null)
        {
            customer["currency"] = invoice.Text("currency");
            call.Work.Save(customer);
        }

        Invoice.Refresh(call.Work, invoice);
        call.Work.Emit("invoice.created", invoice);
        return invoice;
    }

    public static Answer Read(ApiCall call) => call.Work.Get("invoice", call.Id);

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("invoice")
                .Where("customer", call.Form.Text("customer"))
                .Where("collection_method", call.Form.Text("collection_method"))
                .Where("status", call.Form.OneOf("status", "draft", "open", "paid", "uncollectible", "void"))
        );

    public static Answer Lines(ApiCall call) => Lists.Page(call, InvoiceLines.Of(call.Work, call.Work.Get("invoice", call.Id).Text("id")));

    public static Answer Update(ApiCall call)
    {
        var invoice = call.Work.Get("invoice", call.Id);
        var before = invoice.DeepClone().AsObject();
        if (invoice.Text("status") == "draft")
            ReadDraftFields(call, invoice);
        else if (DraftFields.FirstOrDefault(call.Form.Has) is { } locked)
            throw StripeError.Invalid($"Finalized invoices can't be updated in this way: {locked}", locked, "invoice_not_editable");
        ReadOtherFields(call, invoice);
        call.Work.Save(invoice);
        if (invoice.Text("status") == "draft")
            Invoice.Refresh(call.Work, invoice);
        if (Changes.Between(before, invoice) is { Count: > 0 } changed)
            call.Work.Emit("invoice.updated", invoice, changed);
        return invoice;
    }

    /// <summary>Only drafts. Items that waited before the draft took them wait again; those made for it go with it.</summary>
    public static Answer Delete(ApiCall call)
    {
        var invoice = call.Work.Get("invoice", call.Id);
        if (invoice.Text("status") != "draft")
            throw StripeError.Invalid(
                "You can only delete draft invoices. To cancel a finalized invoice, void it.",
                code: "invoice_not_editable"
            );
        foreach (var item in InvoiceLines.Items(call.Work, call.Id))
        {
            if (call.Work.Hidden(item.Text("id")).Flag("pulled"))
            {
                item["invoice"] = null;
                call.Work.Save(item);
            }
            else
            {
                call.Work.Delete(item);
            }
        }

        call.Work.Emit("invoice.deleted", invoice);
        return call.Work.Delete(invoice);
    }

    public static Answer Finalize(ApiCall call)
    {
        var invoice = call.Work.Get("invoice", call.Id);
        if (call.Form.Flag("auto_advance") is { } advance)
            invoice["auto_advance"] = advance;
        return InvoiceSteps.Finalize(call.Work, invoice);
    }

    public static Answer Pay(ApiCall call)
    {
        var invoice = call.Work.Get("invoice", call.Id);
        var method = call.Form.Text("payment_method") is { } id ? PaymentMethods.Resolve(call.Work, id, "payment_method") : null;
        var outOfBand = call.Form.Flag("paid_out_of_band") == true;
        call.Form.Flag("forgive");
        call.Form.Flag("off_session");
        if (invoice.Text("status") == "draft" && InvoiceSteps.Finalize(call.Work, invoice).Text("status") == "paid")
            return invoice;
        return outOfBand
            ? InvoiceSteps.PayOutOfBand(call.Work, invoice)
            : InvoiceSteps.Pay(call.Work, invoice, method, authenticated: false);
    }

    public static Answer Void(ApiCall call) => InvoiceSteps.Void(call.Work, call.Work.Get("invoice", call.Id));

    public static Answer MarkUncollectible(ApiCall call) => InvoiceSteps.MarkUncollectible(call.Work, call.Work.Get("invoice", call.Id));

    public static Answer Send(ApiCall call)
    {
        var invoice = call.Work.Get("invoice", call.Id);
        if (invoice.Text("collection_method") != "send_invoice")
            throw StripeError.Invalid("You can only manually send an invoice if its collection method is 'send_invoice'.");
        if (invoice.Text("status") == "draft")
            InvoiceSteps.Finalize(call.Work, invoice);
        call.Work.Emit("invoice.sent", invoice);
        return invoice;
    }

    private static readonly string[] DraftFields =
    [
        "collection_method",
        "number",
        "days_until_due",
        "due_date",
        "currency",
        "footer",
        "custom_fields",
        "automatic_tax",
        "issuer",
        "effective_at",
    ];

    private static void ReadDraftFields(ApiCall call, JsonObject invoice)
    {
        if (call.Form.OneOf("collection_method", "charge_automatically", "send_invoice") is { } method)
            invoice["collection_method"] = method;
        if (call.Form.Text("number") is { } number)
            invoice["number"] = Unused(call, invoice, number);
        if (call.Form.Number("effective_at") is { } effective)
            invoice["effective_at"] = effective;
        if (call.Form.Sub("automatic_tax")?.Flag("enabled") is { } automatic)
        {
            var tax = invoice.Sub("automatic_tax");
            (tax["enabled"], tax["liability"], tax["provider"]) = (
                automatic,
                automatic ? new JsonObject { ["type"] = "self" } : null,
                automatic ? "stripe" : null
            );
            foreach (var item in InvoiceLines.Items(call.Work, invoice.Text("id")))
                InvoiceItemCalls.CheckTaxes(call.Work, invoice, item);
        }

        if (call.Form.Has("custom_fields"))
            invoice["custom_fields"] = CustomFields(call);
        ReadDueDate(call, invoice);
    }

    private static void ReadDueDate(ApiCall call, JsonObject invoice)
    {
        var days = call.Form.Number("days_until_due");
        var date = call.Form.Number("due_date");
        var sent = invoice.Text("collection_method") == "send_invoice";
        if (!sent && (days ?? date) is not null)
            throw StripeError.Invalid(
                "`days_until_due` and `due_date` are only for invoices with `collection_method` set to `send_invoice`.",
                days is null ? "due_date" : "days_until_due"
            );
        if (days is not null)
            invoice["due_date"] = call.Now + (days.Value * 24 * 60 * 60);
        if (date is not null)
            invoice["due_date"] = date > call.Now ? date : throw StripeError.Invalid("The due date must be in the future.", "due_date");
        if (sent && invoice["due_date"] is null)
            throw StripeError.Invalid(
                "You must specify `due_date` or `days_until_due` if `collection_method` is `send_invoice`.",
                "days_until_due",
                "parameter_missing"
            );
    }

    private static void ReadOtherFields(ApiCall call, JsonObject invoice)
    {
        call.Form.CopyTexts(invoice, "description", "footer", "statement_descriptor");
        call.Form.MergeMetadata(invoice);
        if (call.Form.Text("default_payment_method") is { } method)
            invoice["default_payment_method"] = call.Work.Get("payment_method", method, "default_payment_method").Text("id");
        if (call.Form.Flag("auto_advance") is { } advance)
        {
            invoice["auto_advance"] = advance;
            if (invoice.Text("status") == "draft")
                invoice["automatically_finalizes_at"] = advance ? call.Now + Collection.DraftSeconds : null;
            else if (invoice.Text("status") == "open")
                invoice["next_payment_attempt"] = Collection.NextAttempt(call.Work, invoice);
        }
    }

    private static JsonArray? CustomFields(ApiCall call)
    {
        if (call.Form.Sub("custom_fields") is not { } given || call.Form.Text("custom_fields") is not null)
            return null;
        var fields = new JsonArray();
        for (var index = 0; given.Sub(index.ToString(System.Globalization.CultureInfo.InvariantCulture)) is { } field; index++)
            fields.Add(new JsonObject { ["name"] = field.Required("name"), ["value"] = field.Required("value") });
        return fields.Count > 0 ? fields : null;
    }

    private static string Unused(ApiCall call, JsonObject invoice, string number)
    {
        if (number.Length > LongestNumber)
            throw StripeError.Invalid($"Invalid string: {number}; must be at most {LongestNumber} characters", "number");
        var other = call
            .Work.Select(new Query("invoice").Where("number", number))
            .FirstOrDefault(found => found.Text("id") != invoice.Text("id"));
        return other is null ? number : throw StripeError.Invalid($"An invoice with the number {number} already exists.", "number");
    }
}
