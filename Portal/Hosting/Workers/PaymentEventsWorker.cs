using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Hosting.Workers;

/// <summary>Works through Stripe's webhooks as they come.</summary>
public sealed class PaymentEventsWorker(HandlePaymentEvents handle, ILeases leases, TimeProvider clock, ILogger<PaymentEventsWorker> logger)
    : LeasedWorker("payment-events", leases, clock, logger)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);
    private readonly TimeProvider _clock = clock;

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true)
            if (await handle.RunAsync(lease, cancellationToken) == 0) await Task.Delay(LooksEvery, _clock, cancellationToken);
    }
}
