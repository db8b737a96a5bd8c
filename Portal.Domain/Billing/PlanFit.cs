using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Topics;

namespace Portal.Domain.Billing;

/// <summary>
/// Whether what an organization has fits a plan: tenants, namespaces, topics and partitions by the database, subscriptions by the cluster.
/// </summary>
public sealed class PlanFit(IPortalDatabase database, ITopicAdmin topics)
{
    private const int AtOnce = 8;

    /// <summary>
    /// The refusal <c>plan-too-small</c> when it does not fit, or the cluster's problem when that cannot say; else null. Topics
    /// are asked for only when the rest fits, so at most as many as the plan allows.
    /// </summary>
    internal async Task<Problem?> RefuseAsync(Organization organization, PlanCode code, CancellationToken cancellationToken)
    {
        var (refusal, plan) = await database.ReadAsync(
            async session =>
                (
                    await RefuseAsync(session, organization, code, cancellationToken),
                    await session.PlanOfAsync(organization.Id, code, cancellationToken)
                ),
            cancellationToken
        );
        if (refusal is not null || plan.Limits.SubscriptionsPerTopic is null)
            return refusal;
        for (var page = new PageRequest(PageRequest.MaxLimit); ; )
        {
            var request = page;
            var topics = await database.ReadAsync(
                session => session.Topics.ListOfOrganizationAsync(organization.Id, Scope.Whole, null, request, cancellationToken),
                cancellationToken
            );
            foreach (var some in topics.Items.Where(topic => topic.State == ResourceState.Ready).Chunk(AtOnce))
            {
                var problems = await Task.WhenAll(some.Select(topic => RefuseAsync(plan, topic, cancellationToken)));
                if (problems.FirstOrDefault(problem => problem is not null) is { } problem)
                    return problem;
            }
            if (topics.Next is null)
                return null;
            page = new(PageRequest.MaxLimit, topics.Next);
        }
    }

    /// <summary>
    /// Everything that has to be deleted first, as refusals <c>plan-too-small</c>, one for each limit; subscriptions, or the
    /// cluster's problem, only when the rest fits. Empty when it fits.
    /// </summary>
    internal async Task<IReadOnlyList<Problem>> ObstaclesAsync(
        Organization organization,
        PlanCode code,
        CancellationToken cancellationToken
    )
    {
        var over = await database.ReadAsync(session => OverAsync(session, organization, code, cancellationToken), cancellationToken);
        return over.Count > 0 ? over
            : await RefuseAsync(organization, code, cancellationToken) is { } problem ? [problem]
            : [];
    }

    /// <summary>The same without subscriptions, in the transaction of a change.</summary>
    internal static async Task<Problem.OverLimit?> RefuseAsync(
        IPortalSession session,
        Organization organization,
        PlanCode code,
        CancellationToken cancellationToken
    ) => await OverAsync(session, organization, code, cancellationToken) is [var first, ..] ? first : null;

    private static async Task<IReadOnlyList<Problem.OverLimit>> OverAsync(
        IPortalSession session,
        Organization organization,
        PlanCode code,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.PlanOfAsync(organization.Id, code, cancellationToken);
        var uses = await session.Plans.LargestUsesAsync(organization.Id, cancellationToken);
        return [.. uses.Where(use => use.Used > plan.Limits[use.Kind]).Select(use => Over(plan, use))];
    }

    private async Task<Problem?> RefuseAsync(EffectivePlan plan, Topic topic, CancellationToken cancellationToken)
    {
        var live = await topics.StatsAsync(topic.OnCluster, cancellationToken);
        if (!live.TryGet(out var stats, out var problem))
            return problem is Problem.NotFound ? null : problem;
        var use = new LimitUse(
            LimitKind.SubscriptionsPerTopic,
            stats.Subscriptions.Count(subscription => subscription.Durable),
            $"topic '{topic.Address}'"
        );
        return use.Used > plan.Limits[use.Kind] ? Over(plan, use) : null;
    }

    private static Problem.OverLimit Over(EffectivePlan plan, LimitUse use)
    {
        var limit = plan.Limits[use.Kind]!.Value;
        var (what, first) = use.Kind switch
        {
            LimitKind.Tenants => ("tenant", null),
            LimitKind.NamespacesPerTenant => ("namespace", null),
            LimitKind.TopicsPerNamespace => ("topic", null),
            LimitKind.SubscriptionsPerTopic => ("subscription", null),
            LimitKind.FunctionPackages => ("package version", null),
            LimitKind.Connectors => ("connector instance", "Delete connectors or reduce their instances"),
            _ => ("partition", "Delete the topic"),
        };
        // A topic never loses partitions.
        return new(
            "plan-too-small",
            $"The {plan.Name} plan allows {limit} {what}{(limit == 1 ? "" : "s")}, and {use.Where} has {use.Used}. "
                + $"{first ?? $"Delete {use.Used - limit}"} first, then change the plan.",
            limit,
            use.Used,
            plan.LiftedBy(use.Kind)
        );
    }
}
