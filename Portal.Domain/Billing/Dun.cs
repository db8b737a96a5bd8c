using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>Something may have to be done about an organization's overdue invoices, or be undone.</summary>
public sealed record DunWork(OrganizationId Organization) : IWorkPayload
{
    public static string Kind => "dunning.look";

    public static string LineOf(OrganizationId organization) => $"dunning:{organization}";

    public static WorkPlace Place(OrganizationId organization) =>
        new(Lanes.Billing, LineOf(organization), organization, "overdue invoices", WorkPriority.Waiting);
}

/// <summary>
/// Does what is due about one organization's overdue invoices: an email, a limit, or the end of one. What is done, its
/// emails, and the note of both are one transaction, so that each happens once, whoever asks and however often.
/// </summary>
public sealed class Dun(
    IPortalDatabase database,
    IAccountDirectory accounts,
    DunningSettings settings,
    IPublicAddress address,
    IKillPoints killPoints,
    TimeProvider clock
) : IWorkStep<DunWork>
{
    private static readonly Actor Worker = Actor.Worker("dunning");
    private static readonly Problem.Conflict Moved = new("dunning-moved", "What is overdue has changed in the meantime.");

    public async Task<StepResult> RunAsync(DunWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var id = payload.Organization;
        var seen = await database.ReadAsync(
            session => DunningState.LoadAsync(session, id, settings, clock.Now(), cancellationToken),
            cancellationToken
        );
        if (seen?.Act is not { } act)
            return StepResult.Finished;
        var people = await BillReaders.OfAsync(database, accounts, id, null, cancellationToken);
        var operation = new Operation(Permission.ManageBilling, act, seen.Organization.Slug, seen.Details);
        var done = await database.WriteAsync<Done>(
            Worker,
            id,
            operation,
            async session =>
            {
                var state = await DunningState.LoadAsync(session, id, settings, clock.Now(), cancellationToken);
                if (state is null || state.Act != act)
                    return Moved;
                foreach (var mail in MailsOf(state, people))
                    session.Mails.Add(mail);
                if (TitleOf(state) is { } title)
                    session.Tell(
                        clock,
                        NoticeKind.Invoice,
                        NoticeAudience.Of(id, Permission.ViewBilling),
                        title,
                        ArrearsWords.InForce(state.Target),
                        $"o/{state.Organization.Slug}/billing"
                    );
                Note(session, state);
                await session.BringAboutAsync(state, clock, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
        if (done.IsOk)
            killPoints.Reached(KillPoint.DunningAfterCommit);
        // The next step sees what this one came to, and ends the work.
        return done.IsOk || done.Problem.Code == Moved.Code ? new StepResult.GoOn(null) : StepResult.Of(done.Problem);
    }

    private static void Note(IPortalSession session, DunningState state)
    {
        if (state.Standing is null)
        {
            if (state.Case is { IsOff: false } paid)
                session.Dunning.Remove(paid);
            return;
        }
        if (!state.RemindsNow)
            return;
        var @case = state.Case;
        if (@case is null)
            session.Dunning.Add(@case = new DunningCase(state.Organization.Id));
        @case.Reminded(state.LastReminder!.Value);
    }

    /// <summary>What a notification says of the same; null where there is no news.</summary>
    private static string? TitleOf(DunningState state) =>
        state switch
        {
            { Standing: null } => state.Organization.Arrears > Arrears.None ? "Your overdue invoices are paid" : null,
            { Target: >= Arrears.Restricted } when state.Target > state.Organization.Arrears => state.Target switch
            {
                Arrears.Restricted => $"Some changes are paused: invoice {state.Overdue[0].Number} is overdue",
                Arrears.PublishingBlocked => $"Publishing is blocked: invoice {state.Overdue[0].Number} is overdue",
                _ => $"This organization is suspended: invoice {state.Overdue[0].Number} is overdue",
            },
            { RemindsNow: true } => state.Overdue[0] is { PayBy: PayBy.Card, ProblemMessage: not null }
                ? $"Payment failed for invoice {state.Overdue[0].Number}"
                : $"Invoice {state.Overdue[0].Number} is overdue",
            _ => null,
        };

    /// <summary>One to each: a step's own says what a reminder of the same day would.</summary>
    private IEnumerable<Mail> MailsOf(DunningState state, IReadOnlyList<MailRecipient> people)
    {
        var before = state.Organization.Arrears;
        if (state.Standing is null)
            return before > Arrears.None ? people.Select(person => DunningMails.Paid(person, state.Organization, address)) : [];
        var isStep = state.Target >= Arrears.Restricted && state.Target > before;
        return isStep || state.RemindsNow ? people.Select(person => DunningMails.Of(person, state, isStep, address)) : [];
    }
}

/// <summary>The work that comes back for ever and looks for organizations with something overdue.</summary>
public sealed record CheckDunningWork : IWorkPayload
{
    public static string Kind => "dunning.check";
}

/// <summary>
/// Once a minute finds the organizations about whose overdue invoices something has to be done, and writes work for each,
/// in a line of its own: one organization's trouble holds up no other's.
/// </summary>
public sealed class CheckDunning(IPortalDatabase database, DunningSettings settings, TimeProvider clock) : IWorkStep<CheckDunningWork>
{
    private const int AtOnce = 50;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    public async Task<StepResult> RunAsync(CheckDunningWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        OrganizationId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new OrganizationId(last) : null;
        var some = await database.ReadAsync(
            session => session.Dunning.ConcernedAsync(clock.Now(), after, AtOnce, cancellationToken),
            cancellationToken
        );
        var due = new List<OrganizationId>();
        foreach (var id in some)
            if (await IsDueAsync(id, cancellationToken))
                due.Add(id);
        Settle write = async (session, token) =>
        {
            foreach (var id in due)
                if (await session.Work.FindOpenAsync(DunWork.LineOf(id), DunWork.Kind, token) is null)
                    session.Work.Add(clock, new DunWork(id), DunWork.Place(id));
        };
        return some.Count == AtOnce ? new StepResult.GoOn($"{some[^1]}", Settle: write) : new StepResult.GoOn(null, Every, write);
    }

    private async Task<bool> IsDueAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        try
        {
            return await database.ReadAsync(
                session => DunningState.LoadAsync(session, id, settings, clock.Now(), cancellationToken),
                cancellationToken
            )
                is { Act: not null };
        }
        // Its own work meets the same and says so, where a person sees it.
        catch (Exception failure) when (OddRow.IsCauseOf(failure))
        {
            return true;
        }
    }
}
