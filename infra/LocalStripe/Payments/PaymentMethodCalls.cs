using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Payments;

internal static class PaymentMethodCalls
{
    public static Answer Create(ApiCall call)
    {
        if (call.Form.OneOf("type", "card") is null)
            throw StripeError.Missing("type");
        var given = call.Form.Sub("card") ?? throw StripeError.Missing("card");
        var card = given.Text("token") is { } token ? TestCards.ByToken(token, "tok_") : TestCards.ByNumber(given.Required("number"));
        if (card is null)
            throw StripeError.Invalid("LocalStripe takes only Stripe's published test cards.", "card[number]", "incorrect_number", 402);
        given.Text("cvc");
        var method = PaymentMethods.New(
            call.Work,
            card,
            (int)(given.Number("exp_month") ?? 12),
            (int)(given.Number("exp_year") ?? DateTimeOffset.FromUnixTimeSeconds(call.Now).Year + 3)
        );
        call.Form.MergeMetadata(method);
        return call.Work.Save(method);
    }

    public static Answer Read(ApiCall call) => call.Work.Get("payment_method", call.Id);

    public static Answer Update(ApiCall call)
    {
        var method = call.Work.Get("payment_method", call.Id);
        call.Form.MergeMetadata(method);
        call.Work.Emit("payment_method.updated", method);
        return call.Work.Save(method);
    }

    public static Answer Attach(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Form.Required("customer"), "customer").Text("id");
        var method = PaymentMethods.Resolve(call.Work, call.Id, null);
        return PaymentMethods.CardOf(call.Work, method).SetupDecline is { } decline
            ? new Answer(402, TestCards.Declined(decline))
            : PaymentMethods.Attach(call.Work, method, customer);
    }

    public static Answer Detach(ApiCall call)
    {
        var method = call.Work.Get("payment_method", call.Id);
        var owner =
            method.TextOrNull("customer")
            ?? throw StripeError.Invalid(
                "The payment method you provided is not attached to a customer so detachment is impossible.",
                "payment_method"
            );
        method["customer"] = null;
        call.Work.Save(method);
        if (
            call.Work.Find("customer", owner) is { } customer
            && customer["deleted"] is null
            && customer.Sub("invoice_settings").TextOrNull("default_payment_method") == call.Id
        )
        {
            customer.Sub("invoice_settings")["default_payment_method"] = null;
            call.Work.Save(customer);
        }

        var previous = new System.Text.Json.Nodes.JsonObject { ["customer"] = owner };
        call.Work.Emit("payment_method.detached", method, previous);
        return method;
    }

    public static Answer List(ApiCall call)
    {
        var customer = call.Form.Text("customer");
        return Page(call, customer is null ? null : call.Work.Get("customer", customer, "customer").Text("id"));
    }

    public static Answer ListOfCustomer(ApiCall call) => Page(call, call.Work.Get("customer", call.Id).Text("id"));

    public static Answer ReadOfCustomer(ApiCall call)
    {
        var id = (string)call.Route["method"]!;
        var method = call.Work.Get("payment_method", id);
        return method.TextOrNull("customer") == call.Id ? method : throw StripeError.NoSuch("payment_method", id, null);
    }

    private static Answer Page(ApiCall call, string? customer)
    {
        call.Form.Text("allow_redisplay");
        var query = new Query("payment_method").Where("type", call.Form.Text("type")).Where("customer", customer);
        return Lists.Page(call, customer is null ? query.WhereNull("customer") : query);
    }
}
