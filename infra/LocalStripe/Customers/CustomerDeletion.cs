using System.Text.Json.Nodes;
using LocalStripe.Checkout;
using LocalStripe.Storage;

namespace LocalStripe.Customers;

/// <summary>
/// What goes with a customer and what stays: saved cards, tax ids, open Checkout sessions, pending items and drafts go;
/// issued invoices stay as they are, but are not collected any more. The customer can still be read, as deleted.
/// </summary>
internal static class CustomerDeletion
{
    /// <param name="keepDrafts">Stripe does not say what becomes of drafts; with this they stay behind and nothing can be done with
    /// them.</param>
    public static JsonObject Delete(Work work, JsonObject customer, bool keepDrafts = false)
    {
        var id = customer.Text("id");
        foreach (var method in work.Select(new Query("payment_method").Where("customer", id)))
        {
            method["customer"] = null;
            work.Save(method);
            work.Emit("payment_method.detached", method, new JsonObject { ["customer"] = id });
        }

        foreach (var session in work.Select(new Query("checkout.session").Where("customer", id).Where("status", "open")))
            CheckoutSessions.End(work, session, "expired");
        foreach (var taxId in work.Select(new Query("tax_id").Where("customer", id)))
            work.Delete(taxId);
        foreach (var invoice in work.Select(new Query("invoice").Where("customer", id)))
            Leave(work, invoice, keepDrafts);
        foreach (var item in work.Select(new Query("invoiceitem").Where("customer", id).WhereNull("invoice")))
            work.Delete(item);
        work.Emit("customer.deleted", customer);
        return work.Delete(customer);
    }

    private static void Leave(Work work, JsonObject invoice, bool keepDrafts)
    {
        if (invoice.Text("status") == "draft" && !keepDrafts)
        {
            foreach (var item in Invoices.InvoiceLines.Items(work, invoice.Text("id")))
                work.Delete(item);
            work.Emit("invoice.deleted", invoice);
            work.Delete(invoice);
            return;
        }

        invoice["auto_advance"] = false;
        invoice["automatically_finalizes_at"] = null;
        invoice["next_payment_attempt"] = null;
        work.Save(invoice);
    }
}
