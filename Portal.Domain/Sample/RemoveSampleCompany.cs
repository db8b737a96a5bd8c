using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>
/// The operator has the sample company removed with everything it left anywhere, also while it is being made. Removing it
/// is a job that goes on by itself; while it runs that job is returned, not a second one.
/// </summary>
public sealed class RemoveSampleCompany(AccessGuard guard, IPortalDatabase database, ITestPayments payments, TimeProvider clock)
{
    private static readonly Problem.NotFound None = new("sample-not-found", "There is no sample company to remove.");
    private static readonly Problem.Conflict Beginning = new(
        "sample-beginning",
        "The sample company is just being started. Try again in a few seconds."
    );

    public async Task<Outcome<WorkItem>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "sample.remove", SampleCompany.Slug);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.WriteAsync<WorkItem>(
            actor,
            null,
            operation,
            async session =>
            {
                var now = await SampleStanding.ReadAsync(session, payments, cancellationToken);
                if (now is { State: SampleState.Removing, Work: { } running })
                    return running;
                if (now.Organization is not { } organization)
                    return now.State == SampleState.Creating ? Beginning : None;
                // Of one line: removing begins when the making has ended.
                if (now is { State: SampleState.Creating, Work: { } making })
                    making.Want(WorkWish.Stop);
                var remove = new RemoveSampleWork(organization.Id);
                return session.Work.Add(clock, remove, remove.Place());
            },
            cancellationToken
        );
    }
}
