using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>A budget beside the running month.</summary>
/// <param name="Percent">Of the amount, whole, rounded down; 0 while price list and budget are of two currencies.</param>
/// <param name="Publishing">What the hard cap has come to.</param>
public sealed record BudgetView(Budget Budget, Month Month, Money Spent, int Percent, bool IsHeadingOver, Publishing Publishing);

/// <summary>The organization's budget, or null.</summary>
public sealed class GetBudget(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    /// <param name="known">The running month's bill, where it is at hand; else it is made.</param>
    public async Task<Outcome<BudgetView?>> RunAsync(
        Actor actor,
        string organization,
        CurrentBill? known,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewBilling, "budget.view", organization),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (
            await database.ReadAsync(session => session.Budgets.FindAsync(access.Organization.Id, cancellationToken), cancellationToken)
            is not { } budget
        )
            return Outcome.Of<BudgetView?>(null);
        var bill = known ?? await new MonthBill(database, ledger, clock).OfAsync(access.Organization, null, cancellationToken);
        return Outcome.Of<BudgetView?>(
            new(
                budget,
                bill.Month,
                bill.Total,
                budget.PercentOf(bill.Total),
                budget.IsHeadingOver(bill.Month, bill.Total, bill.Forecast, clock.Now()),
                access.Organization.Capped
            )
        );
    }
}

/// <summary>Sets the organization's budget. What a hard cap comes to by it holds at once.</summary>
public sealed class SetBudget(AccessGuard guard, IPortalDatabase database, IUsageLedger ledger, TimeProvider clock)
{
    /// <summary>In major units.</summary>
    private const long Most = 1_000_000_000;

    /// <param name="amountMinor">In minor units of the currency that the organization is charged in now.</param>
    /// <param name="alerts">Percentages; null for 50, 80 and 100.</param>
    /// <param name="slowsAt">With a hard cap: the percentage from which on publishing is slowed down, 100 for not before it is blocked.
    /// Null for none.</param>
    public async Task<Outcome<Budget>> RunAsync(
        Actor actor,
        string organization,
        long? amountMinor,
        IReadOnlyList<int>? alerts,
        bool alertsOnForecast,
        int? slowsAt,
        CancellationToken cancellationToken
    )
    {
        var percents = alerts ?? [50, 80, 100];
        var operation = new Operation(
            Permission.ManageBilling,
            "budget.set",
            organization,
            new Dictionary<string, string>
            {
                ["amount"] = $"{amountMinor}",
                ["alerts"] = Operation.Brief(string.Join(", ", percents.Take(Budget.MostAlerts + 1))),
                ["forecast"] = alertsOnForecast ? "true" : "false",
                ["hardCap"] = slowsAt is { } share ? $"slows down at {share}%" : "none",
            }
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (percents.Count > Budget.MostAlerts || percents.Any(percent => percent is < 1 or > Budget.LargestPercent))
            return new Problem.Invalid(
                "budget-alerts-range",
                $"Name up to {Budget.MostAlerts} percentages from 1 to {Budget.LargestPercent}.",
                "alerts"
            );
        if (slowsAt is < 1 or > 100)
            return new Problem.Invalid(
                "budget-slows-at-range",
                "Slow publishing down at a percentage from 1 to 100. With 100, it isn't slowed down before it's blocked.",
                "slowAtPercent"
            );
        var bill = await new MonthBill(database, ledger, clock).OfAsync(access.Organization, null, cancellationToken);
        if (Refuse(amountMinor, bill.Currency) is { } wrong)
            return wrong;
        var wish = new BudgetWish(new Money(amountMinor!.Value, bill.Currency), percents, alertsOnForecast, slowsAt);
        return await database.WriteAsync<Budget>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var budget = await session.Budgets.FindAsync(access.Organization.Id, cancellationToken);
                if (budget is null)
                    session.Budgets.Add(budget = new Budget(access.Organization.Id, wish, actor.Name, clock.Now()));
                else
                    budget.Change(wish, actor.Name, clock.Now());
                budget.Begin(bill.Month, bill.Total, bill.Forecast, clock.Now());
                await session.SettlePublishingAsync(access.Organization.Id, budget.PublishingAt(bill.Total), clock, cancellationToken);
                return budget;
            },
            cancellationToken
        );
    }

    private static Problem.Invalid? Refuse(long? minor, Currency currency)
    {
        if (minor is not > 0 || new Money(minor.Value, currency).Major > Most)
            return new Problem.Invalid(
                "budget-amount-range",
                $"Enter an amount above 0 and up to {Most.ToString("N0", CultureInfo.InvariantCulture)} {currency.Code.ToUpperInvariant()}.",
                "amount"
            );
        return minor.Value % currency.Step == 0
            ? null
            : new Problem.Invalid(
                "budget-amount-step",
                $"Amounts in {currency.Code.ToUpperInvariant()} are charged in multiples of {MoneyFormat.Text(new Money(currency.Step, currency))}. Round the budget to one.",
                "amount"
            );
    }
}

/// <summary>Removes the organization's budget, and with it what its hard cap did. Without one nothing changes.</summary>
public sealed class RemoveBudget(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageBilling, "budget.remove", organization);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Budgets.FindAsync(access.Organization.Id, cancellationToken) is { } budget)
                    session.Budgets.Remove(budget);
                await session.SettlePublishingAsync(access.Organization.Id, Publishing.Open, clock, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
