using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

public sealed record IssueCreditNoteWork(CreditNoteId CreditNote) : IWorkPayload
{
    public static string Kind => "credit-note.issue";

    /// <summary>The invoice's line: never beside its settling, a payment, another credit note, or a look at it.</summary>
    public static WorkPlace Place(CreditNote note) =>
        new(
            Lanes.Stripe,
            $"invoice:{note.InvoiceId}",
            note.OrganizationId,
            $"credit note over invoice {note.InvoiceNumber}",
            WorkPriority.Waiting
        );
}

/// <summary>
/// Issues a credit note at Stripe, once. What comes of it is one transaction: what the invoice is reduced by, the credit that
/// the customer keeps, the email. What Stripe refuses leaves the invoice as it was, and the credit note says why.
/// </summary>
public sealed class IssueCreditNote(
    IPortalDatabase database,
    IPaymentGateway gateway,
    IAccountDirectory accounts,
    IPublicAddress address,
    IKillPoints killPoints,
    TimeProvider clock
) : IWorkStep<IssueCreditNoteWork>
{
    public async Task<StepResult> RunAsync(IssueCreditNoteWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (note, invoice) = await database.ReadAsync(
            async session =>
            {
                var wanted = await session.CreditNotes.FindAsync(payload.CreditNote, cancellationToken);
                return (wanted, wanted is null ? null : await session.Invoices.FindAsync(wanted.InvoiceId, cancellationToken));
            },
            cancellationToken
        );
        if (note is not { State: CreditNoteState.Pending } || invoice?.StripeInvoiceId is not { } id)
            return StepResult.Finished;
        killPoints.Reached(KillPoint.CreditNoteBeforeStripe);
        var made = await gateway.EnsureCreditNoteAsync(CreditNoteRequest.Of(note, id), cancellationToken);
        if (!made.TryGet(out var issued, out var problem))
            return StepResult.Of(problem);
        killPoints.Reached(KillPoint.CreditNoteAfterStripe);
        // It is issued: whatever is wrong with reading now, giving up would be wrong.
        if (!(await gateway.ReadInvoiceAsync(id, cancellationToken)).TryGet(out var now, out problem))
            return new StepResult.Later(problem);
        var people = await BillReaders.OfAsync(database, accounts, note.OrganizationId, NoticeKind.Invoice, cancellationToken);
        return new StepResult.Done(
            async (session, token) =>
            {
                var (current, of) = (
                    (await session.CreditNotes.FindAsync(payload.CreditNote, token))!,
                    (await session.Invoices.FindAsync(note.InvoiceId, token))!
                );
                if (current.State != CreditNoteState.Pending)
                    return;
                current.Issued(issued);
                if (current is { Way: CreditNoteWay.Credit, OutsideMinor: > 0 })
                    Grant(session, current);
                await session.TakeOverAsync(of, now.Corrections, clock, token);
                of.Observe(
                    now.Status,
                    now.PaidMinor,
                    PaymentTrouble.Of(now) ?? (now.Status == InvoiceStatus.Open ? of.ProblemMessage : null),
                    clock.Now()
                );
                session.WakeDunning(of, clock);
                await session.TellCreditNoteAsync(clock, current, people, address, token);
            }
        );
    }

    public async Task RefusedAsync(
        IPortalSession session,
        IssueCreditNoteWork payload,
        Problem problem,
        CancellationToken cancellationToken
    )
    {
        if (await session.CreditNotes.FindAsync(payload.CreditNote, cancellationToken) is { State: CreditNoteState.Pending } note)
            note.Refused(problem.Message);
    }

    /// <summary>The customer paid it once: it does not end.</summary>
    private void Grant(IPortalSession session, CreditNote note)
    {
        var amount = note.Amount with { Minor = note.OutsideMinor };
        var (credit, entry) = Credit.Grant(
            note.OrganizationId,
            amount,
            CreditKind.Bought,
            $"Credit note {note.Number}: {note.Reason}",
            null,
            note.By,
            clock
        );
        session.Credits.Add(credit);
        session.Credits.Add(entry);
    }
}
