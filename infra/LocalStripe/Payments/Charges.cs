using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>One attempt at a card, succeeded or failed.</summary>
internal static class Charges
{
    public static JsonObject New(Work work, JsonObject intent, JsonObject method, string? decline)
    {
        var id = Ids.New("ch");
        var succeeded = decline is null;
        var card = method.Sub("card");
        var charge = new JsonObject
        {
            ["id"] = id,
            ["object"] = "charge",
            ["amount"] = intent.Number("amount"),
            ["amount_captured"] = succeeded ? intent.Number("amount") : 0,
            ["amount_refunded"] = 0,
            ["application"] = null,
            ["application_fee"] = null,
            ["application_fee_amount"] = null,
            ["balance_transaction"] = null,
            ["billing_details"] = method["billing_details"]!.DeepClone(),
            ["calculated_statement_descriptor"] = "LOCALSTRIPE",
            ["captured"] = succeeded,
            ["created"] = work.Now,
            ["currency"] = intent.Text("currency"),
            ["customer"] = intent.Text("customer"),
            ["description"] = intent["description"]?.DeepClone(),
            ["disputed"] = false,
            ["failure_balance_transaction"] = null,
            ["failure_code"] = decline is null ? null : TestCards.ErrorCode(decline),
            ["failure_message"] = decline is null ? null : TestCards.Sentence(decline),
            ["fraud_details"] = new JsonObject(),
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["on_behalf_of"] = null,
            ["outcome"] = new JsonObject
            {
                ["advice_code"] = decline is null ? null : "try_again_later",
                ["network_advice_code"] = null,
                ["network_decline_code"] = null,
                ["network_status"] = succeeded ? "approved_by_network" : "declined_by_network",
                ["reason"] = decline,
                ["seller_message"] = succeeded ? "Payment complete." : "The bank did not return any further details with this decline.",
                ["type"] = succeeded ? "authorized" : "issuer_declined",
            },
            ["paid"] = succeeded,
            ["payment_intent"] = intent.Text("id"),
            ["payment_method"] = method.Text("id"),
            ["payment_method_details"] = new JsonObject
            {
                ["card"] = new JsonObject
                {
                    ["brand"] = card.Text("brand"),
                    ["country"] = "US",
                    ["exp_month"] = card.Number("exp_month"),
                    ["exp_year"] = card.Number("exp_year"),
                    ["fingerprint"] = card.Text("fingerprint"),
                    ["funding"] = "credit",
                    ["last4"] = card.Text("last4"),
                    ["network"] = card.Text("brand"),
                },
                ["type"] = "card",
            },
            ["receipt_email"] = null,
            ["receipt_number"] = null,
            ["receipt_url"] = null,
            ["refunded"] = false,
            ["refunds"] = Lists.Of([], false, $"/v1/charges/{id}/refunds"),
            ["review"] = null,
            ["shipping"] = null,
            ["source"] = null,
            ["source_transfer"] = null,
            ["statement_descriptor"] = null,
            ["statement_descriptor_suffix"] = null,
            ["status"] = succeeded ? "succeeded" : "failed",
            ["transfer_data"] = null,
            ["transfer_group"] = null,
        };
        work.Add(charge);
        work.Emit(succeeded ? "charge.succeeded" : "charge.failed", charge);
        return charge;
    }

    public static Answer Read(ApiCall call) => call.Work.Get("charge", call.Id);

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("charge").Where("customer", call.Form.Text("customer")).Where("payment_intent", call.Form.Text("payment_intent"))
        );
}
