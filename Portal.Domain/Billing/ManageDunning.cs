using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Billing;

/// <summary>What an organization owes that is overdue, and what comes of it.</summary>
/// <param name="Invoices">Oldest first.</param>
/// <param name="Owed">By currency.</param>
/// <param name="Standing">Null when nothing is overdue.</param>
/// <param name="InForce">What the organization is limited to now.</param>
/// <param name="Case">What an operator decided; null where nothing is remembered.</param>
public sealed record OverdueView(
    Organization Organization,
    IReadOnlyList<Invoice> Invoices,
    IReadOnlyList<Money> Owed,
    DunningStanding? Standing,
    Arrears InForce,
    DunningCase? Case
)
{
    internal static OverdueView Of(DunningState state) =>
        new(state.Organization, state.Overdue, state.Owed, state.Standing, state.Organization.Arrears, state.Case);
}

/// <summary>What of the organization's invoices is overdue, and what happens when; null when nothing is.</summary>
public sealed class GetOverdue(AccessGuard guard, IPortalDatabase database, DunningSettings settings, TimeProvider clock)
{
    public async Task<Outcome<OverdueView?>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "billing.overdue", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var state = await database.ReadAsync(
            session => DunningState.LoadAsync(session, access.Organization.Id, settings, clock.Now(), cancellationToken),
            cancellationToken
        );
        return Outcome.Of(state is { Standing: not null } ? OverdueView.Of(state) : null);
    }
}

/// <summary>Organizations with something overdue, or for which dunning is off, by URL name: the operator's page.</summary>
public sealed class ListOverdue(AccessGuard guard, IPortalDatabase database, DunningSettings settings, TimeProvider clock)
{
    public const int MostRows = 100;

    public async Task<Outcome<PageOf<OverdueView>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "dunning.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var now = clock.Now();
        return await database.ReadAsync(
            async session =>
            {
                var organizations = await session.Dunning.ListAsync(
                    now,
                    page with
                    {
                        Limit = Math.Min(page.Limit, MostRows),
                    },
                    cancellationToken
                );
                var rows = new List<OverdueView>();
                foreach (var organization in organizations.Items)
                    if (await DunningState.LoadAsync(session, organization.Id, settings, now, cancellationToken) is { } state)
                        rows.Add(OverdueView.Of(state));
                return new PageOf<OverdueView>(rows, organizations.Next);
            },
            cancellationToken
        );
    }
}

/// <summary>
/// The operator gives a customer more time to pay: what is limited is lifted at once, and the days begin when the time is over.
/// </summary>
public sealed class ExtendPaymentTime(
    AccessGuard guard,
    IPortalDatabase database,
    IAccountDirectory accounts,
    DunningSettings settings,
    IPublicAddress address,
    TimeProvider clock
)
{
    /// <param name="days">From now on.</param>
    /// <param name="reason">It stands in the customer's audit log.</param>
    public async Task<Outcome<OverdueView>> RunAsync(
        Actor actor,
        string organization,
        int? days,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "dunning.extend",
            organization,
            new Dictionary<string, string>
            {
                ["days"] = days?.ToString(CultureInfo.InvariantCulture) ?? "",
                ["reason"] = Operation.Brief(reason),
            }
        );
        var entered = await DunningDecision.EnterAsync(guard, database, actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var id, out var problem))
            return problem;
        if (days is not (>= 1 and <= DunningCase.MostDays))
            return new Problem.Invalid("days-range", $"Enter a number of days from 1 to {DunningCase.MostDays}.", "days");
        if (!DunningDecision.TryReason(reason, out var words, out problem))
            return problem;
        var people = await BillReaders.OfAsync(database, accounts, id, null, cancellationToken);
        return await DunningDecision.WriteAsync(
            database,
            actor,
            id,
            operation,
            settings,
            clock,
            (session, @case, before) =>
            {
                if (before.Standing is null)
                    return new Problem.Conflict("nothing-overdue", "This organization has no overdue invoice.");
                @case.Extend(clock.Now().AddDays(days.Value), words, actor.Name, clock.Now());
                foreach (var person in people)
                    session.Mails.Add(DunningMails.Extended(person, before, @case.ExtendedUntil!.Value, address));
                return null;
            },
            cancellationToken
        );
    }
}

/// <summary>
/// The operator takes a customer out of dunning: no reminders and no limits, whatever is overdue, until it is turned on again.
/// </summary>
public sealed class TurnOffDunning(AccessGuard guard, IPortalDatabase database, DunningSettings settings, TimeProvider clock)
{
    /// <param name="reason">It stands in the customer's audit log.</param>
    public async Task<Outcome<OverdueView>> RunAsync(Actor actor, string organization, string? reason, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "dunning.turn-off",
            organization,
            new Dictionary<string, string> { ["reason"] = Operation.Brief(reason) }
        );
        var entered = await DunningDecision.EnterAsync(guard, database, actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var id, out var problem))
            return problem;
        if (!DunningDecision.TryReason(reason, out var words, out problem))
            return problem;
        return await DunningDecision.WriteAsync(
            database,
            actor,
            id,
            operation,
            settings,
            clock,
            (_, @case, _) =>
            {
                @case.TurnOff(words, actor.Name, clock.Now());
                return null;
            },
            cancellationToken
        );
    }
}

/// <summary>Turns dunning on again; the days begin now.</summary>
public sealed class TurnOnDunning(AccessGuard guard, IPortalDatabase database, DunningSettings settings, TimeProvider clock)
{
    public async Task<Outcome<OverdueView>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "dunning.turn-on", organization);
        var entered = await DunningDecision.EnterAsync(guard, database, actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var id, out var problem))
            return problem;
        return await DunningDecision.WriteAsync(
            database,
            actor,
            id,
            operation,
            settings,
            clock,
            (_, @case, _) =>
            {
                if (!@case.IsOff)
                    return new Problem.Conflict("dunning-is-on", "Dunning isn't turned off for this organization.");
                @case.TurnOn(actor.Name, clock.Now());
                return null;
            },
            cancellationToken
        );
    }
}

/// <summary>What the operator's decisions have in common: what they change is in force with them.</summary>
internal static class DunningDecision
{
    private const int LongestReason = 300;

    internal static async Task<Outcome<OrganizationId>> EnterAsync(
        AccessGuard guard,
        IPortalDatabase database,
        Actor actor,
        string organization,
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        return found is { State: not OrganizationState.Closed, IsSample: false } ? found.Id : OrganizationProblems.NoOrganization;
    }

    internal static bool TryReason(
        string? reason,
        out string words,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out Problem? problem
    )
    {
        words = reason?.Trim() ?? "";
        problem =
            words.Length is 0 or > LongestReason || words.Any(char.IsControl)
                ? new Problem.Invalid(
                    "reason-length",
                    $"Give a reason of 1 to {LongestReason} characters on one line. The customer can see it.",
                    "reason"
                )
                : null;
        return problem is null;
    }

    /// <param name="decide">Changes the case, seeing how things stood before; null, or why it cannot be.</param>
    internal static Task<Outcome<OverdueView>> WriteAsync(
        IPortalDatabase database,
        Actor actor,
        OrganizationId id,
        Operation operation,
        DunningSettings settings,
        TimeProvider clock,
        Func<IPortalSession, DunningCase, DunningState, Problem?> decide,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<OverdueView>(
            actor,
            id,
            operation,
            async session =>
            {
                if (await DunningState.LoadAsync(session, id, settings, clock.Now(), cancellationToken) is not { } before)
                    return OrganizationProblems.NoOrganization;
                var @case = before.Case ?? new DunningCase(id);
                if (decide(session, @case, before) is { } refusal)
                    return refusal;
                if (before.Case is null)
                    session.Dunning.Add(@case);
                var standing = DunningStanding.Of(settings, before.Standing?.OverdueSince, @case.ExtendedUntil, @case.IsOff, clock.Now());
                var after = before with { Case = @case, Standing = standing, LastReminder = standing?.ReminderOf(settings) };
                await session.BringAboutAsync(after, clock, cancellationToken);
                return OverdueView.Of(after);
            },
            cancellationToken
        );
}
