using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>An organization that has more than limits allow.</summary>
/// <param name="Over">The limits it is over, with the limit that holds for it.</param>
public sealed record OrganizationOver(OrganizationOnPlan Organization, IReadOnlyList<LimitOver> Over);

public sealed record LimitOver(LimitKind Kind, long Limit, long Used);

/// <summary>What publishing would mean.</summary>
/// <param name="BasedOn">The plan's newest version now.</param>
/// <param name="Organizations">On the plan.</param>
/// <param name="Over">Of them those that have more than the limits allow.</param>
public sealed record PlanPreview(long BasedOn, int Organizations, int Over, PageOf<OrganizationOver> Page);

/// <summary>
/// Shows before a plan is published which organizations are over its new limits, their own limits considered. It counts
/// tenants, namespaces, topics and partitions; subscriptions live on the clusters and are not asked for here.
/// </summary>
public sealed class PreviewPlan(AccessGuard guard, IPortalDatabase database)
{
    private const int Batch = 100;

    /// <param name="limits">Every limit by name: a whole number, or null for no limit.</param>
    /// <param name="page">Of the organizations over the limits.</param>
    public async Task<Outcome<PlanPreview>> RunAsync(
        Actor actor,
        string? plan,
        IReadOnlyDictionary<string, long?>? limits,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "plan.preview", Operation.Brief(plan)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!Plan.TryParse(plan, out var code))
            return PlanProblems.Unknown;
        if (!PlanProblems.Read(limits).TryGet(out var wanted, out var problem))
            return problem;
        var start = Guid.TryParse(page.After, out var cursor) ? new OrganizationId(cursor) : (OrganizationId?)null;
        if (page.After is not null && start is null && !page.Lenient)
            throw new CursorUnknownException();

        var found = new List<OrganizationOver>();
        var (organizations, over) = (0, 0);
        string? next = null;
        for (OrganizationId? after = null; ; )
        {
            var from = after;
            var (some, uses) = await database.ReadAsync(
                async session =>
                {
                    var batch = await session.Plans.OnPlanAsync(code, from, Batch, cancellationToken);
                    return (batch, await session.Plans.UsesAsync([.. batch.Select(one => one.Id)], cancellationToken));
                },
                cancellationToken
            );
            organizations += some.Count;
            foreach (var one in some)
            {
                var excess = Excess(one.Own.Over(wanted), uses.GetValueOrDefault(one.Id) ?? []);
                if (excess.Count > 0)
                {
                    over++;
                    var inPage = start is null || string.CompareOrdinal($"{one.Id}", $"{start}") > 0;
                    if (inPage && found.Count < page.Limit)
                        found.Add(new(one, excess));
                    else if (inPage)
                        next ??= $"{found[^1].Organization.Id}";
                }
            }
            if (some.Count < Batch)
                break;
            after = some[^1].Id;
        }
        var newest = await database.ReadAsync(session => session.PlansAsync(cancellationToken), cancellationToken);
        return new PlanPreview(newest[code].Version, organizations, over, new(found, next));
    }

    private static IReadOnlyList<LimitOver> Excess(PlanLimits limits, IReadOnlyList<LimitUse> uses) =>
        [
            .. from use in uses
            where use.Used > limits[use.Kind]
            orderby use.Kind
            select new LimitOver(use.Kind, limits[use.Kind]!.Value, use.Used),
        ];
}
