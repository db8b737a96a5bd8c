using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>Settings of the sample company.</summary>
/// <param name="OnFirstRun">It is made with the operator's account, without asking.</param>
public sealed record SampleSettings(bool OnFirstRun);

/// <summary>
/// The operator asks for the sample company. Making it is a job that goes on by itself; while it runs that job is returned,
/// not a second one. Who asked is an owner of it in the end.
/// </summary>
public sealed class CreateSampleCompany(
    AccessGuard guard,
    IPortalDatabase database,
    ITestPayments payments,
    SampleSettings settings,
    TimeProvider clock
)
{
    private static readonly Problem.Conflict Exists = new(
        "sample-exists",
        "There is a sample company already. Remove it before you create another one."
    );
    private static readonly Problem.Conflict Removing = new(
        "sample-removing",
        "The sample company is still being removed. Create a new one when that is done."
    );

    /// <summary>Why none can be made here, for pages that offer it before there is an account; null when one can.</summary>
    public Problem? NotOffered => payments.IsLive ? SampleStanding.Live : null;

    /// <inheritdoc cref="SampleSettings"/>
    public bool OnFirstRun => settings.OnFirstRun && NotOffered is null;

    public async Task<Outcome<WorkItem>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "sample.create", SampleCompany.Slug);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (NotOffered is { } live)
            return live;
        return await database.WriteAsync<WorkItem>(
            actor,
            null,
            operation,
            async session =>
            {
                var now = await SampleStanding.ReadAsync(session, payments, cancellationToken);
                if (now is { State: SampleState.Creating, Work: { } running })
                    return running;
                if (now.State == SampleState.Removing)
                    return Removing;
                if (now.State != SampleState.None)
                    return Exists;
                if (await SampleSetup.FindTakenAsync(session, cancellationToken) is { } taken)
                    return taken;
                var make = new MakeSampleWork(actor.AccountId, actor.Name, clock.Now());
                return session.Work.Add(clock, make, make.Place());
            },
            cancellationToken
        );
    }
}
