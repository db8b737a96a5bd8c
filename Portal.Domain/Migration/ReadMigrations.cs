using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Migration;

/// <summary>Migrations of an organization, by name.</summary>
public sealed class ListMigrations(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="tenant">Only those into this tenant; null for all.</param>
    public async Task<Outcome<PageOf<KafkaMigration>>> RunAsync(Actor actor, string organization, string? tenant, PageRequest page, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewResources, "migration.list", tenant ?? "", Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.ReadAsync(session => session.Migrations.ListAsync(access.Organization.Id, access.Scope, tenant, page, cancellationToken), cancellationToken);
    }
}

/// <summary>A migration with what its inventory comes to.</summary>
public sealed record MigrationView(KafkaMigration Migration, MigrationSums Sums);

public sealed class GetMigration(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<MigrationView>> RunAsync(Actor actor, string organization, MigrationId id, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewResources, "migration.view", $"{id}", Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.ReadAsync<Outcome<MigrationView>>(async session =>
            (await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var found, out var missing)
                ? new MigrationView(found, await session.Migrations.SumsAsync(id, cancellationToken))
                : missing, cancellationToken);
    }
}

/// <summary>A topic of an inventory with every clash of its mapping.</summary>
public sealed record TopicPlan(MigrationTopic Topic, IReadOnlyList<MappingClash> Clashes);

/// <summary>Topics of an inventory with what becomes of them, by name.</summary>
public sealed class ListMigrationTopics(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<TopicPlan>>> RunAsync(
        Actor actor, string organization, MigrationId id, TopicFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewResources, "migration.topics", $"{id}", Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.ReadAsync<Outcome<PageOf<TopicPlan>>>(async session =>
        {
            if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing)) return missing;
            var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
            var found = await session.Migrations.ListTopicsAsync(id, filter, page, cancellationToken);
            var topics = new List<TopicPlan>();
            foreach (var topic in found.Items) topics.Add(await session.PlanOfTopicAsync(migration, topic, plan, cancellationToken));
            return new PageOf<TopicPlan>(topics, found.Next);
        }, cancellationToken);
    }
}

/// <summary>Consumer groups of an inventory, by name.</summary>
public sealed class ListMigrationGroups(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<MigrationGroup>>> RunAsync(Actor actor, string organization, MigrationId id, PageRequest page, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, organization, new Operation(Permission.ViewResources, "migration.groups", $"{id}", Within: Scope.Anywhere), cancellationToken);
        if (!entered.TryGet(out var access, out var problem)) return problem;
        return await database.ReadAsync<Outcome<PageOf<MigrationGroup>>>(async session =>
            (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing ? missing : await session.Migrations.ListGroupsAsync(id, page, cancellationToken), cancellationToken);
    }
}

internal static class TopicPlanReading
{
    internal static async Task<TopicPlan> PlanOfTopicAsync(
        this IPortalSession session, KafkaMigration migration, MigrationTopic topic, EffectivePlan plan, CancellationToken cancellationToken)
    {
        if (!topic.Moves) return new(topic, []);
        IReadOnlyList<string> alike = topic.IsAlike ? await session.Migrations.AlikeAsync(migration.Id, topic.Name, topic.TargetPath!, cancellationToken) : [];
        return new(topic, MappingClashes.Of(topic, new(plan, alike, await session.IsTakenAsync(migration, topic, cancellationToken))));
    }
}
