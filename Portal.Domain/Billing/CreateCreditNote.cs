using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>Shows what a credit note would take off an invoice, and where the money would go.</summary>
public sealed class PreviewCreditNote(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="way"><c>refund</c>, <c>credit</c> or <c>refunded</c>; null is a refund.</param>
    public async Task<Outcome<CreditNotePlan>> RunAsync(
        Actor actor,
        string number,
        long? amountMinor,
        IReadOnlyList<CreditNotePart>? lines,
        string? way,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "credit-note.preview", Operation.Brief(number)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!CreditNoteTexts.TryWay(way, out var how))
            return CreateCreditNote.UnknownWay;
        return await database.ReadAsync(
            session => CreateCreditNote.PlanAsync(session, number, new(amountMinor, lines, how), clock, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>
/// The operator corrects an issued invoice by a credit note. What is still open becomes less; what was paid goes back to the
/// card, or stays with the customer as credit. Stripe issues it in work of its own.
/// </summary>
public sealed class CreateCreditNote(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int LongestReason = 200;

    internal static readonly Problem.Invalid UnknownWay = new("credit-note-way-unknown", "way is refund, credit or refunded.", "way");

    /// <param name="number">Of the invoice.</param>
    /// <param name="amountMinor">In minor units; without it and without lines it is all that the invoice still holds.</param>
    /// <param name="way"><c>refund</c>, <c>credit</c> or <c>refunded</c>; null is a refund.</param>
    /// <param name="reason">The customer reads it.</param>
    public async Task<Outcome<CreditNote>> RunAsync(
        Actor actor,
        string number,
        long? amountMinor,
        IReadOnlyList<CreditNotePart>? lines,
        string? way,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "credit-note.create",
            Operation.Brief(number),
            new Dictionary<string, string>
            {
                ["amount"] = amountMinor?.ToString(CultureInfo.InvariantCulture) ?? (lines is { Count: > 0 } ? "by line" : "all"),
                ["way"] = Operation.Brief(way ?? "refund"),
                ["reason"] = Operation.Brief(reason),
            }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!CreditNoteTexts.TryWay(way, out var how))
            return UnknownWay;
        if (!TryReason(reason, out var words, out var problem))
            return problem;
        var wish = new CreditNoteWish(amountMinor, lines, how);
        var planned = await database.ReadAsync(session => PlanAsync(session, number, wish, clock, cancellationToken), cancellationToken);
        if (!planned.TryGet(out var seen, out problem))
            return problem;
        return await database.WriteAsync<CreditNote>(
            actor,
            seen.Invoice.OrganizationId,
            operation,
            async session =>
            {
                // Once more in the organization's turn: another may have taken what was left.
                if (!(await PlanAsync(session, number, wish, clock, cancellationToken)).TryGet(out var plan, out var moved))
                    return moved;
                var note = new CreditNote(new CreditNoteId(clock.NewUuid()), plan, words, actor.Name, clock.Now());
                session.CreditNotes.Add(note);
                session.Work.Add(clock, new IssueCreditNoteWork(note.Id), IssueCreditNoteWork.Place(note));
                return note;
            },
            cancellationToken
        );
    }

    internal static async Task<Outcome<CreditNotePlan>> PlanAsync(
        IPortalSession session,
        string number,
        CreditNoteWish wish,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (await session.Invoices.FindAsync(number, cancellationToken) is not { } invoice)
            return Missing(number);
        // The sample company's invoices are nobody's money; Stripe has them all the same.
        return CreditNotePlan.Of(invoice, await session.CreditNotes.OfInvoiceAsync(invoice.Id, cancellationToken), wish, clock);
    }

    internal static Problem.NotFound Missing(string number) =>
        new("invoice-not-found", $"There is no invoice '{Operation.Brief(number)}'. Reconciliation lists the invoices of each month.");

    private static bool TryReason(
        string? reason,
        out string words,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Problem? problem
    )
    {
        words = reason?.Trim() ?? "";
        problem =
            words.Length is 0 or > LongestReason || words.Any(char.IsControl)
                ? new Problem.Invalid(
                    "credit-note-reason-length",
                    $"Give a reason of 1 to {LongestReason} characters on one line. The customer reads it.",
                    "reason"
                )
                : null;
        return problem is null;
    }
}
