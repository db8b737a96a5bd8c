using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>The work that comes back for ever and compares what months cost with budgets.</summary>
public sealed record CheckBudgetsWork : IWorkPayload
{
    public static string Kind => "budgets.check";
}

/// <summary>
/// Compares the running month with the budget of each organization that has one, some at a step, and writes to those who
/// look after its bills when it reaches a share that they chose. The emails commit with the note that they were written.
/// </summary>
public sealed class CheckBudgets(IPortalDatabase database, IUsageLedger ledger, IAccountDirectory accounts, IPublicAddress address, TimeProvider clock) : IWorkStep<CheckBudgetsWork>
{
    private const int AtOnce = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly Actor Worker = Actor.Worker("budgets");

    public async Task<StepResult> RunAsync(CheckBudgetsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        OrganizationId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new OrganizationId(last) : null;
        var some = await database.ReadAsync(session => session.Budgets.OrganizationsAsync(after, AtOnce, cancellationToken), cancellationToken);
        if (some.Count == 0) return Recurring.Again(Every);
        var failures = new List<Exception>();
        foreach (var organization in some)
        {
            try
            {
                await CheckAsync(organization, cancellationToken);
            }
            // One organization's odd row keeps no other's alert back.
            catch (Exception failure) when (OddRow.IsCauseOf(failure))
            {
                failures.Add(failure);
            }
        }
        // The first time the engine says what it was; then those behind them are compared, or one odd row would keep them back for ever.
        return failures.Count > 0 && turn.Failures == 0
            ? throw new AggregateException($"{failures.Count} of {some.Count} budgets could not be compared.", failures)
            : new StepResult.GoOn($"{some[^1]}");
    }

    private async Task CheckAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        var (organization, budget) = await database.ReadAsync(async session => (
            await session.Organizations.FindAsync(id, cancellationToken), await session.Budgets.FindAsync(id, cancellationToken)), cancellationToken);
        if (organization is not { State: not OrganizationState.Closed } || budget is null) return;
        var bill = await new MonthBill(database, ledger, clock).OfAsync(organization, null, cancellationToken);
        // On a copy that nobody keeps: most checks have nothing to say, and write nothing.
        if (budget.Tell(bill.Month, bill.Total, bill.Forecast, clock.Now()) is null) return;
        var people = await PeopleAsync(id, cancellationToken);
        await database.WriteAsync<Done>(Worker, id, new Operation(Permission.ManageBilling, "budget.alert", organization.Slug, new Dictionary<string, string>
        {
            ["spent"] = MoneyFormat.Text(bill.Total), ["budget"] = MoneyFormat.Text(budget.Amount),
        }), async session =>
        {
            if (await session.Budgets.FindAsync(id, cancellationToken) is not { } now || now.Tell(bill.Month, bill.Total, bill.Forecast, clock.Now()) is not { } alert) return Outcome.Done;
            foreach (var person in people) session.Mails.Add(BudgetMails.Of(person, organization, bill, alert, address));
            return Outcome.Done;
        }, cancellationToken);
    }

    /// <summary>Addresses of those who may see its bills, confirmed ones only.</summary>
    private async Task<IReadOnlyList<string>> PeopleAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        var ids = new List<AccountId>();
        await database.ReadAsync(async session =>
        {
            await foreach (var member in PageWalk.AllAsync(page => session.Organizations.ListMembersAsync(organization, page, cancellationToken), cancellationToken))
                if (member.Role.Allows(Permission.ViewBilling)) ids.Add(member.AccountId);
            return true;
        }, cancellationToken);
        return [.. (await accounts.FindManyAsync(ids, cancellationToken)).Values.Where(account => account.EmailVerified).Select(account => account.Email).Order(StringComparer.Ordinal)];
    }
}

/// <summary>What the portal writes about budgets.</summary>
internal static class BudgetMails
{
    internal static Mail Of(string to, Organization organization, CurrentBill bill, BudgetAlert alert, IPublicAddress address)
    {
        var month = bill.Month.Name;
        var metered = bill.CompleteTo is { } until ? $", metered to {until.UtcDateTime:MMMM d, HH:mm} UTC" : "";
        var spent = $"{organization.Name} has spent {MoneyFormat.Text(alert.Spent)} of its {MoneyFormat.Text(alert.Amount)} budget for {month}{metered}.";
        var goesOn = "A budget doesn't stop anything: your topics keep working, and usage is billed as usual.";
        var (subject, body) = alert switch
        {
            { Percent: null, Forecast: { } forecast } => (
                "You're on track to exceed your monthly budget",
                $"{spent} At its recent pace, {month} will come to {Range(forecast)}. {goesOn}"),
            { Percent: >= 100 } => ("You've reached your monthly budget", $"{spent} {goesOn}"),
            _ => ($"You've used {alert.Percent}% of your monthly budget", spent),
        };
        return new(to, subject, body, new Uri(address.Url, $"/o/{organization.Slug}/billing"), "Open billing");
    }

    private static string Range(Forecast forecast) =>
        forecast.Low == forecast.High ? $"about {MoneyFormat.Text(forecast.Low)}" : $"{MoneyFormat.Text(forecast.Low)} to {MoneyFormat.Text(forecast.High)}";
}
