using System.Text.Json.Nodes;
using LocalStripe.Payments;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Checkout;

/// <summary>Checkout in <c>setup</c> mode: a page of ours takes a test card and saves it for the customer.</summary>
internal static class CheckoutSessions
{
    private const long LifeSeconds = 24 * 60 * 60;

    public static Answer Create(ApiCall call)
    {
        if (call.Form.Required("mode") != "setup")
            throw StripeError.Invalid("LocalStripe serves Checkout in setup mode only.", "mode");
        var customer = call.Work.Get("customer", call.Form.Required("customer"), "customer");
        var success = call.Form.Required("success_url");
        CheckUrl(success, "success_url");
        var cancel = call.Form.Text("cancel_url");
        if (cancel is not null)
            CheckUrl(cancel, "cancel_url");
        var expires = call.Form.Number("expires_at") ?? call.Now + LifeSeconds;
        if (expires < call.Now + 1800 || expires > call.Now + LifeSeconds)
            throw StripeError.Invalid(
                "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
                "expires_at"
            );
        var types = call.Form.Texts("allowed_payment_method_types");
        if (types.FirstOrDefault(type => type != "card") is { } other)
            throw StripeError.Invalid($"LocalStripe saves cards only, not {other}.", "allowed_payment_method_types");
        if (types.Count == 0 && !call.Form.Has("currency"))
            throw StripeError.Missing("currency");

        var intent = NewIntent(call, customer.Text("id"));
        var id = Ids.New("cs_test", 58);
        var session = new JsonObject
        {
            ["id"] = id,
            ["object"] = "checkout.session",
            ["adaptive_pricing"] = null,
            ["after_expiration"] = null,
            ["allow_promotion_codes"] = null,
            ["allowed_payment_method_types"] = types.Count == 0 ? null : new JsonArray("card"),
            ["amount_subtotal"] = null,
            ["amount_total"] = null,
            ["automatic_tax"] = new JsonObject
            {
                ["enabled"] = false,
                ["liability"] = null,
                ["provider"] = null,
                ["status"] = null,
            },
            ["billing_address_collection"] = null,
            ["cancel_url"] = cancel,
            ["client_reference_id"] = call.Form.Text("client_reference_id"),
            ["client_secret"] = null,
            ["collected_information"] = null,
            ["consent"] = null,
            ["consent_collection"] = null,
            ["created"] = call.Now,
            ["currency"] = call.Form.Text("currency"),
            ["currency_conversion"] = null,
            ["custom_fields"] = new JsonArray(),
            ["custom_text"] = new JsonObject
            {
                ["after_submit"] = null,
                ["shipping_address"] = null,
                ["submit"] = null,
                ["terms_of_service_acceptance"] = null,
            },
            ["customer"] = customer.Text("id"),
            ["customer_account"] = null,
            ["customer_creation"] = null,
            ["customer_details"] = null,
            ["customer_email"] = null,
            ["discounts"] = null,
            ["expires_at"] = expires,
            ["integration_identifier"] = null,
            ["invoice"] = null,
            ["invoice_creation"] = null,
            ["livemode"] = false,
            ["locale"] = call.Form.Text("locale"),
            ["managed_payments"] = null,
            ["metadata"] = new JsonObject(),
            ["mode"] = "setup",
            ["origin_context"] = null,
            ["payment_intent"] = null,
            ["payment_link"] = null,
            ["payment_method_collection"] = "always",
            ["payment_method_configuration_details"] = null,
            ["payment_method_options"] = new JsonObject { ["card"] = new JsonObject { ["request_three_d_secure"] = "automatic" } },
            ["payment_method_types"] = new JsonArray("card"),
            ["payment_status"] = "no_payment_required",
            ["permissions"] = null,
            ["phone_number_collection"] = new JsonObject { ["enabled"] = false },
            ["recovered_from"] = null,
            ["saved_payment_method_options"] = null,
            ["setup_intent"] = intent.Text("id"),
            ["shipping_address_collection"] = null,
            ["shipping_cost"] = null,
            ["shipping_options"] = new JsonArray(),
            ["status"] = "open",
            ["submit_type"] = null,
            ["subscription"] = null,
            ["success_url"] = success,
            ["total_details"] = null,
            ["ui_mode"] = call.Form.OneOf("ui_mode", "hosted_page", "hosted") ?? "hosted_page",
            ["url"] = new Uri(call.Work.BaseAddress, $"/c/pay/{id}").AbsoluteUri,
            ["wallet_options"] = null,
        };
        call.Form.MergeMetadata(session);
        return call.Work.Add(session);
    }

    public static Answer Read(ApiCall call) => Current(call.Work, call.Work.Get("checkout.session", call.Id));

    public static Answer List(ApiCall call) =>
        Lists.Page(
            call,
            new Query("checkout.session")
                .Where("customer", call.Form.Text("customer"))
                .Where("status", call.Form.Text("status"))
                .Where("setup_intent", call.Form.Text("setup_intent"))
        );

    public static Answer Expire(ApiCall call)
    {
        var session = Current(call.Work, call.Work.Get("checkout.session", call.Id));
        if (session.Text("status") != "open")
            throw StripeError.Invalid(
                $"This Session has a status of `{session.Text("status")}`. Only Sessions with a status of `open` can be expired."
            );
        End(call.Work, session, "expired");
        return session;
    }

    /// <summary>The session as it is at this moment: one whose day is over has expired, though nothing touched it.</summary>
    public static JsonObject Current(Work work, JsonObject session)
    {
        if (session.Text("status") == "open" && session.Number("expires_at") <= work.Now)
            End(work, session, "expired");
        return session;
    }

    public static void Complete(Work work, JsonObject session, JsonObject customer)
    {
        session["customer_details"] = new JsonObject
        {
            ["address"] = customer["address"]?.DeepClone(),
            ["business_name"] = null,
            ["email"] = customer["email"]?.DeepClone(),
            ["individual_name"] = null,
            ["name"] = customer["name"]?.DeepClone(),
            ["phone"] = null,
            ["tax_exempt"] = customer["tax_exempt"]?.DeepClone(),
            ["tax_ids"] = null,
        };
        End(work, session, "complete");
    }

    public static void End(Work work, JsonObject session, string status)
    {
        session["status"] = status;
        session["url"] = null;
        work.Save(session);
        work.Emit(status == "complete" ? "checkout.session.completed" : "checkout.session.expired", session);
    }

    private static JsonObject NewIntent(ApiCall call, string customer)
    {
        var carrier = new JsonObject { ["metadata"] = new JsonObject() };
        string? description = null;
        if (call.Form.Sub("setup_intent_data") is { } data)
        {
            data.MergeMetadata(carrier);
            description = data.Text("description");
        }

        return SetupIntents.New(call.Work, customer, carrier.Sub("metadata"), description);
    }

    private static void CheckUrl(string url, string parameter)
    {
        if (
            !Uri.TryCreate(url, UriKind.Absolute, out var parsed)
            || (parsed.Scheme != Uri.UriSchemeHttp && parsed.Scheme != Uri.UriSchemeHttps)
        )
            throw StripeError.Invalid("Not a valid URL", parameter, "url_invalid");
    }
}
