using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>
/// What every change of plan does: limits hold at once, and soon at the brokers; what is charged changes for
/// the whole UTC hour, upward with this hour, downward with the next.
/// </summary>
internal static class PlanChange
{
    /// <summary>The hour from which the other plan's charges hold.</summary>
    public static DateTimeOffset ChargedFrom(PlanCode present, PlanCode wanted, DateTimeOffset now) =>
        wanted > present ? now.HourStart() : now.HourStart().AddHours(1);

    public static async Task ApplyAsync(
        IPortalSession session,
        Organization organization,
        PlanCode plan,
        PayBy payBy,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var now = clock.Now();
        var isChange = plan != organization.Plan;
        if (isChange)
        {
            var from = ChargedFrom(organization.Plan, plan, now);
            var suspended = organization.State == OrganizationState.Suspended;
            session.Organizations.Add(new PlanPeriod(organization.Id, plan, from, suspended));
            // A way down that was to begin with the next hour is taken back.
            var later = await session.Organizations.PlansAsync(
                organization.Id,
                now.HourStart(),
                now.HourStart().AddHours(2),
                cancellationToken
            );
            foreach (var superseded in later.Where(period => period.From > from).Select(period => period.From).Distinct())
                session.Organizations.Add(new PlanPeriod(organization.Id, plan, superseded, suspended));
        }
        organization.ChangePlan(plan, payBy);
        if (!isChange)
            return;
        var apply = new ApplyOrganizationLimitsWork(organization.Id, WorkPriority.Waiting);
        session.Work.Add(clock, apply, apply.Place(organization.Slug));
    }
}
