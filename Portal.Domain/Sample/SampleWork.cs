using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <param name="By">The account that asked for it and becomes an owner, so that somebody can look around; null for nobody.</param>
/// <param name="ByName">As the audit log names it.</param>
/// <param name="AskedAt">The instant from which the past is seen, whenever a step runs.</param>
public sealed record MakeSampleWork(AccountId? By, string ByName, DateTimeOffset AskedAt) : IWorkPayload
{
    public static string Kind => "sample.make";

    public WorkPlace Place() => SamplePlace.Of(WorkPriority.Background);
}

/// <param name="Organization">The sample company.</param>
public sealed record RemoveSampleWork(OrganizationId Organization) : IWorkPayload
{
    public static string Kind => "sample.remove";

    public WorkPlace Place() => SamplePlace.Of(WorkPriority.TakeAway);
}

internal static class SamplePlace
{
    /// <summary>One line for both: a company is never made and removed at once.</summary>
    public const string Line = "sample";

    /// <summary>The platform's own work: it outlives the company.</summary>
    public static WorkPlace Of(WorkPriority priority) => new(Lanes.Sample, Line, null, SampleCompany.Name, priority) { IsJob = true };

    /// <summary>How far a step is, in percent.</summary>
    public static WorkProgress Percent(long done, string? note) => new(done, 100, "percent", note);
}
