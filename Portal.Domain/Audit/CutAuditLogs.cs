using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Audit;

/// <param name="Keep">How long rows are kept; null for ever.</param>
public sealed record AuditRetention(TimeSpan? Keep);

public sealed record CutAuditLogsWork : IWorkPayload
{
    public static string Kind => "audit.cut";
}

/// <summary>Cuts off rows of audit logs that are older than they are to be kept.</summary>
public sealed class CutAuditLogs(IAuditTrail audit, AuditRetention retention, TimeProvider clock) : IWorkStep<CutAuditLogsWork>
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromHours(1);

    public async Task<StepResult> RunAsync(CutAuditLogsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var gone =
            retention.Keep is { } keep && turn.Lease is { } lease ? await audit.CutAsync(lease, clock.Now() - keep, cancellationToken) : 0;
        return Recurring.Again(gone == 0 ? LooksEvery : TimeSpan.Zero);
    }
}
