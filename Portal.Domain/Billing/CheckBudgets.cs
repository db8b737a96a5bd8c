using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;
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
public sealed class CheckBudgets(
    IPortalDatabase database,
    IUsageLedger ledger,
    IAccountDirectory accounts,
    IPublicAddress address,
    TimeProvider clock
) : IWorkStep<CheckBudgetsWork>
{
    private const int AtOnce = 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly Actor Worker = Actor.Worker("budgets");

    public async Task<StepResult> RunAsync(CheckBudgetsWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        OrganizationId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new OrganizationId(last) : null;
        var some = await database.ReadAsync(
            session => session.Budgets.OrganizationsAsync(after, AtOnce, cancellationToken),
            cancellationToken
        );
        if (some.Count == 0)
            return Recurring.Again(Every);
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
        var (organization, budget) = await database.ReadAsync(
            async session =>
                (await session.Organizations.FindAsync(id, cancellationToken), await session.Budgets.FindAsync(id, cancellationToken)),
            cancellationToken
        );
        if (organization is not { State: not OrganizationState.Closed } || budget is null)
            return;
        var bill = await new MonthBill(database, ledger, clock).OfAsync(organization, null, cancellationToken);
        // On a copy that nobody keeps: most checks have nothing to say, and write nothing.
        var tells = budget.Tell(bill.Month, bill.Total, bill.Forecast, clock.Now()) is not null;
        var caps = organization.Capped != budget.PublishingAt(bill.Total);
        if (!tells && !caps)
            return;
        if (caps)
            await CapAsync(
                organization,
                bill,
                await BillReaders.OfAsync(database, accounts, id, null, cancellationToken),
                cancellationToken
            );
        if (!tells)
            return;
        var people = await BillReaders.OfAsync(database, accounts, id, NoticeKind.Budget, cancellationToken);
        await database.WriteAsync<Done>(
            Worker,
            id,
            new Operation(
                Permission.ManageBilling,
                "budget.alert",
                organization.Slug,
                new Dictionary<string, string> { ["spent"] = MoneyFormat.Text(bill.Total), ["budget"] = MoneyFormat.Text(budget.Amount) }
            ),
            async session =>
            {
                if (
                    await session.Budgets.FindAsync(id, cancellationToken) is not { } now
                    || now.Tell(bill.Month, bill.Total, bill.Forecast, clock.Now()) is not { } alert
                )
                    return Outcome.Done;
                foreach (var person in people)
                    session.Mails.Add(BudgetMails.Of(person, organization, bill, now, alert, address));
                Tell(
                    session,
                    organization,
                    bill,
                    now,
                    alert.Percent is { } percent
                        ? $"{percent}% of your monthly budget is used"
                        : $"{bill.Month.Name} is on track to exceed your budget"
                );
                return Outcome.Done;
            },
            cancellationToken
        );
    }

    /// <summary>The hard cap does what the month has come to; a new month undoes it.</summary>
    private async Task CapAsync(
        Organization organization,
        CurrentBill bill,
        IReadOnlyList<MailRecipient> people,
        CancellationToken cancellationToken
    )
    {
        var (id, level) = (
            organization.Id,
            (
                await database.ReadAsync(session => session.Budgets.FindAsync(organization.Id, cancellationToken), cancellationToken)
            )?.PublishingAt(bill.Total)
        );
        if (level is not { } publishing)
            return;
        await database.WriteAsync<Done>(
            Worker,
            id,
            new Operation(
                Permission.ManageBilling,
                "budget.cap",
                organization.Slug,
                new Dictionary<string, string>
                {
                    ["publishing"] = publishing.ToString().ToLowerInvariant(),
                    ["spent"] = MoneyFormat.Text(bill.Total),
                }
            ),
            async session =>
            {
                if (await session.Budgets.FindAsync(id, cancellationToken) is not { } now)
                    return Outcome.Done;
                if (await session.SettlePublishingAsync(id, now.PublishingAt(bill.Total), clock, cancellationToken) is null)
                    return Outcome.Done;
                // It says what has been spent: an alert of the same minute would say it twice.
                if (publishing != Publishing.Open)
                    now.Tell(bill.Month, bill.Total, bill.Forecast, clock.Now());
                foreach (var person in people)
                    session.Mails.Add(BudgetMails.Of(person, organization, bill, now, now.PublishingAt(bill.Total), address));
                Tell(
                    session,
                    organization,
                    bill,
                    now,
                    now.PublishingAt(bill.Total) switch
                    {
                        Publishing.Blocked => "Publishing is blocked by your budget's hard cap",
                        Publishing.Slowed => "Publishing is slowed down by your budget's hard cap",
                        _ => "Publishing is back to normal",
                    }
                );
                return Outcome.Done;
            },
            cancellationToken
        );
    }

    private void Tell(IPortalSession session, Organization organization, CurrentBill bill, Budget budget, string title) =>
        session.Tell(
            clock,
            NoticeKind.Budget,
            NoticeAudience.Of(organization.Id, Permission.ViewBilling),
            title,
            $"{MoneyFormat.Text(bill.Total)} of {MoneyFormat.Text(budget.Amount)} so far in {bill.Month.Name}.",
            $"o/{organization.Slug}/billing"
        );
}
