using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Plans;

/// <summary>What holds for an organization, and what of it is its own.</summary>
/// <param name="Changes">When, by whom and why its own limits were last changed; null while they never were.</param>
public sealed record OrganizationLimitsView(Organization Organization, EffectivePlan Plan, OrganizationLimits? Changes)
{
    /// <summary>0 while it never had limits of its own.</summary>
    public int Revision => Changes?.Revision ?? 0;
}

/// <summary>An organization's limits, for the operator.</summary>
public sealed class GetOrganizationLimits(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<OrganizationLimitsView>> RunAsync(Actor actor, string slug, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "organization.limits", slug),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync<Outcome<OrganizationLimitsView>>(
            async session =>
                await session.Organizations.FindAsync(slug, cancellationToken) is { } organization
                    ? await session.LimitsViewAsync(organization, cancellationToken)
                    : OrganizationProblems.NoOrganization,
            cancellationToken
        );
    }
}

/// <summary>
/// The operator gives an organization limits of its own, in place of its plan's. They hold at once where the portal
/// decides, go to the brokers namespace by namespace, and stay when the plan changes.
/// </summary>
public sealed class SetOrganizationLimits(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="limits">By name: a whole number, or null for no limit. What is absent is as the plan has it.</param>
    /// <param name="note">Why.</param>
    /// <param name="basedOn">The revision that the operator saw, 0 for none; with another one there it is refused as
    /// <c>limits-changed</c>.</param>
    public async Task<Outcome<OrganizationLimitsView>> RunAsync(
        Actor actor,
        string slug,
        IReadOnlyDictionary<string, long?>? limits,
        string? note,
        int? basedOn,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "organization.set-limits",
            slug,
            new Dictionary<string, string> { ["note"] = Operation.Brief(note) }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!LimitRules.Parse(limits, complete: false).TryGet(out var values, out var problem))
            return problem;
        if (!LimitRules.Note(note).TryGet(out var why, out problem))
            return problem;
        if (basedOn is not { } seen)
            return PlanProblems.BasedOnMissing("revision");
        return await database.ChangeLimitsAsync(actor, operation, slug, new(values), why, seen, clock, cancellationToken);
    }
}

/// <summary>The operator takes an organization's own limits back: its plan's hold again.</summary>
public sealed class ResetOrganizationLimits(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<OrganizationLimitsView>> RunAsync(Actor actor, string slug, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "organization.reset-limits", slug);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ChangeLimitsAsync(actor, operation, slug, OwnLimits.None, "", null, clock, cancellationToken);
    }
}

internal static class OrganizationLimitsChange
{
    internal static async Task<OrganizationLimitsView> LimitsViewAsync(
        this IPortalSession session,
        Organization organization,
        CancellationToken cancellationToken
    ) =>
        new(
            organization,
            await session.PlanOfAsync(organization, cancellationToken),
            await session.Plans.LimitsOfAsync(organization.Id, cancellationToken)
        );

    /// <param name="seen">Null takes whatever is there.</param>
    internal static async Task<Outcome<OrganizationLimitsView>> ChangeLimitsAsync(
        this IPortalDatabase database,
        Actor actor,
        Operation operation,
        string slug,
        OwnLimits own,
        string note,
        int? seen,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var before = await database.ReadAsync(
            async session =>
                await session.Organizations.FindAsync(slug, cancellationToken) is { } organization
                    ? await session.LimitsViewAsync(organization, cancellationToken)
                    : null,
            cancellationToken
        );
        if (before is null)
            return OrganizationProblems.NoOrganization;
        var details = LimitChanges.Of(before.Plan.Own.ByName(), own.ByName());
        if (note.Length > 0)
            details["note"] = note;
        var id = before.Organization.Id;
        return await database.WriteAsync<OrganizationLimitsView>(
            actor,
            id,
            new Operation(operation.Permission, operation.Name, operation.Subject, details),
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(id, cancellationToken))!;
                var plan = (await session.PlansAsync(cancellationToken)).For(organization.Plan, own);
                if (own.Values.Count > 0 && LimitRules.Contradiction(plan.Limits) is { } contradiction)
                    return contradiction;
                var row = await session.Plans.LimitsOfAsync(id, cancellationToken);
                if (seen is not null && seen != (row?.Revision ?? 0))
                    return new Problem.Conflict(
                        "limits-changed",
                        "Somebody else changed this organization's limits in the meantime. Reload them and make your change again.",
                        "basedOn"
                    );
                if (row is null)
                    session.Plans.Add(row = new OrganizationLimits(id));
                row.Change(own, note, clock.Now(), actor.Name);
                var apply = new ApplyOrganizationLimitsWork(id, WorkPriority.Background);
                session.Work.Add(clock, apply, apply.Place(organization.Slug));
                return new OrganizationLimitsView(organization, plan, row);
            },
            cancellationToken
        );
    }
}
