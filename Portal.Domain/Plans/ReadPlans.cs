using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>The plans as they are now; for everybody: the landing page shows what Free allows.</summary>
public sealed class GetPlans(IPortalDatabase database)
{
    public Task<PlanCatalog> RunAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.PlansAsync(cancellationToken), cancellationToken);
}

/// <summary>A plan with how many organizations are on it.</summary>
public sealed record PlanView(PlanVersion Version, int Organizations);

/// <summary>The newest version of every plan, from the narrowest to the widest: the operator's page.</summary>
public sealed class ListPlans(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<IReadOnlyList<PlanView>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "plan.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(
            async session =>
            {
                var views = new List<PlanView>();
                foreach (var version in (await session.PlansAsync(cancellationToken)).All)
                    views.Add(new(version, await session.Plans.CountAsync(version.Plan, cancellationToken)));
                return Outcome.Of<IReadOnlyList<PlanView>>(views);
            },
            cancellationToken
        );
    }
}

/// <summary>Everything that was ever published of a plan, newest first.</summary>
public sealed class ListPlanVersions(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<PlanVersion>>> RunAsync(
        Actor actor,
        string? plan,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "plan.versions", Operation.Brief(plan)),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!Plan.TryParse(plan, out var code))
            return PlanProblems.Unknown;
        return await database.ReadAsync(session => session.Plans.ListAsync(code, page, cancellationToken), cancellationToken);
    }
}
