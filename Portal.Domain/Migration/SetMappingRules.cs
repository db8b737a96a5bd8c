using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Sets the rules by which topics are mapped; the topics follow.</summary>
public sealed class SetMappingRules(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="rules">At most 50; the first that matches a topic decides. What none matches stays.</param>
    public async Task<Outcome<KafkaMigration>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        IReadOnlyList<MappingRule>? rules,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.map",
            $"{id}",
            new Dictionary<string, string> { ["rules"] = $"{rules?.Count}" },
            Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (rules is null)
            return new Problem.Invalid(
                "mapping-rules-missing",
                "Send the rules as a list. An empty list leaves every topic where it is.",
                "rules"
            );
        if (rules.Count > MappingRule.MostRules)
            return new Problem.Invalid("mapping-rules-count", $"Use up to {MappingRule.MostRules} rules.", "rules");
        foreach (var (position, rule) in rules.Index())
            if (rule.Refusal(position) is { } wrong)
                return wrong;
        return await database.WriteAsync<KafkaMigration>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                foreach (var tenant in rules.Select(rule => rule.Tenant).OfType<string>().Distinct(StringComparer.Ordinal))
                    if (await session.RefuseTenantAsync(access, migration, tenant, cancellationToken) is { } refusal)
                        return refusal;
                migration.Rule(rules);
                if (migration.LookedWholeAt is not null && migration.Stage == MigrationStage.Planned)
                    session.Work.Add(clock, new MapTopicsWork(id), migration.Place());
                return migration;
            },
            cancellationToken
        );
    }
}

internal static class TargetTenants
{
    /// <summary>A tenant that topics may be mapped to: of this organization, open to the actor, and on the migration's cluster.</summary>
    internal static async Task<Problem?> RefuseTenantAsync(
        this IPortalSession session,
        OrganizationAccess access,
        KafkaMigration migration,
        string tenant,
        CancellationToken cancellationToken
    )
    {
        if (!access.Allows(Permission.ManageResources, new(tenant)))
            return TenantProblems.NoTenant;
        if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } found)
            return TenantProblems.NoTenant;
        return found.Cluster == migration.Cluster
            ? null
            : new Problem.Conflict(
                "mapping-other-cluster",
                $"The tenant {tenant} is on another cluster than this migration. Create a migration of its own for it.",
                "tenant"
            );
    }
}
