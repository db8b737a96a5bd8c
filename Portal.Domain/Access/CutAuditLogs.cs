using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <param name="Keep">How long rows are kept; null for ever.</param>
public sealed record AuditRetention(TimeSpan? Keep);

/// <summary>A worker's step: cuts rows off that are older than they are to be kept. 0 when there is nothing to cut.</summary>
public sealed class CutAuditLogs(IAuditTrail audit, AuditRetention retention, TimeProvider clock)
{
    public Task<int> RunAsync(Lease lease, CancellationToken cancellationToken) =>
        retention.Keep is { } keep ? audit.CutAsync(lease, clock.Now() - keep, cancellationToken) : Task.FromResult(0);
}
