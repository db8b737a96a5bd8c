using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

public sealed record CutPaymentEventsWork : IWorkPayload
{
    public static string Kind => "payment-events.cut";
}

/// <summary>Cuts off webhook events that Stripe will not deliver again: it tries for three days, they are kept for thirty.</summary>
public sealed class CutPaymentEvents(IPortalDatabase database, TimeProvider clock) : IWorkStep<CutPaymentEventsWork>
{
    private const int AtOnce = 500;
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    public async Task<StepResult> RunAsync(CutPaymentEventsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var gone = await database.UpdateAsync(
            turn.Lease,
            session => session.PaymentEvents.CutAsync(clock.Now() - Kept, AtOnce, cancellationToken),
            cancellationToken
        );
        return Recurring.Again(gone == AtOnce ? TimeSpan.Zero : TimeSpan.FromHours(1));
    }
}
