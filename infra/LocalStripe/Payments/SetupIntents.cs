using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>The saving of a card: made by a Checkout session, carried on by its page.</summary>
internal static class SetupIntents
{
    public static JsonObject New(Work work, string customer, JsonObject metadata, string? description)
    {
        var id = Ids.New("seti");
        return work.Add(
            new JsonObject
            {
                ["id"] = id,
                ["object"] = "setup_intent",
                ["application"] = null,
                ["automatic_payment_methods"] = null,
                ["cancellation_reason"] = null,
                ["client_secret"] = $"{id}_secret_{Ids.New("s")[2..]}",
                ["created"] = work.Now,
                ["customer"] = customer,
                ["customer_account"] = null,
                ["description"] = description,
                ["excluded_payment_method_types"] = null,
                ["flow_directions"] = null,
                ["last_setup_error"] = null,
                ["latest_attempt"] = null,
                ["livemode"] = false,
                ["mandate"] = null,
                ["metadata"] = metadata.DeepClone(),
                ["next_action"] = null,
                ["on_behalf_of"] = null,
                ["payment_method"] = null,
                ["payment_method_configuration_details"] = null,
                ["payment_method_options"] = new JsonObject { ["card"] = new JsonObject { ["request_three_d_secure"] = "automatic" } },
                ["payment_method_types"] = new JsonArray("card"),
                ["single_use_mandate"] = null,
                ["status"] = "requires_payment_method",
                ["usage"] = "off_session",
            }
        );
    }

    public static Answer Read(ApiCall call)
    {
        call.Form.Text("client_secret");
        return call.Work.Get("setup_intent", call.Id);
    }

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("setup_intent")
                .Where("customer", call.Form.Text("customer"))
                .Where("payment_method", call.Form.Text("payment_method"))
        );

    public static void Succeed(Work work, JsonObject intent, JsonObject method)
    {
        intent["payment_method"] = method.Text("id");
        intent["last_setup_error"] = null;
        intent["next_action"] = null;
        intent["status"] = "succeeded";
        work.Save(intent);
        PaymentMethods.Attach(work, method, intent.Text("customer"));
        work.Emit("setup_intent.succeeded", intent);
    }

    public static void RequireAction(Work work, JsonObject intent, JsonObject method)
    {
        intent["payment_method"] = method.Text("id");
        intent["status"] = "requires_action";
        intent["next_action"] = new JsonObject { ["type"] = "use_stripe_sdk" };
        work.Save(intent);
        work.Emit("setup_intent.requires_action", intent);
    }

    public static void Fail(Work work, JsonObject intent, string message, string code, string? declineCode)
    {
        intent["payment_method"] = null;
        intent["status"] = "requires_payment_method";
        intent["next_action"] = null;
        intent["last_setup_error"] = StripeError.Card(message, code, declineCode)["error"]!.DeepClone();
        work.Save(intent);
        work.Emit("setup_intent.setup_failed", intent);
    }
}
