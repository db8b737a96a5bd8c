using System.Text.Json.Nodes;
using LocalStripe.Checkout;
using LocalStripe.Storage;

namespace LocalStripe.Invoices;

/// <summary>
/// What Stripe does by itself as time passes: expires sessions, finalises drafts that advance, charges and charges again.
/// </summary>
internal static class Collection
{
    /// <summary>Stripe leaves a draft that advances an hour for changes.</summary>
    public const long DraftSeconds = 60 * 60;

    private static readonly int[] RetryDays = [3, 5, 7];

    /// <summary>When a card is tried next: at once if it never was, after a refusal some days later, null when Stripe leaves it.</summary>
    public static long? NextAttempt(Work work, JsonObject invoice)
    {
        var failed = (int)invoice.Number("attempt_count");
        if (!invoice.Flag("auto_advance") || invoice.Text("collection_method") != "charge_automatically" || failed > RetryDays.Length)
            return null;
        return failed == 0 ? work.Now : work.Now + (RetryDays[failed - 1] * 24 * 60 * 60);
    }

    /// <summary>Does everything that is due. Called every second; cheap when nothing is.</summary>
    public static void Advance(Work work)
    {
        foreach (var session in work.Select(new Query("checkout.session").Where("status", "open")))
            CheckoutSessions.Current(work, session);
        foreach (var draft in Due(work, "draft", "automatically_finalizes_at"))
            InvoiceSteps.Finalize(work, draft);
        foreach (var open in Due(work, "open", "next_payment_attempt"))
            Charge(work, open);
    }

    /// <summary>Invoices whose moment has come. Those of a deleted customer are left alone from then on.</summary>
    private static List<JsonObject> Due(Work work, string status, string moment)
    {
        var due = work.Select(new Query("invoice").Where("status", status).Compare($"json_extract(body, '$.{moment}')", "<=", work.Now));
        foreach (var orphan in due.Where(invoice => IsGone(work, invoice)))
        {
            orphan[moment] = null;
            work.Save(orphan);
        }

        return [.. due.Where(invoice => !IsGone(work, invoice))];
    }

    private static bool IsGone(Work work, JsonObject invoice) => work.Find("customer", invoice.Text("customer"))?["deleted"] is not null;

    private static void Charge(Work work, JsonObject invoice)
    {
        var customer = work.Get("customer", invoice.Text("customer"));
        if (
            invoice.TextOrNull("default_payment_method") is null
            && customer.Sub("invoice_settings").TextOrNull("default_payment_method") is null
        )
        {
            // Nothing to charge: Stripe counts the attempt and tells by event.
            invoice["attempted"] = true;
            invoice["attempt_count"] = invoice.Number("attempt_count") + 1;
            invoice["next_payment_attempt"] = NextAttempt(work, invoice);
            work.Save(invoice);
            work.Emit("invoice.payment_failed", invoice);
            return;
        }

        InvoiceSteps.Pay(work, invoice, null, authenticated: false);
    }
}
