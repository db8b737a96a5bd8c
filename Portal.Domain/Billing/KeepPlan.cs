using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Billing;

/// <summary>
/// Takes back an upgrade that still waits for a card: the organization keeps the plan it has. A card that an old Checkout
/// brings afterwards is saved and changes no plan. Where nothing waits, nothing changes and nothing is recorded.
/// </summary>
public sealed class KeepPlan(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Organization>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageBilling, "plan.keep", organization);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (access.Organization.PendingUpgrade is not { } pending)
            return access.Organization;
        var details = new Dictionary<string, string> { ["withdrawn"] = Plan.Text(pending) };
        operation = new(Permission.ManageBilling, "plan.keep", Plan.Text(access.Organization.Plan), details);
        return await database.WriteAsync<Organization>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var current = (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!;
                current.KeepPlan();
                return current;
            },
            cancellationToken
        );
    }
}
