using System.Text.Json.Nodes;
using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Customers;

/// <summary>
/// Changes of a customer's balance by hand. Below zero is what the customer has; the next invoice that is finalized takes it off.
/// </summary>
internal static class BalanceTransactions
{
    public static Answer Create(ApiCall call)
    {
        var customer = call.Work.Get("customer", call.Id);
        var amount = call.Form.Number("amount") ?? throw StripeError.Missing("amount");
        if (amount == 0)
            throw StripeError.Invalid("The amount must not be zero.", "amount");
        var currency = call.Form.Required("currency").ToLowerInvariant();
        if (customer.TextOrNull("currency") is { } known && known != currency)
            throw StripeError.Invalid($"The currency must be that of the customer ({known}).", "currency");
        customer["balance"] = customer.Number("balance") + amount;
        customer["currency"] ??= currency;
        call.Work.Save(customer);
        var made = new JsonObject
        {
            ["id"] = Ids.New("cbtxn"),
            ["object"] = "customer_balance_transaction",
            ["amount"] = amount,
            ["checkout_session"] = null,
            ["created"] = call.Now,
            ["credit_note"] = null,
            ["currency"] = currency,
            ["customer"] = customer.Text("id"),
            ["customer_account"] = null,
            ["description"] = call.Form.Text("description"),
            ["ending_balance"] = customer.Number("balance"),
            ["invoice"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["type"] = "adjustment",
        };
        call.Form.MergeMetadata(made);
        return call.Work.Add(made);
    }

    public static Answer List(ApiCall call) =>
        Lists.Page(call, new Query("customer_balance_transaction").Where("customer", call.Work.Get("customer", call.Id).Text("id")));
}
