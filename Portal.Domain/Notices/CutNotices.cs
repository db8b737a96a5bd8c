using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Notices;

/// <summary>The work that comes back for ever and removes old notifications.</summary>
public sealed record CutNoticesWork : IWorkPayload
{
    public static string Kind => "notices.cut";
}

/// <summary>Keeps notifications for 90 days, and the newest thousand of each organization.</summary>
public sealed class CutNotices(IPortalDatabase database, TimeProvider clock) : IWorkStep<CutNoticesWork>
{
    public const int MostOfOrganization = 1000;
    public static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    public async Task<StepResult> RunAsync(CutNoticesWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var gone = await database.UpdateAsync(
            turn.Lease,
            session => session.Notices.CutAsync(clock.Now() - Kept, MostOfOrganization, cancellationToken),
            cancellationToken
        );
        return Recurring.Again(gone == 0 ? Every : TimeSpan.Zero);
    }
}
