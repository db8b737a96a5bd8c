using System.Globalization;
using System.Text.Json.Nodes;
using LocalStripe.Payments;
using LocalStripe.Storage;
using LocalStripe.Taxes;
using LocalStripe.Transport;

namespace LocalStripe.CreditNotes;

/// <summary>Where the part of a credit note goes that was paid already.</summary>
internal sealed record GivenBack(long Refund, long Balance, long Outside, IReadOnlyList<(JsonObject Refund, long Amount)> Linked)
{
    public long Sum => Refund + Balance + Outside + Linked.Sum(one => one.Amount);
}

/// <summary>A correction of an issued invoice: what is open becomes less first, what was paid goes back as its caller says.</summary>
internal static class CreditNote
{
    /// <param name="lines">They add up to what is credited, before taxes that come on top where they are of the invoice's lines.</param>
    /// <param name="isAmount">An amount of the whole, with its tax.</param>
    public static JsonObject Issue(
        Work work,
        JsonObject invoice,
        IReadOnlyList<JsonObject> lines,
        bool isAmount,
        GivenBack back,
        string? memo,
        string? reason,
        JsonNode? metadata
    )
    {
        var (amount, taxes) = isAmount
            ? (lines.Sum(line => line.Number("amount")), PartOf(work, invoice, lines.Sum(line => line.Number("amount"))))
            : OfLines(lines);
        long Tax(string behavior) =>
            taxes.Select(tax => tax!.AsObject()).Where(tax => tax.Text("tax_behavior") == behavior).Sum(tax => tax.Number("amount"));
        Check(work, invoice, amount, back);
        var open = Math.Min(amount, Remaining(invoice));
        var id = Ids.New("cn");
        var refunds = back.Linked.Select(one => Part(one.Refund.Text("id"), one.Amount)).ToList();
        if (back.Refund > 0)
            refunds.Add(Part(Refunds.New(work, Refunds.ChargeOf(work, invoice)!, back.Refund, null).Text("id"), back.Refund));
        var balance = back.Balance > 0 ? Balance(work, invoice, back.Balance) : null;
        var note = work.Add(
            new JsonObject
            {
                ["id"] = id,
                ["object"] = "credit_note",
                ["amount"] = amount,
                ["amount_shipping"] = 0,
                ["created"] = work.Now,
                ["currency"] = invoice.Text("currency"),
                ["customer"] = invoice.Text("customer"),
                ["customer_account"] = null,
                ["customer_balance_transaction"] = balance,
                ["discount_amount"] = 0,
                ["discount_amounts"] = new JsonArray(),
                ["effective_at"] = work.Now,
                ["invoice"] = invoice.Text("id"),
                ["lines"] = Lists.Of(lines, false, $"/v1/credit_notes/{id}/lines"),
                ["livemode"] = false,
                ["memo"] = memo,
                ["metadata"] = metadata?.DeepClone() ?? new JsonObject(),
                ["number"] = NumberOf(work, invoice),
                ["out_of_band_amount"] = back.Outside > 0 ? back.Outside : null,
                ["pdf"] = invoice.Text("invoice_pdf"),
                ["post_payment_amount"] = amount - open,
                ["pre_payment_amount"] = open,
                ["pretax_credit_amounts"] = new JsonArray(),
                ["reason"] = reason,
                ["refunds"] = new JsonArray([.. refunds]),
                ["shipping_cost"] = null,
                ["status"] = "issued",
                ["subtotal"] = amount - Tax("exclusive"),
                ["subtotal_excluding_tax"] = amount - Tax("exclusive") - Tax("inclusive"),
                ["total"] = amount,
                ["total_excluding_tax"] = amount - Tax("exclusive") - Tax("inclusive"),
                ["total_taxes"] = taxes,
                ["type"] =
                    open == amount ? "pre_payment"
                    : open == 0 ? "post_payment"
                    : "mixed",
                ["voided_at"] = null,
            }
        );
        work.Emit("credit_note.created", note);
        Reduce(work, invoice, open, amount - open);
        return note;
    }

    /// <summary>The invoice's taxes in proportion: credit notes up to the whole take back exactly the tax.</summary>
    private static JsonArray PartOf(Work work, JsonObject invoice, long amount)
    {
        var before = Of(work, invoice).Sum(note => note.Number("amount"));
        return new JsonArray([
            .. invoice["total_taxes"]!.AsArray().Select(tax => Part(tax!.AsObject(), invoice.Number("total"), before, amount)),
        ]);
    }

    private static (long Amount, JsonArray Taxes) OfLines(IReadOnlyList<JsonObject> lines)
    {
        var taxes = lines
            .SelectMany(line => line["taxes"]!.AsArray())
            .Select(tax => tax!.DeepClone().AsObject())
            .GroupBy(tax => tax.Sub("tax_rate_details").Text("tax_rate"))
            .Select(same =>
                same.Aggregate(
                    (sum, one) =>
                    {
                        sum["amount"] = sum.Number("amount") + one.Number("amount");
                        sum["taxable_amount"] = sum.Number("taxable_amount") + one.Number("taxable_amount");
                        return sum;
                    }
                )
            )
            .ToList();
        return (
            lines.Sum(line => line.Number("amount"))
                + taxes.Where(tax => tax.Text("tax_behavior") == "exclusive").Sum(tax => tax.Number("amount")),
            new JsonArray([.. taxes])
        );
    }

    /// <summary>A tax of the whole, as it is in a part of it.</summary>
    public static JsonObject Part(JsonObject tax, long total, long before, long part)
    {
        var share = tax.DeepClone().AsObject();
        share["amount"] = LineTaxes.Part(tax.Number("amount"), total, before, part);
        share["taxable_amount"] = LineTaxes.Part(tax.Number("taxable_amount"), total, before, part);
        return share;
    }

    /// <summary>Only while the invoice is open: what went back cannot be taken again.</summary>
    public static JsonObject Void(Work work, JsonObject note)
    {
        var invoice = work.Get("invoice", note.Text("invoice"));
        if (note.Text("status") != "issued" || note.Number("post_payment_amount") > 0 || invoice.Text("status") != "open")
            throw StripeError.Invalid("You can only void a credit note that is issued over an open invoice.");
        note["status"] = "void";
        note["voided_at"] = work.Now;
        work.Save(note);
        Reduce(work, invoice, -note.Number("pre_payment_amount"), 0);
        work.Emit("credit_note.voided", note);
        return note;
    }

    /// <summary>What credit notes can still take back: refunds that none of them stands for count against it.</summary>
    public static long Creditable(Work work, JsonObject invoice)
    {
        var notes = Of(work, invoice);
        var linked = notes.SelectMany(Linked).Select(part => part.Text("refund")).ToHashSet(StringComparer.Ordinal);
        var loose = Refunds
            .Of(work, invoice)
            .Where(refund => refund.Text("status") is not ("failed" or "canceled") && !linked.Contains(refund.Text("id")))
            .Sum(refund => refund.Number("amount"));
        return invoice.Number("total") - notes.Sum(note => note.Number("amount")) - loose;
    }

    /// <summary>Those that are not void.</summary>
    public static IReadOnlyList<JsonObject> Of(Work work, JsonObject invoice) =>
        work.Select(new Query("credit_note").Where("invoice", invoice.Text("id")).Where("status", "issued"));

    public static IEnumerable<JsonObject> Linked(JsonObject note) => note["refunds"]!.AsArray().Select(part => part!.AsObject());

    private static void Check(Work work, JsonObject invoice, long amount, GivenBack back)
    {
        if (invoice.Text("status") is not ("open" or "paid"))
            throw StripeError.Invalid(
                $"Credit notes can only be created for open or paid invoices. This invoice's status is {invoice.Text("status")}.",
                "invoice"
            );
        if (amount <= 0)
            throw StripeError.Invalid("The credit note's amount must be positive.", "amount");
        var creditable = Creditable(work, invoice) + back.Linked.Sum(one => one.Amount);
        if (amount > creditable)
            throw StripeError.Invalid(
                $"The credit note's amount ({amount}) is more than what can still be credited on the invoice ({creditable}).",
                "amount"
            );
        var post = amount - Math.Min(amount, Remaining(invoice));
        if (back.Sum != post)
        {
            throw StripeError.Invalid(
                $"The sum of credit amount, refund amount and out of band amount ({back.Sum}) must equal the credit note's post "
                    + $"payment amount ({post}).",
                "refund_amount"
            );
        }

        if (back.Refund > 0)
            Refunds.Check(Refunds.ChargeOf(work, invoice), back.Refund, "refund_amount");
        var linked = Of(work, invoice).SelectMany(Linked).Select(part => part.Text("refund")).ToHashSet(StringComparer.Ordinal);
        if (back.Linked.Any(one => linked.Contains(one.Refund.Text("id")) || one.Amount > one.Refund.Number("amount")))
            throw StripeError.Invalid("A refund can be linked to credit notes up to its amount.", "refunds");
    }

    private static long Remaining(JsonObject invoice) => invoice.Text("status") == "open" ? invoice.Number("amount_remaining") : 0;

    private static JsonObject Part(string refund, long amount) =>
        new()
        {
            ["amount_refunded"] = amount,
            ["payment_record_refund"] = null,
            ["refund"] = refund,
            ["type"] = "refund",
        };

    private static string NumberOf(Work work, JsonObject invoice)
    {
        var before = work.Select(new Query("credit_note").Where("invoice", invoice.Text("id"))).Count;
        return string.Create(CultureInfo.InvariantCulture, $"{invoice.Text("number")}-CN-{before + 1:00}");
    }

    /// <summary>A credit is a balance below zero: the next invoice is paid from it first.</summary>
    private static string Balance(Work work, JsonObject invoice, long amount)
    {
        var customer = work.Get("customer", invoice.Text("customer"));
        customer["balance"] = customer.Number("balance") - amount;
        work.Save(customer);
        return Ids.New("cbtxn");
    }

    /// <summary>An open invoice that nothing is left of is paid.</summary>
    private static void Reduce(Work work, JsonObject invoice, long open, long paid)
    {
        invoice["amount_due"] = invoice.Number("amount_due") - open;
        invoice["amount_remaining"] = invoice.Number("amount_remaining") - open;
        invoice["pre_payment_credit_notes_amount"] = invoice.Number("pre_payment_credit_notes_amount") + open;
        invoice["post_payment_credit_notes_amount"] = invoice.Number("post_payment_credit_notes_amount") + paid;
        work.Save(invoice);
        if (open == 0)
        {
            work.Emit("invoice.updated", invoice);
            return;
        }

        var intent = Invoices.InvoicePayments.IntentOf(work, invoice.Text("id"));
        if (invoice.Number("amount_remaining") == 0)
        {
            PaymentIntents.Cancel(work, intent);
            Invoices.InvoicePayments.Close(work, invoice.Text("id"), "canceled", 0);
            Invoices.InvoiceSteps.MarkPaid(work, invoice, 0);
            return;
        }

        intent["amount"] = invoice.Number("amount_remaining");
        work.Save(intent);
        work.Emit("invoice.updated", invoice);
    }
}
