using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Features.Billing;

/// <summary>Credit notes in words.</summary>
internal static class CreditNoteWords
{
    internal static string Of(CreditNote note) =>
        note.State switch
        {
            CreditNoteState.Pending => "being issued",
            CreditNoteState.Issued => note.RefundState switch
            {
                RefundState.Pending => "refund on its way",
                RefundState.Succeeded => "refunded",
                RefundState.Failed => "refund failed",
                _ => "issued",
            },
            CreditNoteState.Refused => "not issued",
            CreditNoteState.Void => "void",
            _ => throw new InvalidOperationException($"{note.State} has no words."),
        };

    internal static string Mood(CreditNote note) =>
        note switch
        {
            { State: CreditNoteState.Refused } or { State: CreditNoteState.Issued, RefundState: RefundState.Failed } => "bad",
            { State: CreditNoteState.Pending } or { State: CreditNoteState.Issued, RefundState: RefundState.Pending } => "info",
            { State: CreditNoteState.Issued } => "good",
            _ => "",
        };

    /// <summary>Where the amount goes, in a sentence for each part; empty until it is issued.</summary>
    internal static string Where(CreditNote note)
    {
        string Text(long minor) => MoneyFormat.Text(note.Amount with { Minor = minor });
        var parts = new List<string>();
        if (note.State is not (CreditNoteState.Issued or CreditNoteState.Void))
            return "";
        if (note.OpenMinor > 0)
            parts.Add($"{Text(note.OpenMinor)} taken off the amount due.");
        if (note.RefundMinor > 0)
            parts.Add(
                $"{Text(note.RefundMinor)} "
                    + $"{(note.RefundState == RefundState.Failed ? "could not be refunded to the card." : "refunded to the card.")}"
            );
        if (note.OutsideMinor > 0)
            parts.Add(
                note.By == "Stripe"
                    ? $"{Text(note.OutsideMinor)} given back outside Stripe."
                    : $"{Text(note.OutsideMinor)} kept as credit for the next invoices."
            );
        if (note.StripeBalanceMinor > 0)
            parts.Add($"{Text(note.StripeBalanceMinor)} kept as a balance in Stripe.");
        return string.Join(" ", parts);
    }

    internal static string Of(RefundState state) =>
        state switch
        {
            RefundState.Pending => "on its way",
            RefundState.Failed => "failed",
            _ => "refunded",
        };
}
