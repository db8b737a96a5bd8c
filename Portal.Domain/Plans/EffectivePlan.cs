using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>The newest version of every plan.</summary>
public sealed class PlanCatalog
{
    private readonly Dictionary<PlanCode, PlanVersion> _newest;

    /// <param name="newest">A plan that was never published is as it is shipped: the portal just started for the first time.</param>
    internal PlanCatalog(IEnumerable<PlanVersion> newest)
    {
        _newest = newest.ToDictionary(version => version.Plan);
        foreach (var plan in Plan.All)
            _newest.TryAdd(plan, ShippedPlans.Of(plan));
    }

    public PlanVersion this[PlanCode plan] => _newest[plan];

    public IReadOnlyList<PlanVersion> All => [.. Plan.All.Select(plan => _newest[plan])];

    /// <summary>For people.</summary>
    public string NameOf(PlanCode plan) => _newest[plan].Name;

    /// <summary>What an organization with these own limits has on a plan, its present one or another.</summary>
    public EffectivePlan For(PlanCode plan, OwnLimits own) => new(this, _newest[plan], own);

    /// <summary>The next plan that allows more, by its name; null for none.</summary>
    internal string? LiftedBy(PlanCode plan, LimitKind kind, long limit) =>
        Plan.All.Where(next => next > plan && (_newest[next].Limits[kind] is not { } most || most > limit)).Select(NameOf).FirstOrDefault();
}

/// <summary>An organization's plan as it holds for it: the newest version with its own limits laid over it.</summary>
public sealed class EffectivePlan
{
    internal EffectivePlan(PlanCatalog plans, PlanVersion version, OwnLimits own) =>
        (Plans, Version, Own, Limits) = (plans, version, own, own.Over(version.Limits));

    public PlanCatalog Plans { get; }
    public PlanVersion Version { get; }
    public OwnLimits Own { get; }
    public PlanLimits Limits { get; }
    public PlanCode Code => Version.Plan;
    public string Name => Version.Name;
    public bool IsCharged => Code.IsCharged();

    /// <summary>The refusal when one more would pass a limit, else null.</summary>
    /// <param name="what">What is counted, one of it: <c>topic</c>.</param>
    /// <param name="within">What it is counted in: <c>in a namespace</c>; null for the organization.</param>
    public Problem.OverLimit? RefuseOneMore(LimitKind kind, string code, string what, string? within, long used)
    {
        if (Limits[kind] is not { } most || used < most)
            return null;
        var lifted = LiftedBy(kind);
        var counted = $"{most} {what}{(most == 1 ? "" : "s")}{(within is null ? "" : " " + within)}";
        return new(
            code,
            $"{Allows(kind)} {counted}; {used} {(used == 1 ? "is" : "are")} in use. "
                + (lifted is null ? "Delete one first." : $"{lifted} allows more, or delete one first."),
            most,
            used,
            lifted
        );
    }

    /// <summary>The refusal when what is asked for is more than the limit, else null.</summary>
    /// <param name="what">What is limited: <c>partitions in a topic</c>, <c>of retention</c>.</param>
    public Problem.OverLimit? RefuseMore(LimitKind kind, string code, string what, long asked)
    {
        if (Limits[kind] is not { } most || asked <= most)
            return null;
        var lifted = LiftedBy(kind);
        return new(
            code,
            $"{Allows(kind)} {kind.Words(most)} {what}; you asked for {kind.Words(asked)}. "
                + (lifted is null ? "Choose less." : $"Choose less, or change to {lifted}."),
            most,
            asked,
            lifted
        );
    }

    /// <summary>How a sentence about the limit begins, up to its number.</summary>
    internal string Allows(LimitKind kind) => Own.Holds(kind) ? "Your organization's own limit is" : $"The {Name} plan allows";

    // An own limit stays with every plan, so no plan lifts it.
    internal string? LiftedBy(LimitKind kind) =>
        Own.Holds(kind) || Limits[kind] is not { } limit ? null : Plans.LiftedBy(Code, kind, limit);
}

/// <summary>How plans and limits are read.</summary>
public static class PlanReading
{
    public static async Task<PlanCatalog> PlansAsync(this IPortalSession session, CancellationToken cancellationToken) =>
        new(await session.Plans.NewestAsync(cancellationToken));

    /// <summary>What holds for the organization now.</summary>
    public static Task<EffectivePlan> PlanOfAsync(
        this IPortalSession session,
        Organization organization,
        CancellationToken cancellationToken
    ) => session.PlanOfAsync(organization.Id, organization.Plan, cancellationToken);

    /// <summary>What would hold for the organization on a plan.</summary>
    public static async Task<EffectivePlan> PlanOfAsync(
        this IPortalSession session,
        OrganizationId organization,
        PlanCode plan,
        CancellationToken cancellationToken
    ) =>
        (await session.PlansAsync(cancellationToken)).For(
            plan,
            (await session.Plans.LimitsOfAsync(organization, cancellationToken))?.Own ?? OwnLimits.None
        );

    /// <summary>What holds for the organization now, read afresh in a transaction that its changes share.</summary>
    public static async Task<EffectivePlan> PlanOfAsync(
        this IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) => await session.PlanOfAsync((await session.Organizations.FindAsync(organization, cancellationToken))!, cancellationToken);
}
