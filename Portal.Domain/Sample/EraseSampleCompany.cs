using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>
/// Removes the sample company: its tenants from the cluster, by the steps that delete a customer's; then what else is at
/// work for it; its usage; its rows; its customer at the payment gateway. What a poll or a step that was under way writes
/// meanwhile is swept up in the end. Every stage may be taken again.
/// </summary>
public sealed class EraseSampleCompany(
    IPortalDatabase database,
    ISampleRows rows,
    ITestPayments payments,
    IKillPoints killPoints,
    TimeProvider clock
) : IWorkStep<RemoveSampleWork>
{
    private const string AtTenants = "tenants";
    private const string AtWork = "work";
    private const string AtUsage = "usage";
    private const string AtLateUsage = "late-usage";
    private const string AtRows = "rows";
    private const string AtCustomer = "customer";
    private const string AtLeftovers = "leftovers";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(5);

    /// <summary>What was under way when it was looked at last has ended by then.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(3);

    public async Task<StepResult> RunAsync(RemoveSampleWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var id = payload.Organization;
        var (stage, customer) = turn.Checkpoint?.Split(':') is [var word, { Length: > 0 } known]
            ? (word, known)
            : (turn.Checkpoint?.TrimEnd(':'), null);
        switch (stage)
        {
            case null:
                // To its members it is gone from here on, so nothing is made in it while it goes.
                return new StepResult.GoOn(
                    AtTenants,
                    Settle: async (session, token) => (await session.Organizations.FindAsync(id, token))?.Close(),
                    Progress: SamplePlace.Percent(5, "Deleting tenants and topics")
                );
            case AtTenants:
                return await TenantsAsync(id, cancellationToken);
            case AtWork:
                return await WorkAsync(id, cancellationToken);
            case AtUsage or AtLateUsage:
                return await UsageAsync(id, stage, turn, cancellationToken);
            case AtRows:
                await rows.EraseAsync(id, customer, await PeopleAsync(id, cancellationToken), turn.Lease, cancellationToken);
                killPoints.Reached(KillPoint.SampleAfterErase);
                return GoOn($"{AtCustomer}:{customer}", 85, "Deleting the customer at Stripe");
            case AtCustomer:
                if (customer is not null && (await payments.DeleteCustomerAsync(customer, cancellationToken)).Problem is { } problem)
                    return StepResult.Of(problem);
                killPoints.Reached(KillPoint.SampleAfterCustomer);
                return GoOn($"{AtLeftovers}:{customer}", 90, "Looking for leftovers", UnderWay);
            case AtLeftovers:
                var found =
                    await rows.EraseAsync(id, customer, [], turn.Lease, cancellationToken)
                    + await rows.EraseUsageAsync(id, turn.Lease, cancellationToken);
                return found > 0
                    ? GoOn($"{AtLeftovers}:{customer}", 95, "Looking for leftovers", UnderWay)
                    : new StepResult.Done(Progress: SamplePlace.Percent(100, null));
            default:
                throw new InvalidOperationException($"There is no stage {turn.Checkpoint}.");
        }
    }

    private async Task<StepResult> TenantsAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        var left = (
            await database.ReadAsync(
                session => session.Tenants.ListAsync(id, Scope.Whole, new PageRequest(100), cancellationToken),
                cancellationToken
            )
        ).Items;
        if (left.Count == 0)
            return GoOn(AtWork, 30, "Ending what is under way");
        // Not reached, or refused and back where it was: tried again, and said why.
        var held = left.FirstOrDefault(tenant => tenant.ProblemMessage is not null);
        return new StepResult.GoOn(
            AtTenants,
            held is null ? Look : AfterTrouble,
            async (session, token) =>
            {
                foreach (var one in left)
                {
                    if (
                        await session.Tenants.FindAsync(one.Id, token)
                        is not { State: not (ResourceState.Deleting or ResourceState.Deleted) } tenant
                    )
                        continue;
                    tenant.Delete(clock.Now());
                    session.Work.Add(clock, new DeleteTenantWork(tenant.Id, Force: true), tenant.Place());
                }
            },
            SamplePlace.Percent(
                10,
                held is null ? "Deleting tenants and topics" : $"Deleting tenant {held.Name}: {held.ProblemMessage!.TrimEnd('.')}"
            )
        );
    }

    /// <summary>A step of its work that runs while its rows go could write some of them anew.</summary>
    private async Task<StepResult> WorkAsync(OrganizationId id, CancellationToken cancellationToken)
    {
        var open = await database.ReadAsync(
            session => session.Work.ListAsync(new WorkFilter(Open: true, Owner: id), new PageRequest(100), cancellationToken),
            cancellationToken
        );
        if (open.Items.Count == 0)
            return GoOn(AtUsage, 40, "Removing usage");
        return new StepResult.GoOn(
            AtWork,
            Look,
            async (session, token) =>
            {
                foreach (var item in open.Items)
                    if (await session.Work.FindAsync(item.Id, token) is { IsOpen: true } row)
                        row.Want(WorkWish.Stop);
            },
            SamplePlace.Percent(35, "Ending what is under way")
        );
    }

    /// <summary>Twice: a poll that was under way at the first time has ended at the second.</summary>
    private async Task<StepResult> UsageAsync(OrganizationId id, string stage, WorkTurn turn, CancellationToken cancellationToken)
    {
        if (await rows.EraseUsageAsync(id, turn.Lease, cancellationToken) > 0)
        {
            killPoints.Reached(KillPoint.SampleAfterUsageErased);
            return GoOn(stage, 60, "Removing usage");
        }
        if (stage == AtUsage)
            return GoOn(AtLateUsage, 70, "Removing usage", UnderWay);
        // Noted before the rows go: nothing knows the customer afterwards.
        var organization = await database.ReadAsync(session => session.Organizations.FindAsync(id, cancellationToken), cancellationToken);
        return GoOn($"{AtRows}:{organization?.StripeCustomerId}", 80, "Removing the company and its people");
    }

    /// <summary>The accounts that were made for the company, and nobody else's.</summary>
    private Task<List<AccountId>> PeopleAsync(OrganizationId id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
            {
                var people = new List<AccountId>();
                foreach (var person in SampleCompany.People)
                    if (
                        await session.Accounts.FindAsync(person.Email, cancellationToken) is { PasswordHash: null } state
                        && await session.Organizations.FindMembershipAsync(id, state.Account.Id, cancellationToken) is not null
                    )
                        people.Add(state.Account.Id);
                return people;
            },
            cancellationToken
        );

    private static StepResult.GoOn GoOn(string checkpoint, long percent, string note, TimeSpan after = default) =>
        new(checkpoint, after, Progress: SamplePlace.Percent(percent, note));
}
