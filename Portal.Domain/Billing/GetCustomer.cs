using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>
/// An organization as the operator needs to know it when a customer calls: what it is on, pays, owes and has, and what of
/// it is stuck. Nothing of what its tenants hold: that takes a look inside, with a reason.
/// </summary>
/// <param name="Owed">On open invoices, by currency, due or not.</param>
/// <param name="Overdue">Null when nothing is.</param>
/// <param name="Credits">What is left of them, by currency.</param>
/// <param name="Owners">Email addresses of its owners, of longest standing first; at most <see cref="GetCustomer.MostOwners"/>.</param>
/// <param name="Topics">By tenant; a tenant without topics is absent.</param>
/// <param name="Stuck">Open work whose last step failed.</param>
public sealed record CustomerView(
    Organization Organization,
    EffectivePlan Plan,
    CurrentBill Bill,
    IReadOnlyList<Money> Owed,
    OverdueView? Overdue,
    IReadOnlyList<Money> Credits,
    IReadOnlyList<string> Owners,
    PageOf<Tenant> Tenants,
    IReadOnlyDictionary<TenantId, int> Topics,
    int TopicsInAll,
    int Keys,
    int Instances,
    PageOf<WorkItem> Stuck
);

/// <summary>One customer, for the operator.</summary>
public sealed class GetCustomer(
    AccessGuard guard,
    IPortalDatabase database,
    IUsageLedger ledger,
    IAccountDirectory accounts,
    DunningSettings settings,
    TimeProvider clock
)
{
    public const int MostOwners = 10;
    private const int MostMembers = 200;

    /// <param name="tenants">Which page of its tenants.</param>
    public async Task<Outcome<CustomerView>> RunAsync(
        Actor actor,
        string organization,
        PageRequest tenants,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "operator.organizations.get", Operation.Brief(organization)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (
            await database.ReadAsync(session => session.Organizations.FindAsync(organization, cancellationToken), cancellationToken)
            is not { } found
        )
            return OrganizationProblems.NoOrganization;
        var id = found.Id;
        var bill = await new MonthBill(database, ledger, clock).OfAsync(found, null, cancellationToken);
        var now = clock.Now();
        var (view, owners) = await database.ReadAsync(
            async session =>
            {
                var page = await session.Tenants.ListAsync(id, Scope.Whole, tenants, cancellationToken);
                var open = await session.Invoices.OpenOfAsync(id, cancellationToken);
                var dunning = await DunningState.LoadAsync(session, id, settings, now, cancellationToken);
                var credits = await session.Credits.OpenAsync(id, cancellationToken);
                var members = await session.Organizations.ListMembersAsync(id, new PageRequest(MostMembers), cancellationToken);
                return (
                    new CustomerView(
                        found,
                        await session.PlanOfAsync(found, cancellationToken),
                        bill,
                        Sum(
                            open.Where(invoice => invoice.OwedMinor > 0)
                                .Select(invoice => new Money(invoice.OwedMinor, CurrencyOf(invoice)))
                        ),
                        dunning is { Standing: not null } ? OverdueView.Of(dunning) : null,
                        Sum(credits.Where(credit => !credit.IsOver(now)).Select(credit => credit.Left)),
                        [],
                        page,
                        await session.Topics.CountByTenantAsync(
                            id,
                            Scope.Whole,
                            [.. page.Items.Select(tenant => tenant.Id)],
                            cancellationToken
                        ),
                        await session.Topics.CountOfOrganizationAsync(id, Scope.Whole, cancellationToken),
                        await session.Keys.CountAsync(id, Scope.Whole, cancellationToken),
                        await session.Connectors.CountInstancesAsync(id, cancellationToken),
                        await session.Work.ListAsync(new WorkFilter(Owner: id, Troubled: true), new PageRequest(20), cancellationToken)
                    ),
                    members.Items.Where(member => member.Role == Role.Owner).Select(member => member.AccountId).Take(MostOwners).ToList()
                );
            },
            cancellationToken
        );
        var people = await accounts.FindManyAsync(owners, cancellationToken);
        return view with { Owners = [.. owners.Select(owner => people.GetValueOrDefault(owner)?.Email).OfType<string>()] };
    }

    private static IReadOnlyList<Money> Sum(IEnumerable<Money> amounts) =>
        [
            .. amounts
                .GroupBy(amount => amount.Currency)
                .Select(group => group.Aggregate(Money.Zero(group.Key), (sum, amount) => sum + amount)),
        ];

    private static Currency CurrencyOf(Invoice invoice) =>
        Currency.TryParse(invoice.CurrencyCode, out var currency) ? currency : Currency.Usd;
}
