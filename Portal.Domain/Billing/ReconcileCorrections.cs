using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

public sealed record ReconcileCorrectionsWork : IWorkPayload
{
    public static string Kind => "corrections.reconcile";
}

/// <summary>
/// Asks Stripe about credit notes and refunds whose event was lost: they are of paid invoices, which the look at open
/// invoices passes by. Each invoice concerned is then read by work of its own.
/// </summary>
public sealed class ReconcileCorrections(IPortalDatabase database, IPaymentGateway gateway, BillingSettings settings, TimeProvider clock)
    : IWorkStep<ReconcileCorrectionsWork>
{
    /// <summary>How long a refund can take to fail.</summary>
    private static readonly TimeSpan RefundsLast = TimeSpan.FromDays(30);

    /// <summary>A refund that is none of our invoices' is asked about in its first day only.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromDays(1);

    public async Task<StepResult> RunAsync(ReconcileCorrectionsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var listed = await gateway.ListCorrectionsAsync(now - RefundsLast, cancellationToken);
        if (!listed.TryGet(out var seen, out var problem))
            return new StepResult.Later(problem);
        var looked = DateTimeOffset.TryParse(turn.Checkpoint, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var last)
            ? last - Overlap
            : now - RefundsLast;
        var concerned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var one in seen)
        {
            if (await IsNewsAsync(one, looked, cancellationToken) is false)
                continue;
            var invoice = one.StripeInvoiceId;
            if (
                invoice is null
                && !(await gateway.FindInvoiceAsync("refund.updated", one.Id, cancellationToken)).TryGet(out invoice, out problem)
            )
                return new StepResult.Later(problem);
            if (invoice is not null)
                concerned.Add(invoice);
        }
        return new StepResult.GoOn(
            now.ToString("O", CultureInfo.InvariantCulture),
            settings.ReconcileEvery,
            async (session, token) =>
            {
                foreach (var id in concerned)
                {
                    if (await session.Invoices.FindByStripeIdAsync(id, token) is not { } invoice)
                        continue;
                    var work = new LookAtInvoiceWork(invoice.Id);
                    if (await session.Work.FindOpenAsync(work.Place(invoice).Line, LookAtInvoiceWork.Kind, token) is null)
                        session.Work.Add(clock, work, work.Place(invoice));
                }
            }
        );
    }

    private Task<bool> IsNewsAsync(SeenCorrection one, DateTimeOffset looked, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
            {
                if (one.Refund is null)
                    return await session.CreditNotes.FindByStripeIdAsync(one.Id, cancellationToken) is not { } note
                        || note.State == CreditNoteState.Void != one.IsVoid;
                return await session.CreditNotes.FindRefundAsync(one.Id, cancellationToken) is { } refund
                    ? refund.State != one.Refund.State
                    : one.CreatedAt >= looked;
            },
            cancellationToken
        );
}
