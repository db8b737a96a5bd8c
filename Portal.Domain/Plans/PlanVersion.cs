using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>A plan's name and limits as published. A version never changes; the newest of a plan holds at once.</summary>
public sealed class PlanVersion
{
    private PlanVersion() { }

    public PlanVersion(
        PlanCode plan,
        long version,
        string name,
        PlanLimits limits,
        DateTimeOffset publishedAt,
        string publishedBy,
        string note
    ) =>
        (Plan, Version, Name, LimitsDocument, PublishedAt, PublishedBy, Note) = (
            plan,
            version,
            name,
            limits.ToJson(),
            publishedAt,
            publishedBy,
            note
        );

    public PlanCode Plan { get; private set; }

    /// <summary>From 1, without holes.</summary>
    public long Version { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>JSON: by name, a number or null for no limit.</summary>
    public string LimitsDocument { get; private set; } = "";

    public DateTimeOffset PublishedAt { get; private set; }
    public string PublishedBy { get; private set; } = "";

    /// <summary>Why, in the operator's words.</summary>
    public string Note { get; private set; } = "";

    public PlanLimits Limits => PlanLimits.Read(LimitsDocument);
}

/// <summary>
/// The limits that an organization has of its own. The row stays when they are taken back, so that its revision counts on.
/// </summary>
public sealed class OrganizationLimits
{
    private OrganizationLimits() { }

    public OrganizationLimits(OrganizationId organizationId) => OrganizationId = organizationId;

    public OrganizationId OrganizationId { get; private set; }

    /// <summary>From 1 with the first change.</summary>
    public int Revision { get; private set; }

    /// <summary>JSON: by name, a number or null for no limit; what is absent is as the plan has it.</summary>
    public string LimitsDocument { get; private set; } = "{}";

    /// <summary>Why, in the operator's words; empty after they were taken back.</summary>
    public string Note { get; private set; } = "";

    public DateTimeOffset ChangedAt { get; private set; }
    public string ChangedBy { get; private set; } = "";

    public OwnLimits Own => OwnLimits.Read(LimitsDocument);

    public void Change(OwnLimits own, string note, DateTimeOffset at, string by)
    {
        Revision++;
        (LimitsDocument, Note, ChangedAt, ChangedBy) = (own.ToJson(), note, at, by);
    }
}

/// <summary>
/// What an organization has of what a plan limits, at its largest. Subscriptions live on the cluster and are not counted here.
/// </summary>
/// <param name="Where">For people: <c>tenant 'shop'</c>.</param>
public sealed record LimitUse(LimitKind Kind, long Used, string Where);

public interface IPlanStore
{
    /// <summary>The newest version of each plan that was ever published.</summary>
    Task<IReadOnlyList<PlanVersion>> NewestAsync(CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<PlanVersion>> ListAsync(PlanCode plan, PageRequest page, CancellationToken cancellationToken);

    Task<OrganizationLimits?> LimitsOfAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Customers on the plan that are not closed. The sample company is not among them.</summary>
    Task<int> CountAsync(PlanCode plan, CancellationToken cancellationToken);

    /// <summary>The next organizations on the plan that are not closed, by id.</summary>
    Task<IReadOnlyList<OrganizationOnPlan>> OnPlanAsync(
        PlanCode plan,
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>The largest use of each limit by each of the organizations; a kind that is not used is absent. Without places.</summary>
    Task<IReadOnlyDictionary<OrganizationId, IReadOnlyList<LimitUse>>> UsesAsync(
        IReadOnlyCollection<OrganizationId> organizations,
        CancellationToken cancellationToken
    );

    /// <summary>The largest use of each limit by the organization and where it is.</summary>
    Task<IReadOnlyList<LimitUse>> LargestUsesAsync(OrganizationId organization, CancellationToken cancellationToken);

    void Add(PlanVersion version);
    void Add(OrganizationLimits limits);
}

/// <param name="Limits">The document of its own limits; null for none.</param>
public sealed record OrganizationOnPlan(OrganizationId Id, string Slug, string Name, bool IsSample, string? Limits)
{
    public OwnLimits Own => Limits is null ? OwnLimits.None : OwnLimits.Read(Limits);
}
