using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Customers;

internal static class CustomerCalls
{
    public static readonly string[] AddressKeys = ["city", "country", "line1", "line2", "postal_code", "state"];

    public static Answer Create(ApiCall call)
    {
        var customer = new JsonObject
        {
            ["id"] = Ids.New("cus", 14),
            ["object"] = "customer",
            ["address"] = null,
            ["balance"] = call.Form.Number("balance") ?? 0,
            ["created"] = call.Now,
            ["currency"] = null,
            ["customer_account"] = null,
            ["default_source"] = null,
            ["delinquent"] = false,
            ["description"] = null,
            ["discount"] = null,
            ["email"] = null,
            ["invoice_prefix"] = RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 8),
            ["invoice_settings"] = new JsonObject
            {
                ["custom_fields"] = null,
                ["default_payment_method"] = null,
                ["footer"] = null,
                ["rendering_options"] = null,
            },
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["name"] = null,
            ["next_invoice_sequence"] = 1,
            ["phone"] = null,
            ["preferred_locales"] = new JsonArray(),
            ["shipping"] = null,
            ["tax_exempt"] = "none",
            ["test_clock"] = null,
        };
        ReadFields(call, customer);
        if (call.Form.Text("payment_method") is { } method)
        {
            call.Work.Add(customer);
            Payments.PaymentMethods.Attach(call.Work, call.Work.Get("payment_method", method, "payment_method"), customer.Text("id"));
            SetDefault(call, customer);
            call.Work.Save(customer);
        }
        else
        {
            SetDefault(call, customer);
            call.Work.Add(customer);
        }

        if (call.Form.Sub("tax_id_data") is not null)
            throw StripeError.Invalid("LocalStripe takes tax ids at /v1/customers/{id}/tax_ids only.", "tax_id_data");
        call.Work.Emit("customer.created", customer);
        return customer;
    }

    public static Answer Read(ApiCall call) => call.Work.Find("customer", call.Id) ?? throw StripeError.NoSuch("customer", call.Id, null);

    public static Answer Update(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Id);
        var before = customer.DeepClone().AsObject();
        ReadFields(call, customer);
        if (call.Form.Number("balance") is { } balance)
            customer["balance"] = balance;
        SetDefault(call, customer);
        call.Work.Save(customer);
        if (Changes.Between(before, customer) is { Count: > 0 } changed)
            call.Work.Emit("customer.updated", customer, changed);
        return customer;
    }

    public static Answer Delete(ApiCall call) => CustomerDeletion.Delete(call.Work, call.Work.Get("customer", call.Id));

    public static Answer List(ApiCall call) => Lists.Page(call, new Query("customer").Where("email", call.Form.Text("email")));

    private static void ReadFields(ApiCall call, JsonObject customer)
    {
        call.Form.CopyTexts(customer, "name", "email", "description", "phone");
        call.Form.CopyObject(customer, "address", AddressKeys);
        call.Form.MergeMetadata(customer);
        if (call.Form.OneOf("tax_exempt", "none", "exempt", "reverse") is { } exempt)
            customer["tax_exempt"] = exempt;
        if (call.Form.Has("preferred_locales"))
            customer["preferred_locales"] = new JsonArray([
                .. call.Form.Texts("preferred_locales").Select(locale => JsonValue.Create(locale)),
            ]);
    }

    private static void SetDefault(ApiCall call, JsonObject customer)
    {
        if (call.Form.Sub("invoice_settings") is not { } given)
            return;
        var settings = customer.Sub("invoice_settings");
        given.CopyTexts(settings, "footer", "default_payment_method");
        if (
            settings.TextOrNull("default_payment_method") is { } method
            && call.Work.Get("payment_method", method, "invoice_settings[default_payment_method]").TextOrNull("customer")
                != customer.Text("id")
        )
        {
            throw StripeError.Invalid(
                "The customer does not have a payment method with the ID "
                    + method
                    + ". The payment method must be attached to the customer.",
                "invoice_settings[default_payment_method]",
                "resource_missing"
            );
        }
    }
}
