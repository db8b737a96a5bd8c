using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>
/// What every change of plan does: limits hold at once, and soon at the brokers; what is charged changes for
/// the whole UTC hour, upward with this hour, downward with the next.
/// </summary>
internal static class PlanChange
{
    public static async Task ApplyAsync(IPortalSession session, Organization organization, PlanCode plan, PayBy payBy, TimeProvider clock, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var isChange = plan != organization.Plan;
        if (isChange)
        {
            var from = plan > organization.Plan ? now.HourStart() : now.HourStart().AddHours(1);
            var suspended = organization.State == OrganizationState.Suspended;
            session.Organizations.Add(new PlanPeriod(organization.Id, plan, from, suspended));
            // A way down that was to begin with the next hour is taken back.
            var later = await session.Organizations.PlansAsync(organization.Id, now.HourStart(), now.HourStart().AddHours(2), cancellationToken);
            foreach (var superseded in later.Where(period => period.From > from).Select(period => period.From).Distinct())
                session.Organizations.Add(new PlanPeriod(organization.Id, plan, superseded, suspended));
        }
        organization.ChangePlan(plan, payBy);
        if (!isChange) return;
        await foreach (var tenant in session.AllTenantsAsync(organization.Id, cancellationToken))
            await foreach (var @namespace in session.AllNamespacesAsync(tenant.Id, cancellationToken))
                if (@namespace.IsWanted) session.Work.Add(clock, new ApplyPoliciesWork(@namespace.Id), @namespace.Place());
    }

    /// <summary>The refusal when what exists is more than the plan allows, else null.</summary>
    public static async Task<Problem.OverLimit?> DoesNotFitAsync(IPortalSession session, Organization organization, PlanCode code, CancellationToken cancellationToken)
    {
        var plan = Plan.Of(code);
        var limits = plan.Limits;
        var tenants = await session.Tenants.CountAsync(organization.Id, Scope.Whole, cancellationToken);
        if (tenants > limits.Tenants) return Over(plan, "tenants", limits.Tenants.Value, tenants, "organization");
        await foreach (var tenant in session.AllTenantsAsync(organization.Id, cancellationToken))
        {
            var namespaces = await session.Tenants.CountNamespacesAsync(tenant.Id, cancellationToken);
            if (namespaces > limits.NamespacesPerTenant) return Over(plan, "namespaces", limits.NamespacesPerTenant.Value, namespaces, $"tenant '{tenant.Name}'");
            await foreach (var @namespace in session.AllNamespacesAsync(tenant.Id, cancellationToken))
            {
                var topics = await session.Topics.CountAsync(@namespace.Id, cancellationToken);
                if (topics > limits.TopicsPerNamespace) return Over(plan, "topics", limits.TopicsPerNamespace.Value, topics, $"namespace '{@namespace.Path}'");
            }
        }
        return null;
    }

    private static Problem.OverLimit Over(Plan plan, string what, int limit, int used, string where) => new(
        "plan-too-small", $"The {plan.Name} plan allows {limit} {what}, and the {where} has {used}. Delete {used - limit} first, then change the plan.", limit, used, Plan.LiftedBy(plan.Code));
}
