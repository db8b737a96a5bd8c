using System.Text.Json.Nodes;
using LocalStripe.Invoices;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Disputes;

/// <summary>
/// A card's owner asks the bank for the money back: Stripe takes it from the seller's balance until the bank has decided.
/// The invoice stays paid; only the dispute says otherwise.
/// </summary>
internal static class Dispute
{
    private const int DaysForEvidence = 7;

    private static readonly string[] Evidence =
    [
        "access_activity_log",
        "billing_address",
        "cancellation_policy",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_communication",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "customer_signature",
        "duplicate_charge_documentation",
        "duplicate_charge_explanation",
        "duplicate_charge_id",
        "product_description",
        "receipt",
        "refund_policy",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "service_documentation",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_documentation",
        "shipping_tracking_number",
        "uncategorized_file",
        "uncategorized_text",
    ];

    /// <summary>Whether the invoice was paid by a card whose owner has not disputed it yet.</summary>
    public static bool CanOpen(Work work, JsonObject invoice) => ChargeOf(work, invoice)?.Flag("disputed") == false;

    /// <summary>Null when there is no payment that could be disputed.</summary>
    public static JsonObject? Open(Work work, JsonObject invoice, string reason)
    {
        if (ChargeOf(work, invoice) is not { } charge || charge.Flag("disputed"))
            return null;
        charge["disputed"] = true;
        work.Save(charge);
        var card = charge.Sub("payment_method_details").Sub("card");
        var evidence = new JsonObject(Evidence.Select(field => KeyValuePair.Create(field, (JsonNode?)null)))
        {
            ["enhanced_evidence"] = new JsonObject(),
        };
        var dispute = work.Add(
            new JsonObject
            {
                ["id"] = Ids.New("du"),
                ["object"] = "dispute",
                ["amount"] = charge.Number("amount"),
                ["balance_transactions"] = new JsonArray(),
                ["charge"] = charge.Text("id"),
                ["created"] = work.Now,
                ["currency"] = charge.Text("currency"),
                ["enhanced_eligibility_types"] = new JsonArray(),
                ["evidence"] = evidence,
                ["evidence_details"] = new JsonObject
                {
                    ["due_by"] = work.Now + (DaysForEvidence * 24 * 60 * 60),
                    ["enhanced_eligibility"] = new JsonObject(),
                    ["has_evidence"] = false,
                    ["past_due"] = false,
                    ["submission_count"] = 0,
                },
                ["is_charge_refundable"] = false,
                ["livemode"] = false,
                ["metadata"] = new JsonObject(),
                ["payment_intent"] = charge.Text("payment_intent"),
                ["payment_method_details"] = new JsonObject
                {
                    ["card"] = new JsonObject
                    {
                        ["brand"] = card.Text("brand"),
                        ["case_type"] = "chargeback",
                        ["network_reason_code"] = "10.4",
                    },
                    ["type"] = "card",
                },
                ["reason"] = reason,
                ["status"] = "needs_response",
            }
        );
        work.Emit("charge.dispute.created", dispute);
        work.Emit("charge.dispute.funds_withdrawn", dispute);
        return dispute;
    }

    /// <summary>The bank's decision. False when there is nothing to decide.</summary>
    public static bool Close(Work work, JsonObject invoice, bool won)
    {
        if (OpenOf(work, invoice) is not { } dispute)
            return false;
        dispute["status"] = won ? "won" : "lost";
        work.Save(dispute);
        work.Emit("charge.dispute.closed", dispute);
        if (won)
            work.Emit("charge.dispute.funds_reinstated", dispute);
        return true;
    }

    public static JsonObject? OpenOf(Work work, JsonObject invoice) =>
        ChargeOf(work, invoice) is { } charge
            ? work.Select(new Query("dispute").Where("charge", charge.Text("id")).Where("status", "needs_response")).FirstOrDefault()
            : null;

    public static Answer Read(ApiCall call) => call.Work.Get("dispute", call.Id);

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("dispute").Where("charge", call.Form.Text("charge")).Where("payment_intent", call.Form.Text("payment_intent"))
        );

    private static JsonObject? ChargeOf(Work work, JsonObject invoice) =>
        work.Select(new Query("invoice_payment").Where("invoice", invoice.Text("id")).Where("status", "paid")).Count == 0 ? null
        : InvoicePayments.IntentOf(work, invoice.Text("id")).TextOrNull("latest_charge") is { } id ? work.Find("charge", id)
        : null;
}
