using Portal.Domain.Common;
using Portal.Domain.Provisioning;

namespace Portal.Hosting.Workers;

/// <summary>Carries out intents when a commit rings, and looks every 2 s in any case.</summary>
public sealed class OutboxWorker(CarryOutIntents carryOut, IOutboxBell bell, ILeases leases, TimeProvider clock, ILogger<OutboxWorker> logger)
    : LeasedWorker("outbox", leases, clock, logger)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(2);

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true)
            if (await carryOut.RunAsync(lease, cancellationToken) == 0) await bell.WaitAsync(LooksEvery, cancellationToken);
    }
}
