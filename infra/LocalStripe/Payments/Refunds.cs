using System.Text.Json.Nodes;
using LocalStripe.Invoices;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>Money that goes back to a card. It may fail days after it succeeded: the bank sends it back.</summary>
internal static class Refunds
{
    public static Answer Create(ApiCall call)
    {
        var charge =
            call.Form.Text("charge") is { } id ? call.Work.Get("charge", id, "charge")
            : call.Work.Get("payment_intent", call.Form.Required("payment_intent"), "payment_intent").TextOrNull("latest_charge")
                is { } latest
                ? call.Work.Get("charge", latest)
            : throw StripeError.Invalid("This PaymentIntent does not have a successful charge to refund.", "payment_intent");
        var reason = call.Form.OneOf("reason", "duplicate", "fraudulent", "requested_by_customer");
        var amount = call.Form.Number("amount") ?? charge.Number("amount") - charge.Number("amount_refunded");
        Check(charge, amount, "amount");
        var refund = New(call.Work, charge, amount, reason);
        call.Form.MergeMetadata(refund);
        return call.Work.Save(refund);
    }

    public static Answer Read(ApiCall call) => call.Work.Get("refund", call.Id);

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("refund").Where("charge", call.Form.Text("charge")).Where("payment_intent", call.Form.Text("payment_intent"))
        );

    /// <summary>The card's payment of an invoice; null for one that was paid otherwise.</summary>
    public static JsonObject? ChargeOf(Work work, JsonObject invoice) =>
        work.Select(new Query("invoice_payment").Where("invoice", invoice.Text("id")).Where("status", "paid")).Count == 0 ? null
        : InvoicePayments.IntentOf(work, invoice.Text("id")).TextOrNull("latest_charge") is { } id ? work.Find("charge", id)
        : null;

    public static IReadOnlyList<JsonObject> Of(Work work, JsonObject invoice) =>
        ChargeOf(work, invoice) is { } charge ? work.Select(new Query("refund").Where("charge", charge.Text("id"))) : [];

    /// <summary>What Stripe refuses: a payment that was no card's, more than it was, and one whose owner disputes it.</summary>
    public static void Check(JsonObject? charge, long amount, string parameter)
    {
        if (charge is null)
            throw StripeError.Invalid("This invoice was not paid by a charge, so nothing can be refunded.", parameter);
        if (charge.Flag("disputed"))
            throw StripeError.Invalid(
                $"Charge {charge.Text("id")} has been charged back; cannot issue a refund.",
                parameter,
                "charge_disputed"
            );
        var left = charge.Number("amount") - charge.Number("amount_refunded");
        if (left == 0)
            throw StripeError.Invalid($"Charge {charge.Text("id")} has already been refunded.", parameter, "charge_already_refunded");
        if (amount <= 0 || amount > left)
            throw StripeError.Invalid($"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", parameter);
    }

    public static JsonObject New(Work work, JsonObject charge, long amount, string? reason)
    {
        var refund = work.Add(
            new JsonObject
            {
                ["id"] = Ids.New("re"),
                ["object"] = "refund",
                ["amount"] = amount,
                ["balance_transaction"] = null,
                ["charge"] = charge.Text("id"),
                ["created"] = work.Now,
                ["currency"] = charge.Text("currency"),
                ["customer"] = charge["customer"]?.DeepClone(),
                ["customer_account"] = null,
                ["destination_details"] = new JsonObject
                {
                    ["card"] = new JsonObject { ["type"] = "refund" },
                    ["type"] = "card",
                },
                ["metadata"] = new JsonObject(),
                ["payment_intent"] = charge.Text("payment_intent"),
                ["payment_method"] = charge["payment_method"]?.DeepClone(),
                ["reason"] = reason,
                ["receipt_number"] = null,
                ["source_transfer_reversal"] = null,
                ["status"] = "succeeded",
                ["transfer_reversal"] = null,
            }
        );
        Count(work, charge, amount);
        work.Emit("refund.created", refund);
        work.Emit("charge.refunded", charge);
        return refund;
    }

    /// <summary>The card's bank sends the money back: it is in the seller's balance again.</summary>
    public static void FailRefund(Work work, JsonObject refund)
    {
        refund["status"] = "failed";
        refund["failure_reason"] = "expired_or_canceled_card";
        work.Save(refund);
        Count(work, work.Get("charge", refund.Text("charge")), -refund.Number("amount"));
        work.Emit("charge.refund.updated", refund);
        work.Emit("refund.updated", refund);
        work.Emit("refund.failed", refund);
    }

    private static void Count(Work work, JsonObject charge, long amount)
    {
        charge["amount_refunded"] = charge.Number("amount_refunded") + amount;
        charge["refunded"] = charge.Number("amount_refunded") == charge.Number("amount");
        work.Save(charge);
    }
}
