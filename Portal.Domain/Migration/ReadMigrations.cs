using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Migration;

/// <summary>Migrations of an organization, by name.</summary>
public sealed class ListMigrations(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="tenant">Only those into this tenant; null for all.</param>
    public async Task<Outcome<PageOf<MigrationStanding>>> RunAsync(
        Actor actor,
        string organization,
        string? tenant,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.list", tenant ?? "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<MigrationStanding>>>(
            async session =>
            {
                var found = await session.Migrations.ListAsync(access.Organization.Id, access.Scope, tenant, page, cancellationToken);
                var copies = await session.Copies.SumsAsync([.. found.Items.Select(one => one.Id)], cancellationToken);
                return found.Map(one => new MigrationStanding(one, MigrationStanding.Of(one, copies.GetValueOrDefault(one.Id))));
            },
            cancellationToken
        );
    }
}

/// <summary>How far data and applications have come, told from all copies of a migration together.</summary>
public enum MigrationMove
{
    NotStarted,
    Copying,
    Following,
    Paused,
    Stopped,
    Failed,
    CuttingOver,
    CutOver,
    Finished,
}

/// <summary>A migration with how far it has moved.</summary>
public sealed record MigrationStanding(KafkaMigration Migration, MigrationMove Move)
{
    /// <param name="copies">Null for none.</param>
    public static MigrationMove Of(KafkaMigration migration, CopySums? copies) =>
        (migration, copies) switch
        {
            ({ FinishedAt: not null }, _) => MigrationMove.Finished,
            ({ IsCuttingOver: true }, _) => MigrationMove.CuttingOver,
            ({ CutOver: CutOverStage.Done }, _) => MigrationMove.CutOver,
            (_, null or { Partitions: 0 }) => MigrationMove.NotStarted,
            (_, { Failed: > 0 }) => MigrationMove.Failed,
            (_, { } sums) when sums.Stopped == sums.Partitions => MigrationMove.Stopped,
            (_, { } sums) when sums.Stopped + sums.Paused == sums.Partitions => MigrationMove.Paused,
            (_, { } sums) when sums.Stopped + sums.Paused + sums.Following == sums.Partitions => MigrationMove.Following,
            _ => MigrationMove.Copying,
        };
}

/// <summary>A migration with what its inventory comes to.</summary>
/// <param name="Copies">Of all partitions.</param>
public sealed record MigrationView(KafkaMigration Migration, MigrationSums Sums, CopySums Copies, MigrationMove Move)
{
    public MigrationStanding Standing => new(Migration, Move);
}

public sealed class GetMigration(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<MigrationView>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.view", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<MigrationView>>(
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var found, out var missing))
                    return missing;
                var copies = await session.Copies.SumsAsync(id, cancellationToken);
                return new MigrationView(
                    found,
                    await session.Migrations.SumsAsync(id, cancellationToken),
                    copies,
                    MigrationStanding.Of(found, copies)
                );
            },
            cancellationToken
        );
    }
}

/// <summary>A topic of an inventory with every clash of its mapping.</summary>
public sealed record TopicPlan(MigrationTopic Topic, IReadOnlyList<MappingClash> Clashes);

/// <summary>Topics of an inventory with what becomes of them, by name.</summary>
public sealed class ListMigrationTopics(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<TopicPlan>>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        TopicFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.topics", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<TopicPlan>>>(
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                var plan = await session.PlanOfAsync(access.Organization.Id, cancellationToken);
                var found = await session.Migrations.ListTopicsAsync(id, filter, page, cancellationToken);
                var topics = new List<TopicPlan>();
                foreach (var topic in found.Items)
                    topics.Add(await session.PlanOfTopicAsync(migration, topic, plan, cancellationToken));
                return new PageOf<TopicPlan>(topics, found.Next);
            },
            cancellationToken
        );
    }
}

/// <summary>Consumer groups of an inventory, by name.</summary>
public sealed class ListMigrationGroups(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<MigrationGroup>>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.groups", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<MigrationGroup>>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing
                    ? missing
                    : await session.Migrations.ListGroupsAsync(id, page, cancellationToken),
            cancellationToken
        );
    }
}

internal static class TopicPlanReading
{
    internal static async Task<TopicPlan> PlanOfTopicAsync(
        this IPortalSession session,
        KafkaMigration migration,
        MigrationTopic topic,
        EffectivePlan plan,
        CancellationToken cancellationToken
    )
    {
        if (!topic.Moves)
            return new(topic, []);
        IReadOnlyList<string> alike = topic.IsAlike
            ? await session.Migrations.AlikeAsync(migration.Id, topic.Name, topic.TargetPath!, cancellationToken)
            : [];
        return new(topic, MappingClashes.Of(topic, new(plan, alike, await session.IsTakenAsync(migration, topic, cancellationToken))));
    }
}
