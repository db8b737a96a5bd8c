using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

public sealed record ReconcileDisputesWork : IWorkPayload
{
    public static string Kind => "disputes.reconcile";
}

/// <summary>
/// Asks Stripe about disputes whose event was lost. A disputed invoice is paid, so the look at open invoices passes it by.
/// The invoice is then read by work of its own.
/// </summary>
public sealed class ReconcileDisputes(IPaymentGateway gateway, BillingSettings settings, TimeProvider clock)
    : IWorkStep<ReconcileDisputesWork>
{
    /// <summary>A cardholder has up to four months, and the bank's decision takes up to three more.</summary>
    private static readonly TimeSpan DisputesLast = TimeSpan.FromDays(210);

    public async Task<StepResult> RunAsync(ReconcileDisputesWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var listed = await gateway.ListDisputedAsync(clock.Now() - DisputesLast, cancellationToken);
        if (!listed.TryGet(out var disputed, out var problem))
            return new StepResult.Later(problem);
        return new StepResult.GoOn(
            null,
            settings.ReconcileEvery,
            async (session, token) =>
            {
                foreach (var (id, dispute) in disputed)
                {
                    if (
                        await session.Invoices.FindByStripeIdAsync(id, token) is not { } invoice
                        || invoice.ProblemMessage == PaymentTrouble.Of(dispute, invoice.CurrencyCode)
                    )
                        continue;
                    var work = new LookAtInvoiceWork(invoice.Id);
                    if (await session.Work.FindOpenAsync(work.Place(invoice).Line, LookAtInvoiceWork.Kind, token) is null)
                        session.Work.Add(clock, work, work.Place(invoice));
                }
            }
        );
    }
}
