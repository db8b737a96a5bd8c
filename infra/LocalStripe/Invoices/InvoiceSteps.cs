using System.Globalization;
using System.Text.Json.Nodes;
using LocalStripe.Payments;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Invoices;

/// <summary>draft → open → paid, uncollectible or void: each step with its guard, its event and what it settles.</summary>
internal static class InvoiceSteps
{
    public static JsonObject Finalize(Work work, JsonObject invoice)
    {
        if (invoice.Text("status") != "draft")
            throw StripeError.Invalid(
                "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
                code: "invoice_not_editable"
            );
        Invoice.Refresh(work, invoice);
        if (invoice.Sub("automatic_tax").TextOrNull("status") == "requires_location_inputs")
        {
            throw StripeError.Invalid(
                "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
                code: "customer_tax_location_invalid"
            );
        }

        var customer = work.Get("customer", invoice.Text("customer"));
        var (due, ending) = Invoice.Settle(invoice.Number("total"), invoice.Number("starting_balance"), invoice.Text("currency"));
        ChargeableAmount.Check(due, invoice.Text("currency"), null);
        customer["balance"] = ending;
        Number(invoice, customer);
        work.Save(customer);

        invoice["ending_balance"] = ending;
        invoice["status"] = "open";
        invoice["effective_at"] ??= work.Now;
        invoice["automatically_finalizes_at"] = null;
        invoice["hosted_invoice_url"] = new Uri(work.BaseAddress, $"/i/{invoice.Text("id")}").AbsoluteUri;
        invoice["invoice_pdf"] = new Uri(work.BaseAddress, $"/i/{invoice.Text("id")}/pdf").AbsoluteUri;
        invoice.Sub("status_transitions")["finalized_at"] = work.Now;
        if (due > 0)
        {
            var intent = PaymentIntents.New(
                work,
                customer.Text("id"),
                due,
                invoice.Text("currency"),
                $"Payment for Invoice {invoice.Text("number")}"
            );
            InvoicePayments.New(work, invoice, intent);
            invoice["next_payment_attempt"] = Collection.NextAttempt(work, invoice);
        }

        work.Save(invoice);
        work.Emit("invoice.finalized", invoice);
        work.Emit("invoice.updated", invoice, new JsonObject { ["status"] = "draft" });
        return due > 0 ? invoice : MarkPaid(work, invoice, 0);
    }

    /// <summary>Tries a card. A refusal is kept on the invoice and answered as 402.</summary>
    public static Answer Pay(Work work, JsonObject invoice, JsonObject? method, bool authenticated)
    {
        MustBePayable(invoice);
        method ??=
            DefaultMethod(work, invoice)
            ?? throw StripeError.Invalid(
                "This customer has no attached payment source or default payment method. "
                    + "Please consider adding a default payment method. For more information, visit "
                    + "https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
                code: "resource_missing"
            );
        if (invoice.Number("amount_remaining") < MinimumCharge.Of(invoice.Text("currency")))
            throw StripeError.Invalid("The amount left after credit notes is less than the smallest charge.", code: "amount_too_small");
        var intent = InvoicePayments.IntentOf(work, invoice.Text("id"));
        invoice["attempted"] = true;
        invoice["attempt_count"] = invoice.Number("attempt_count") + 1;
        var decline = PaymentIntents.Confirm(work, intent, method, authenticated);
        if (decline is null)
            return MarkPaid(work, invoice, intent.Number("amount"));

        invoice["next_payment_attempt"] = Collection.NextAttempt(work, invoice);
        work.Save(invoice);
        if (decline == "authentication_required")
        {
            work.Emit("invoice.payment_action_required", invoice);
            work.Emit("invoice.payment_failed", invoice);
            return new Answer(
                402,
                StripeError.Card(
                    "This payment requires additional user action before it can be completed successfully. "
                        + "Payment can be completed using the PaymentIntent associated with the invoice.",
                    "invoice_payment_intent_requires_action",
                    null
                )
            );
        }

        work.Emit("invoice.payment_failed", invoice);
        var refusal = TestCards.Declined(decline);
        refusal["error"]!["payment_intent"] = intent.DeepClone();
        refusal["error"]!["charge"] = intent["latest_charge"]?.DeepClone();
        return new Answer(402, refusal);
    }

    public static JsonObject PayOutOfBand(Work work, JsonObject invoice)
    {
        MustBePayable(invoice);
        PaymentIntents.Cancel(work, InvoicePayments.IntentOf(work, invoice.Text("id")));
        InvoicePayments.Close(work, invoice.Text("id"), "canceled", 0);
        return MarkPaid(work, invoice, invoice.Number("amount_due"));
    }

    public static JsonObject MarkPaid(Work work, JsonObject invoice, long amount)
    {
        invoice["status"] = "paid";
        invoice["attempted"] = true;
        invoice["amount_paid"] = amount;
        invoice["amount_remaining"] = invoice.Number("amount_due") - amount;
        invoice["next_payment_attempt"] = null;
        invoice.Sub("status_transitions")["paid_at"] = work.Now;
        work.Save(invoice);
        InvoicePayments.Close(work, invoice.Text("id"), "paid", amount);
        work.Emit("invoice.updated", invoice, new JsonObject { ["status"] = "open" });
        work.Emit("invoice.paid", invoice);
        work.Emit("invoice.payment_succeeded", invoice);
        return invoice;
    }

    public static JsonObject Void(Work work, JsonObject invoice)
    {
        if (invoice.Text("status") is not ("open" or "uncollectible"))
            throw StripeError.Invalid(
                $"You can only pass in open or uncollectible invoices. This invoice isn't open: its status is {invoice.Text("status")}."
            );
        // Of a deleted customer there is no balance to put back.
        if (work.Find("customer", invoice.Text("customer")) is { } customer && customer["deleted"] is null)
        {
            customer["balance"] = customer.Number("balance") + invoice.Number("starting_balance") - invoice.Number("ending_balance");
            work.Save(customer);
        }

        Leave(work, invoice, "void", "voided_at", "invoice.voided");
        PaymentIntents.Cancel(work, InvoicePayments.IntentOf(work, invoice.Text("id")));
        InvoicePayments.Close(work, invoice.Text("id"), "canceled", 0);
        return invoice;
    }

    public static JsonObject MarkUncollectible(Work work, JsonObject invoice)
    {
        if (invoice.Text("status") != "open")
            throw StripeError.Invalid(
                $"You can only mark open invoices as uncollectible. This invoice's status is {invoice.Text("status")}."
            );
        return Leave(work, invoice, "uncollectible", "marked_uncollectible_at", "invoice.marked_uncollectible");
    }

    private static JsonObject Leave(Work work, JsonObject invoice, string status, string moment, string type)
    {
        var before = invoice.Text("status");
        invoice["status"] = status;
        invoice["next_payment_attempt"] = null;
        invoice.Sub("status_transitions")[moment] = work.Now;
        work.Save(invoice);
        work.Emit("invoice.updated", invoice, new JsonObject { ["status"] = before });
        work.Emit(type, invoice);
        return invoice;
    }

    private static void MustBePayable(JsonObject invoice)
    {
        switch (invoice.Text("status"))
        {
            case "open" or "uncollectible":
                return;
            case "paid":
                throw StripeError.Invalid("Invoice is already paid");
            case var status:
                throw StripeError.Invalid($"An invoice that is {status} cannot be paid.");
        }
    }

    private static JsonObject? DefaultMethod(Work work, JsonObject invoice)
    {
        var customer = work.Get("customer", invoice.Text("customer"));
        var id = invoice.TextOrNull("default_payment_method") ?? customer.Sub("invoice_settings").TextOrNull("default_payment_method");
        return id is null ? null : work.Find("payment_method", id);
    }

    private static void Number(JsonObject invoice, JsonObject customer)
    {
        if (invoice.TextOrNull("number") is not null)
            return;
        var next = customer.Number("next_invoice_sequence");
        invoice["number"] = string.Create(CultureInfo.InvariantCulture, $"{customer.Text("invoice_prefix")}-{next:0000}");
        customer["next_invoice_sequence"] = next + 1;
    }
}
