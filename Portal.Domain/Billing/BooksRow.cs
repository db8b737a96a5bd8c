using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>Something in an organization's month that does not add up.</summary>
/// <param name="Cause">A sentence: what differs.</param>
/// <param name="WayOut">A sentence: what to do about it.</param>
/// <param name="Invoice">The invoice it is about; null when it is about none.</param>
/// <param name="MayCompare">Comparing the invoice with Stripe again may settle it.</param>
public sealed record BooksDifference(string Cause, string WayOut, string? Invoice, bool MayCompare = false);

/// <summary>
/// An organization's closed periods of a month in one currency: usage rated now, less what is carried over and what
/// promotion codes and credits take off, and with the taxes that come on top, is what was invoiced; that is what Stripe has. Less what
/// credit notes took back, it is what was paid and not given back, is still to be paid, or was written off.
/// </summary>
/// <param name="Rated">Usage of the closed periods, rated again by the rater of invoices.</param>
/// <param name="Carried">Brought forward from earlier periods, less what was too small to charge in these.</param>
/// <param name="Credited">Taken off by promotion codes and credits.</param>
/// <param name="Tax">Added on top: taxes that prices contain are part of what was rated.</param>
/// <param name="Invoiced">Totals of the month's invoices.</param>
/// <param name="AtStripe">Of them, those whose lines Stripe has, compared one by one.</param>
/// <param name="CreditNotes">Taken back by credit notes.</param>
/// <param name="Returned">Of what was paid: refunded to cards, or given back as credit.</param>
/// <param name="Balance">Not paid yet.</param>
/// <param name="WrittenOff">Uncollectible or void.</param>
public sealed record BooksRow(
    Organization Organization,
    Currency Currency,
    Money Rated,
    Money Carried,
    Money Credited,
    Money Invoiced,
    Money AtStripe,
    Money CreditNotes,
    Money Paid,
    Money Returned,
    Money Balance,
    Money WrittenOff,
    IReadOnlyList<BooksDifference> Differences,
    Money Tax
)
{
    public bool IsBalanced => Differences.Count == 0;

    /// <summary>From what was rated and what became of the invoices; amounts of other currencies are left out.</summary>
    internal static BooksRow Of(
        Organization organization,
        Currency currency,
        IReadOnlyList<(RatedPeriod Rated, Invoice? Invoice, long Discount)> periods
    )
    {
        var zero = Money.Zero(currency);
        Money Minor(long minor) => new(minor, currency);
        var tax = zero;
        var (rated, carried, credited, invoiced, stripe, notes, paid, returned, balance, written) = (
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero
        );
        var differences = new List<BooksDifference>();
        foreach (var (period, invoice, discount) in periods)
        {
            var used = period.Lines.Where(line => line.Amount.Currency == currency).Aggregate(zero, (sum, line) => sum + line.Amount);
            rated += used;
            if (invoice is null)
            {
                // Of a period in another currency nothing was used in this one.
                var off = Math.Min(discount, used.Minor);
                credited += Minor(off);
                carried += Minor(off - used.Minor);
                continue;
            }
            if (invoice.CurrencyCode != currency.Code)
                continue;
            var total = Minor(invoice.TotalMinor);
            var unpaid = Minor(invoice.OwedMinor);
            carried += Minor(invoice.CarriedInMinor);
            credited += Minor(Off(invoice));
            tax += Minor(invoice.AddedTaxMinor);
            invoiced += total;
            notes += Minor(invoice.CreditedMinor);
            paid += Minor(invoice.AmountPaidMinor);
            returned += Minor(invoice.RefundedMinor + invoice.CreditedOutsideMinor);
            if (IsCompared(invoice))
                stripe += total;
            if (invoice.Status is InvoiceStatus.Uncollectible or InvoiceStatus.Void)
                written += unpaid;
            else if (invoice.Status != InvoiceStatus.Paid)
                balance += unpaid;
            differences.AddRange(DifferencesOf(invoice, used, Minor));
        }
        return new(
            organization,
            currency,
            rated,
            carried,
            credited,
            invoiced,
            stripe,
            notes,
            paid,
            returned,
            balance,
            written,
            differences,
            tax
        );
    }

    /// <summary>Nothing could be worked out: it says so and keeps no other organization's row away.</summary>
    internal static BooksRow Unreadable(Organization organization)
    {
        var zero = Money.Zero(Currency.Usd);
        return new(
            organization,
            Currency.Usd,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            zero,
            [
                new(
                    "This organization's month couldn't be worked out, so its amounts are missing here.",
                    "Look up this request in your traces for the cause. Other organizations aren't affected.",
                    null
                ),
            ],
            zero
        );
    }

    private static long Off(Invoice invoice) => -invoice.Adjustments.Sum(adjustment => adjustment.AmountMinor);

    private static bool IsCompared(Invoice invoice) =>
        invoice.Stage is InvoiceStage.Compared or InvoiceStage.Finalized or InvoiceStage.Settled;

    private static IEnumerable<BooksDifference> DifferencesOf(Invoice invoice, Money used, Func<long, Money> minor)
    {
        var lines = minor(invoice.TotalMinor - invoice.CarriedInMinor + Off(invoice) - invoice.AddedTaxMinor);
        // What was charged too much and has been credited since is settled.
        if (used != lines && (used.Minor > lines.Minor || (lines - used).Minor > invoice.CreditedMinor))
            yield return new(
                $"Usage of this period now rates at {MoneyFormat.Text(used)}, and its invoice has {MoneyFormat.Text(lines)}.",
                used.Minor < lines.Minor
                    ? "An issued invoice never changes. Open the invoice and issue a credit note over the difference."
                    : "An issued invoice never changes. Charge the difference in Stripe.",
                invoice.Number
            );
        if (invoice.Stage == InvoiceStage.Mismatch)
            yield return new(
                invoice.ProblemMessage ?? "Stripe's draft differs from the invoice. Nothing was charged.",
                "Correct the draft in Stripe, then compare again.",
                invoice.Number,
                MayCompare: true
            );
        else if (invoice is { FinalizedAt: null, ProblemMessage: TaxRules.MissingNote })
            yield return new(
                "The invoice waits for the customer's billing address: the tax depends on it.",
                "Ask the customer to add it on their billing page, or set how they are taxed on the Organizations page.",
                invoice.Number
            );
        else if (!IsCompared(invoice))
            yield return new(
                "The invoice isn't in Stripe yet.",
                "It is sent automatically. If this stays, check its work on the Jobs page.",
                invoice.Number
            );
        if (invoice.LooseRefundMinor > 0)
            yield return new(
                $"{MoneyFormat.Text(minor(invoice.LooseRefundMinor))} was refunded in Stripe without a credit note.",
                "Open the invoice and issue a credit note over what was already refunded.",
                invoice.Number
            );
        else if (invoice.LooseRefundMinor < 0)
            yield return new(
                $"{MoneyFormat.Text(minor(-invoice.LooseRefundMinor))} that a credit note promised did not reach the customer's card.",
                "Refund it another way in Stripe, or agree with the customer on a credit.",
                invoice.Number
            );
        if (invoice.Status == InvoiceStatus.Paid && invoice.OwedMinor != 0)
            yield return new(
                $"Stripe received {MoneyFormat.Text(minor(invoice.AmountPaidMinor))} for an invoice of "
                    + $"{MoneyFormat.Text(minor(invoice.TotalMinor - invoice.CreditedOpenMinor))}.",
                "Taxes, credits, or a balance that Portal doesn't know can explain this. Check the invoice in Stripe.",
                invoice.Number
            );
        else if (invoice is { Status: InvoiceStatus.Paid, ProblemMessage: { } trouble })
            yield return new(trouble, "Respond to the dispute in Stripe.", invoice.Number);
    }
}
