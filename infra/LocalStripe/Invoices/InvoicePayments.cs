using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Invoices;

/// <summary>What ties an invoice to the payment intent that is to pay it.</summary>
internal static class InvoicePayments
{
    public static void New(Work work, JsonObject invoice, JsonObject intent) =>
        work.Add(
            new JsonObject
            {
                ["id"] = Ids.New("inpay"),
                ["object"] = "invoice_payment",
                ["amount_paid"] = null,
                ["amount_requested"] = intent.Number("amount"),
                ["created"] = work.Now,
                ["currency"] = intent.Text("currency"),
                ["invoice"] = invoice.Text("id"),
                ["is_default"] = true,
                ["livemode"] = false,
                ["payment"] = new JsonObject { ["payment_intent"] = intent.Text("id"), ["type"] = "payment_intent" },
                ["status"] = "open",
                ["status_transitions"] = new JsonObject { ["canceled_at"] = null, ["paid_at"] = null },
            }
        );

    public static Answer Read(ApiCall call) => call.Work.Get("invoice_payment", call.Id);

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("invoice_payment")
                .Where("invoice", call.Form.Text("invoice"))
                .Where("payment.type", call.Form.Sub("payment")?.OneOf("type", "payment_intent", "charge", "payment_record"))
                .Where("payment.payment_intent", call.Form.Sub("payment")?.Text("payment_intent"))
                .Where("status", call.Form.OneOf("status", "open", "paid", "canceled"))
        );

    public static JsonObject ListOf(Work work, string invoice) =>
        Lists.Of(work.Select(new Query("invoice_payment").Where("invoice", invoice)), false, "/v1/invoice_payments");

    public static JsonObject IntentOf(Work work, string invoice)
    {
        var payment = work.Select(new Query("invoice_payment").Where("invoice", invoice)).First();
        return work.Get("payment_intent", payment.Sub("payment").Text("payment_intent"));
    }

    /// <summary>Whether the card's owner has to confirm a payment that was begun.</summary>
    public static bool WaitsForAction(Work work, string invoice) =>
        work.Select(new Query("invoice_payment").Where("invoice", invoice).Where("status", "open")).Count > 0
        && IntentOf(work, invoice).Text("status") == "requires_action";

    public static void Close(Work work, string invoice, string status, long amount)
    {
        foreach (var payment in work.Select(new Query("invoice_payment").Where("invoice", invoice).Where("status", "open")))
        {
            payment["status"] = status;
            if (status == "paid")
            {
                payment["amount_paid"] = amount;
                payment.Sub("status_transitions")["paid_at"] = work.Now;
            }
            else
            {
                payment.Sub("status_transitions")["canceled_at"] = work.Now;
            }

            work.Save(payment);
            if (status == "paid")
                work.Emit("invoice_payment.paid", payment);
        }
    }
}
