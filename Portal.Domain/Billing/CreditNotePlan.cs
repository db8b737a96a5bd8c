using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>A part of one line of the invoice.</summary>
public sealed record CreditNotePart(Guid Line, long AmountMinor);

/// <summary>What an operator wants credited: the whole invoice where neither an amount nor lines are given.</summary>
public sealed record CreditNoteWish(long? AmountMinor, IReadOnlyList<CreditNotePart>? Lines, CreditNoteWay Way);

/// <summary>What a credit note would do: a function of the invoice and of what it was corrected by before.</summary>
/// <param name="Amount">In all, with its tax.</param>
/// <param name="TakenOff">Of it, what makes less what is still open.</param>
/// <param name="GivenBack">Of it, what was paid and goes back by <paramref name="Way"/>.</param>
/// <param name="Holds">What the invoice still comes to afterwards.</param>
/// <param name="Owed">What is still to be paid of it afterwards.</param>
/// <param name="Tax">In the amount.</param>
/// <param name="AlreadyRefunded">Refunds in Stripe that no credit note stands for.</param>
public sealed record CreditNotePlan(
    Invoice Invoice,
    Money Amount,
    Money TakenOff,
    Money GivenBack,
    CreditNoteWay Way,
    Money Holds,
    Money Owed,
    Money AlreadyRefunded,
    IReadOnlyList<CreditNoteLine> Lines,
    Money Tax
)
{
    /// <param name="notes">All of the invoice.</param>
    internal static Outcome<CreditNotePlan> Of(Invoice invoice, IReadOnlyList<CreditNote> notes, CreditNoteWish wish, TimeProvider clock)
    {
        if (Refuse(invoice) is { } impossible)
            return impossible;
        var currency = Currency.TryParse(invoice.CurrencyCode, out var known) ? known : Currency.Usd;
        Money Minor(long minor) => new(minor, currency);
        List<CreditNote> pending = [.. notes.Where(note => note.State == CreditNoteState.Pending)];
        var unlinked = Math.Max(0, invoice.LooseRefundMinor);
        var holds =
            invoice.TotalMinor
            - invoice.CreditedMinor
            - pending.Sum(note => note.AmountMinor)
            - (wish.Way == CreditNoteWay.Refunded ? 0 : unlinked);
        if (holds <= 0)
            return new Problem.Conflict("invoice-credited", $"Nothing of invoice {invoice.Number} is left to credit.");

        if (!LinesOf(invoice, notes, wish, holds, clock).TryGet(out var lines, out var problem))
            return problem;
        var amount = lines.Sum(line => line.AmountMinor);
        var before = invoice.CreditedMinor + pending.Sum(note => note.AmountMinor);
        var tax = TaxMath.OfPart(
            invoice.TaxMinor,
            invoice.TotalMinor,
            before,
            Math.Clamp(amount, 0, Math.Max(0, invoice.TotalMinor - before))
        );
        if (amount <= 0)
            return new Problem.Invalid("credit-note-amount", "Enter an amount above 0.", "amount");
        if (amount > holds)
            return new Problem.Invalid(
                "credit-note-too-large",
                $"Invoice {invoice.Number} has {MoneyFormat.Text(Minor(holds))} left to credit. Enter that or less.",
                "amount"
            );
        if (amount % currency.Step != 0)
            return new Problem.Invalid(
                "credit-note-step",
                $"Amounts in {currency.Code.ToUpperInvariant()} are charged in multiples of {MoneyFormat.Text(Minor(currency.Step))}. Round the amount to one.",
                "amount"
            );

        var open = invoice.Status == InvoiceStatus.Open ? Math.Max(0, invoice.OwedMinor - pending.Sum(note => note.OpenMinor)) : 0;
        var takenOff = Math.Min(amount, open);
        var (back, owed, smallest) = (amount - takenOff, open - takenOff, SmallestCharge.Of(currency).Minor);
        if (takenOff > 0 && owed > 0 && owed < smallest)
            return new Problem.Invalid(
                "credit-note-leaves-too-little",
                $"This would leave {MoneyFormat.Text(Minor(owed))} to pay, less than the smallest charge of "
                    + $"{MoneyFormat.Text(Minor(smallest))}. Credit all of it, or leave at least that.",
                "amount"
            );
        if (wish.Way == CreditNoteWay.Refunded && back != unlinked)
            return unlinked == 0
                ? new Problem.Invalid(
                    "credit-note-nothing-refunded",
                    "Nothing of this invoice was refunded in Stripe without a credit note. Choose a refund or a credit.",
                    "way"
                )
                : new Problem.Invalid(
                    "credit-note-other-refund",
                    $"{MoneyFormat.Text(Minor(unlinked))} of this invoice was refunded in Stripe. Enter exactly that amount.",
                    "amount"
                );
        var there =
            invoice.AmountPaidMinor
            - invoice.RefundedMinor
            - pending.Where(note => note.Way == CreditNoteWay.Refund).Sum(note => note.AmountMinor - note.OpenMinor);
        if (wish.Way == CreditNoteWay.Refund && back > there)
            return new Problem.Invalid(
                "credit-note-not-paid",
                $"{MoneyFormat.Text(Minor(Math.Max(0, there)))} of this invoice can be refunded. "
                    + "Refund that or less, or keep the amount as credit.",
                "way"
            );
        return new CreditNotePlan(
            invoice,
            Minor(amount),
            Minor(takenOff),
            Minor(back),
            wish.Way,
            Minor(holds - amount),
            Minor(owed),
            Minor(unlinked),
            lines,
            Minor(tax)
        );
    }

    private static Problem.Conflict? Refuse(Invoice invoice) =>
        invoice switch
        {
            { FinalizedAt: null } or { StripeInvoiceId: null } or { Status: InvoiceStatus.Draft } => new(
                "invoice-not-issued",
                $"Invoice {invoice.Number} isn't issued yet. Wait until it is, then credit it."
            ),
            { Status: InvoiceStatus.Void } => new(
                "invoice-void",
                $"Invoice {invoice.Number} is void: nothing is owed and nothing can be credited."
            ),
            { Status: InvoiceStatus.Uncollectible } => new(
                "invoice-uncollectible",
                $"Invoice {invoice.Number} was written off as uncollectible. Void it in Stripe instead."
            ),
            _ => null,
        };

    private static Outcome<IReadOnlyList<CreditNoteLine>> LinesOf(
        Invoice invoice,
        IReadOnlyList<CreditNote> notes,
        CreditNoteWish wish,
        long holds,
        TimeProvider clock
    )
    {
        if (wish.Lines is not { Count: > 0 } parts)
        {
            var whole = wish.AmountMinor is null;
            // The first to take all of it takes it line by line, so that its reader sees both documents say the same.
            if (whole && !notes.Any(note => note.IsLive) && holds == invoice.TotalMinor)
                return Outcome.Of(Whole(invoice, clock));
            var text =
                (whole ? $"The rest of invoice {invoice.Number}" : $"Part of invoice {invoice.Number}")
                + (invoice.TaxMinor > 0 ? ", tax included" : "");
            return Outcome.Of<IReadOnlyList<CreditNoteLine>>([new(clock.NewUuid(), 0, null, text, wish.AmountMinor ?? holds)]);
        }
        if (wish.AmountMinor is not null)
            return new Problem.Invalid("credit-note-two-ways", "Give an amount or lines, not both.", "amount");
        var taxable = invoice
            .Lines.OrderBy(one => one.Meter)
            .ThenBy(one => one.From)
            .Zip(invoice.TaxableMinor())
            .ToDictionary(pair => pair.First.Id, pair => pair.Second);
        var made = new List<CreditNoteLine>();
        foreach (var part in parts)
        {
            if (invoice.Lines.FirstOrDefault(line => line.Id == part.Line) is not { } line)
                return new Problem.Invalid("credit-note-line-unknown", "A line isn't on this invoice. Use the ids of its lines.", "lines");
            if (made.Any(one => one.InvoiceLine == line.Id))
                return new Problem.Invalid("credit-note-line-twice", "A line appears twice. Name each line once.", "lines");
            var left =
                (invoice.TaxState == InvoiceTaxState.Off ? line.AmountMinor : taxable[line.Id])
                - notes
                    .Where(note => note.IsLive)
                    .SelectMany(note => note.Lines)
                    .Where(one => one.InvoiceLine == line.Id)
                    .Sum(one => one.AmountMinor);
            if (part.AmountMinor <= 0 || part.AmountMinor > left)
                return new Problem.Invalid(
                    "credit-note-line-amount",
                    $"{line.Meter.Title()} has {MoneyFormat.Text(Money(left))} left to credit. Enter an amount above 0 and up to that.",
                    "lines"
                );
            made.Add(new(clock.NewUuid(), made.Count, line.Id, line.Meter.Title(), part.AmountMinor));
        }
        if (TaxOn(invoice, made.Sum(line => line.AmountMinor), holds) is > 0 and var tax)
            made.Add(new(clock.NewUuid(), made.Count, null, "Tax", tax));
        return made;

        Money Money(long minor) => new(minor, Currency.TryParse(invoice.CurrencyCode, out var currency) ? currency : Currency.Usd);
    }

    /// <summary>The tax that comes on top of parts of lines: in proportion, and never more than is left.</summary>
    private static long TaxOn(Invoice invoice, long net, long holds)
    {
        var whole = invoice.TaxableMinor().Sum();
        var tax = TaxMath.OfPart(invoice.AddedTaxMinor, whole, 0, Math.Min(net, whole));
        var step = Currency.TryParse(invoice.CurrencyCode, out var currency) ? currency.Step : 1;
        return Math.Min(tax / step * step, Math.Max(0, holds - net));
    }

    /// <summary>Stripe takes it as one amount: what was taken off the invoice cannot be credited by a line of its own.</summary>
    private static IReadOnlyList<CreditNoteLine> Whole(Invoice invoice, TimeProvider clock)
    {
        var lines = invoice
            .Lines.OrderBy(line => line.Meter)
            .ThenBy(line => line.From)
            .Where(line => line.AmountMinor != 0)
            .Select(line => (line.Meter.Title(), line.AmountMinor))
            .Concat(invoice.CarriedInMinor == 0 ? [] : new[] { ("Carried over", invoice.CarriedInMinor) })
            .Concat(invoice.Adjustments.Select(adjustment => (adjustment.Description, adjustment.AmountMinor)))
            .Concat(invoice.Taxes.Where(tax => !tax.IsInclusive).Select(tax => (tax.Title, tax.AmountMinor)));
        return [.. lines.Select((line, position) => new CreditNoteLine(clock.NewUuid(), position, null, line.Item1, line.Item2))];
    }
}
