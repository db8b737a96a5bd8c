using System.Text.Json.Nodes;
using LocalStripe.Disputes;
using LocalStripe.Pages;
using LocalStripe.Payments;
using LocalStripe.Storage;

namespace LocalStripe.Invoices;

internal enum OutsideAct
{
    Void,
    MarkUncollectible,
    Dispute,
    WinDispute,
    LoseDispute,

    /// <summary>Half of what is left of the payment, with no credit note.</summary>
    RefundHalf,
    FailRefund,
}

/// <summary>
/// What others do to an issued invoice: the seller in Stripe's dashboard, the card's owner at the bank. The invoice's page
/// offers it as buttons, because the program under development has no part in it and only hears of it by event.
/// </summary>
internal static class OutsideActs
{
    /// <summary>False when the invoice's state does not allow it.</summary>
    public static bool Do(Work work, string id, OutsideAct act)
    {
        if (work.Find("invoice", id) is not { } invoice || invoice["deleted"] is not null || !Possible(work, invoice).Contains(act))
            return false;
        switch (act)
        {
            case OutsideAct.Void:
                InvoiceSteps.Void(work, invoice);
                return true;
            case OutsideAct.MarkUncollectible:
                InvoiceSteps.MarkUncollectible(work, invoice);
                return true;
            case OutsideAct.RefundHalf:
                Refunds.New(work, Refunds.ChargeOf(work, invoice)!, Half(Refunds.ChargeOf(work, invoice)!), "requested_by_customer");
                return true;
            case OutsideAct.FailRefund:
                Refunds.FailRefund(work, Succeeded(work, invoice)[0]);
                return true;
            case OutsideAct.Dispute:
                return Dispute.Open(work, invoice, "fraudulent") is not null;
            default:
                return Dispute.Close(work, invoice, won: act == OutsideAct.WinDispute);
        }
    }

    public static IReadOnlyList<OutsideAct> Possible(Work work, JsonObject invoice) =>
        invoice.Text("status") switch
        {
            "open" => [OutsideAct.Void, OutsideAct.MarkUncollectible],
            "uncollectible" => [OutsideAct.Void],
            "paid" when Dispute.OpenOf(work, invoice) is not null => [OutsideAct.WinDispute, OutsideAct.LoseDispute],
            "paid" when Dispute.CanOpen(work, invoice) => [OutsideAct.Dispute, .. Refundable(work, invoice)],
            _ => [],
        };

    private static IEnumerable<OutsideAct> Refundable(Work work, JsonObject invoice)
    {
        if (Refunds.ChargeOf(work, invoice) is { } charge && Half(charge) > 0)
            yield return OutsideAct.RefundHalf;
        if (Succeeded(work, invoice).Count > 0)
            yield return OutsideAct.FailRefund;
    }

    private static long Half(JsonObject charge) => (charge.Number("amount") - charge.Number("amount_refunded")) / 2;

    private static List<JsonObject> Succeeded(Work work, JsonObject invoice) =>
        [.. Refunds.Of(work, invoice).Where(refund => refund.Text("status") == "succeeded")];

    public static string Buttons(string id, IReadOnlyList<OutsideAct> possible)
    {
        if (possible.Count == 0)
            return "";
        var buttons = string.Concat(
            possible.Select(act => $"""<button type="submit" name="act" value="{act}" class="quiet">{Words(act)}</button>""")
        );
        return $"""
            <form method="post" action="/i/{Html.Escape(id)}/act"><fieldset>
            <legend>Act as the seller or the bank</legend>
            <p class="soft">Only on LocalStripe: what otherwise happens in Stripe's dashboard or at the cardholder's bank.</p>
            {buttons}
            </fieldset></form>
            """;
    }

    private static string Words(OutsideAct act) =>
        act switch
        {
            OutsideAct.Void => "Void invoice",
            OutsideAct.MarkUncollectible => "Mark as uncollectible",
            OutsideAct.Dispute => "Dispute payment",
            OutsideAct.RefundHalf => "Refund half",
            OutsideAct.FailRefund => "Fail the last refund",
            OutsideAct.WinDispute => "Close dispute: won",
            _ => "Close dispute: lost",
        };
}
