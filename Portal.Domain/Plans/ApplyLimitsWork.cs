using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Plans;

/// <summary>A new version of a plan goes to the brokers.</summary>
public sealed record ApplyPlanWork(PlanCode Plan, long Version) : IWorkPayload
{
    public static string Kind => "plan.apply";

    /// <summary>A line of each version's own: one that waits for a cluster that is away holds up no later one.</summary>
    public WorkPlace Place(string name) =>
        new(Lanes.Upkeep, $"plan:{Plans.Plan.Text(Plan)}:{Version}", null, $"{name}, version {Version}", WorkPriority.Background)
        {
            IsJob = true,
        };
}

/// <summary>An organization's changed limits, its own or those of another plan, go to the brokers.</summary>
/// <param name="Priority">Of its namespaces' policies.</param>
public sealed record ApplyOrganizationLimitsWork(OrganizationId Organization, WorkPriority Priority) : IWorkPayload
{
    public static string Kind => "organization.apply-limits";

    public WorkPlace Place(string slug) => new(Lanes.Upkeep, $"limits:{Organization}", Organization, slug, Priority);
}
