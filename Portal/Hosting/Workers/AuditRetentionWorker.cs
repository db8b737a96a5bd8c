using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Hosting.Workers;

/// <summary>Cuts audit logs off where they are older than they are to be kept.</summary>
public sealed class AuditRetentionWorker(CutAuditLogs cut, ILeases leases, TimeProvider clock, ILogger<AuditRetentionWorker> logger)
    : LeasedWorker("audit-retention", leases, clock, logger)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromHours(1);
    private readonly TimeProvider _clock = clock;

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true)
            if (await cut.RunAsync(lease, cancellationToken) == 0) await Task.Delay(LooksEvery, _clock, cancellationToken);
    }
}
