using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Taxes;

namespace LocalStripe.Invoices;

/// <summary>The invoice object: its shape and its sums. What may happen to it when is in <see cref="InvoiceSteps"/>.</summary>
internal static class Invoice
{
    public static JsonObject New(Work work, JsonObject customer, string currency) =>
        new()
        {
            ["id"] = Ids.New("in"),
            ["object"] = "invoice",
            ["account_country"] = "US",
            ["account_name"] = "LocalStripe",
            ["account_tax_ids"] = null,
            ["amount_due"] = 0,
            ["amount_overpaid"] = 0,
            ["amount_paid"] = 0,
            ["amount_remaining"] = 0,
            ["amount_shipping"] = 0,
            ["application"] = null,
            ["attempt_count"] = 0,
            ["attempted"] = false,
            ["auto_advance"] = false,
            ["automatic_tax"] = new JsonObject
            {
                ["disabled_reason"] = null,
                ["enabled"] = false,
                ["liability"] = null,
                ["provider"] = null,
                ["status"] = null,
            },
            ["automatically_finalizes_at"] = null,
            ["billing_reason"] = "manual",
            ["collection_method"] = "charge_automatically",
            ["created"] = work.Now,
            ["currency"] = currency,
            ["custom_fields"] = null,
            ["customer"] = customer.Text("id"),
            ["customer_account"] = null,
            ["customer_address"] = customer["address"]?.DeepClone(),
            ["customer_email"] = customer["email"]?.DeepClone(),
            ["customer_name"] = customer["name"]?.DeepClone(),
            ["customer_phone"] = customer["phone"]?.DeepClone(),
            ["customer_shipping"] = null,
            ["customer_tax_exempt"] = customer["tax_exempt"]?.DeepClone(),
            ["customer_tax_ids"] = new JsonArray([
                .. work.Select(new Query("tax_id").Where("customer", customer.Text("id")))
                    .Select(id => new JsonObject { ["type"] = id.Text("type"), ["value"] = id.Text("value") }),
            ]),
            ["default_payment_method"] = null,
            ["default_source"] = null,
            ["default_tax_rates"] = new JsonArray(),
            ["description"] = null,
            ["discounts"] = new JsonArray(),
            ["due_date"] = null,
            ["effective_at"] = null,
            ["ending_balance"] = null,
            ["footer"] = null,
            ["from_invoice"] = null,
            ["hosted_invoice_url"] = null,
            ["invoice_pdf"] = null,
            ["issuer"] = new JsonObject { ["type"] = "self" },
            ["last_finalization_error"] = null,
            ["latest_revision"] = null,
            ["lines"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["next_payment_attempt"] = null,
            ["number"] = null,
            ["on_behalf_of"] = null,
            ["parent"] = null,
            ["payment_settings"] = new JsonObject
            {
                ["default_mandate"] = null,
                ["payment_method_options"] = null,
                ["payment_method_types"] = null,
            },
            ["period_end"] = work.Now,
            ["period_start"] = work.Now,
            ["post_payment_credit_notes_amount"] = 0,
            ["pre_payment_credit_notes_amount"] = 0,
            ["receipt_number"] = null,
            ["rendering"] = null,
            ["shipping_cost"] = null,
            ["shipping_details"] = null,
            ["starting_balance"] = 0,
            ["statement_descriptor"] = null,
            ["status"] = "draft",
            ["status_transitions"] = new JsonObject
            {
                ["finalized_at"] = null,
                ["marked_uncollectible_at"] = null,
                ["paid_at"] = null,
                ["voided_at"] = null,
            },
            ["subtotal"] = 0,
            ["subtotal_excluding_tax"] = 0,
            ["test_clock"] = null,
            ["total"] = 0,
            ["total_discount_amounts"] = new JsonArray(),
            ["total_excluding_tax"] = 0,
            ["total_pretax_credit_amounts"] = new JsonArray(),
            ["total_taxes"] = new JsonArray(),
            ["webhooks_delivered_at"] = work.Now,
        };

    /// <summary>Adds a draft up again from its items, and stores it.</summary>
    public static JsonObject Refresh(Work work, JsonObject invoice)
    {
        var taxes = LineTaxes.Compute(work, invoice);
        var lines = InvoiceLines.Of(work, invoice.Text("id"));
        var subtotal = lines.Sum(line => line.Number("amount"));
        long Tax(string behavior) =>
            taxes.Select(tax => tax!.AsObject()).Where(tax => tax.Text("tax_behavior") == behavior).Sum(tax => tax.Number("amount"));
        var total = subtotal + Tax("exclusive");
        var starting = work.Get("customer", invoice.Text("customer")).Number("balance");
        var (due, _) = Settle(total, starting, invoice.Text("currency"));
        invoice["lines"] = InvoiceLines.EmbeddedList(lines, invoice.Text("id"));
        invoice["subtotal"] = subtotal;
        invoice["subtotal_excluding_tax"] = subtotal - Tax("inclusive");
        invoice["total"] = total;
        invoice["total_excluding_tax"] = subtotal - Tax("inclusive");
        invoice["total_taxes"] = taxes;
        invoice["starting_balance"] = starting;
        invoice["amount_due"] = due;
        invoice["amount_remaining"] = due;
        return work.Save(invoice);
    }

    /// <summary>
    /// What is due now and what the customer's balance becomes. A credit pays first; what is smaller than the smallest
    /// charge is not collected but owed by the balance, and the invoice counts as paid.
    /// </summary>
    public static (long Due, long EndingBalance) Settle(long total, long startingBalance, string currency)
    {
        var owed = total + startingBalance;
        return owed >= MinimumCharge.Of(currency) ? (owed, 0) : (0, owed);
    }
}
