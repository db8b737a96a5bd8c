using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Hosting.Workers;

/// <summary>Carries on the close that runs, starts the ones that are due and compares open invoices with Stripe.</summary>
public sealed class MonthCloseWorker(
    RunMonthClose close, StartDueCloses due, ReconcileInvoices reconcile, ILeases leases, TimeProvider clock, ILogger<MonthCloseWorker> logger)
    : LeasedWorker("billing", leases, clock, logger)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartsEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReconcilesEvery = TimeSpan.FromMinutes(10);
    private readonly TimeProvider _clock = clock;

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        var (lastStart, lastReconcile) = (0L, 0L);
        while (true)
        {
            await close.RunAsync(lease, cancellationToken);
            if (IsTime(ref lastStart, StartsEvery))
            {
                // What a stopped close left behind goes on without a job.
                await close.SettleRestAsync(lease, cancellationToken);
                await due.RunAsync(cancellationToken);
            }
            if (IsTime(ref lastReconcile, ReconcilesEvery)) await reconcile.RunAsync(lease, cancellationToken);
            await Task.Delay(LooksEvery, _clock, cancellationToken);
        }
    }

    /// <summary>The first time is at once.</summary>
    private bool IsTime(ref long last, TimeSpan every)
    {
        if (last != 0 && _clock.GetElapsedTime(last) < every) return false;
        last = _clock.GetTimestamp();
        return true;
    }
}
