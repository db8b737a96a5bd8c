using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Hosting.Workers;

/// <summary>Merges and cuts what the usage ledger need not keep as it is, a little at a time.</summary>
public sealed class MeteringRetentionWorker(CutUsage cut, ILeases leases, TimeProvider clock, ILogger<MeteringRetentionWorker> logger)
    : LeasedWorker("metering-retention", leases, clock, logger)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly TimeProvider _clock = clock;

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true) await Task.Delay(await cut.RunAsync(lease, cancellationToken) == 0 ? LooksEvery : Pause, _clock, cancellationToken);
    }
}
