using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LocalStripe.Customers;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

/// <summary>Saved cards. Which test card one is stays hidden beside it: no answer shows a card number.</summary>
internal static class PaymentMethods
{
    public static JsonObject New(Work work, TestCard card, int expiresMonth, int expiresYear, bool wasSetUp = false)
    {
        var method = new JsonObject
        {
            ["id"] = Ids.New("pm"),
            ["object"] = "payment_method",
            ["allow_redisplay"] = "unspecified",
            ["billing_details"] = new JsonObject
            {
                ["address"] = new JsonObject(CustomerCalls.AddressKeys.Select(key => KeyValuePair.Create(key, (JsonNode?)null))),
                ["email"] = null,
                ["name"] = null,
                ["phone"] = null,
                ["tax_id"] = null,
            },
            ["card"] = new JsonObject
            {
                ["brand"] = card.Brand,
                ["checks"] = new JsonObject
                {
                    ["address_line1_check"] = null,
                    ["address_postal_code_check"] = null,
                    ["cvc_check"] = "pass",
                },
                ["country"] = "US",
                ["display_brand"] = card.Brand,
                ["exp_month"] = expiresMonth,
                ["exp_year"] = expiresYear,
                ["fingerprint"] = Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(card.Number)))[..16],
                ["funding"] = "credit",
                ["generated_from"] = null,
                ["last4"] = card.Last4,
                ["networks"] = new JsonObject { ["available"] = new JsonArray(card.Brand), ["preferred"] = null },
                ["regulated_status"] = "unregulated",
                ["three_d_secure_usage"] = new JsonObject { ["supported"] = true },
                ["wallet"] = null,
            },
            ["created"] = work.Now,
            ["customer"] = null,
            ["customer_account"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["type"] = "card",
        };
        work.Add(method, new JsonObject { ["card"] = card.Key, ["was_set_up"] = wasSetUp });
        return method;
    }

    /// <summary>The saved card itself, or a new one where Stripe's <c>pm_card_…</c> stands for it.</summary>
    public static JsonObject Resolve(Work work, string id, string? parameter) =>
        TestCards.ByToken(id, "pm_card_") is { } card
            ? New(work, card, 12, DateTimeOffset.FromUnixTimeSeconds(work.Now).Year + 3)
            : work.Get("payment_method", id, parameter);

    public static JsonObject Attach(Work work, JsonObject method, string customer)
    {
        if (method.TextOrNull("customer") is { } owner && owner != customer)
            throw StripeError.Invalid("The payment method you provided has already been attached to a customer.", "payment_method");
        if (method.TextOrNull("customer") == customer)
            return method;
        method["customer"] = customer;
        work.Save(method);
        work.Emit("payment_method.attached", method);
        return method;
    }

    public static TestCard CardOf(Work work, JsonObject method) => TestCards.ByKey(work.Hidden(method.Text("id")).Text("card"));

    /// <summary>Null when a payment goes through; <c>authentication_required</c> when the owner has to confirm it.</summary>
    public static string? DeclineOf(Work work, JsonObject method, bool authenticated)
    {
        var hidden = work.Hidden(method.Text("id"));
        var card = TestCards.ByKey(hidden.Text("card"));
        if ((hidden.TextOrNull("fail") ?? card.ChargeDecline ?? card.SetupDecline) is { } decline)
            return decline;
        var asks =
            card.Authentication == Authentication.Always || (card.Authentication == Authentication.AtSetup && !hidden.Flag("was_set_up"));
        return asks && !authenticated ? "authentication_required" : null;
    }
}
