using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>One payment in the making; here they are only made by invoices.</summary>
internal static class PaymentIntents
{
    public static JsonObject New(Work work, string customer, long amount, string currency, string? description)
    {
        var id = Ids.New("pi");
        var intent = new JsonObject
        {
            ["id"] = id,
            ["object"] = "payment_intent",
            ["amount"] = amount,
            ["amount_capturable"] = 0,
            ["amount_details"] = new JsonObject { ["tip"] = new JsonObject() },
            ["amount_received"] = 0,
            ["application"] = null,
            ["application_fee_amount"] = null,
            ["automatic_payment_methods"] = null,
            ["canceled_at"] = null,
            ["cancellation_reason"] = null,
            ["capture_method"] = "automatic",
            ["client_secret"] = $"{id}_secret_{Ids.New("s")[2..]}",
            ["confirmation_method"] = "automatic",
            ["created"] = work.Now,
            ["currency"] = currency,
            ["customer"] = customer,
            ["customer_account"] = null,
            ["description"] = description,
            ["excluded_payment_method_types"] = null,
            ["last_payment_error"] = null,
            ["latest_charge"] = null,
            ["livemode"] = false,
            ["managed_payments"] = null,
            ["metadata"] = new JsonObject(),
            ["next_action"] = null,
            ["on_behalf_of"] = null,
            ["payment_method"] = null,
            ["payment_method_configuration_details"] = null,
            ["payment_method_options"] = new JsonObject(),
            ["payment_method_types"] = new JsonArray("card"),
            ["processing"] = null,
            ["receipt_email"] = null,
            ["review"] = null,
            ["setup_future_usage"] = null,
            ["shipping"] = null,
            ["source"] = null,
            ["statement_descriptor"] = null,
            ["statement_descriptor_suffix"] = null,
            ["status"] = "requires_payment_method",
            ["transfer_data"] = null,
            ["transfer_group"] = null,
        };
        work.Add(intent);
        work.Emit("payment_intent.created", intent);
        return intent;
    }

    public static Answer Read(ApiCall call) => call.Work.Get("payment_intent", call.Id);

    public static Answer List(ApiCall call) => Lists.Page(call, new Query("payment_intent").Where("customer", call.Form.Text("customer")));

    /// <summary>Tries to take the money. Null when it worked, else Stripe's decline code.</summary>
    public static string? Confirm(Work work, JsonObject intent, JsonObject method, bool authenticated)
    {
        var decline = PaymentMethods.DeclineOf(work, method, authenticated);
        if (decline == "authentication_required")
        {
            intent["payment_method"] = method.Text("id");
            intent["status"] = "requires_action";
            intent["next_action"] = new JsonObject { ["type"] = "use_stripe_sdk" };
            work.Save(intent);
            work.Emit("payment_intent.requires_action", intent);
            return decline;
        }

        var charge = Charges.New(work, intent, method, decline);
        intent["latest_charge"] = charge.Text("id");
        intent["next_action"] = null;
        if (decline is null)
        {
            intent["payment_method"] = method.Text("id");
            intent["amount_received"] = intent.Number("amount");
            intent["last_payment_error"] = null;
            intent["status"] = "succeeded";
        }
        else
        {
            Reject(intent, TestCards.Declined(decline));
        }

        work.Save(intent);
        work.Emit(decline is null ? "payment_intent.succeeded" : "payment_intent.payment_failed", intent);
        return decline;
    }

    public static void FailAuthentication(Work work, JsonObject intent)
    {
        Reject(
            intent,
            StripeError.Card("The provided PaymentMethod has failed authentication.", "payment_intent_authentication_failure", null)
        );
        work.Save(intent);
        work.Emit("payment_intent.payment_failed", intent);
    }

    public static void Cancel(Work work, JsonObject intent)
    {
        intent["status"] = "canceled";
        intent["canceled_at"] = work.Now;
        intent["cancellation_reason"] = "void_invoice";
        intent["next_action"] = null;
        work.Save(intent);
        work.Emit("payment_intent.canceled", intent);
    }

    private static void Reject(JsonObject intent, JsonObject error)
    {
        intent["payment_method"] = null;
        intent["next_action"] = null;
        intent["status"] = "requires_payment_method";
        intent["last_payment_error"] = error["error"]!.DeepClone();
    }
}
