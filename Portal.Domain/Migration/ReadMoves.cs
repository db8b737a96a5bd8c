using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>Groups of the inventory with how each moves, by name.</summary>
public sealed class ListGroupMoves(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<GroupStanding>>> RunAsync(
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
            new Operation(Permission.ViewResources, "migration.moves", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<GroupStanding>>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing
                    ? missing
                    : await session.Moves.GroupsAsync(id, page, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>One group with where its subscription goes.</summary>
/// <param name="Targets">Topics that it has positions in.</param>
public sealed record GroupMoveDetail(GroupStanding Standing, IReadOnlyList<MoveTarget> Targets);

/// <summary>A topic of a group, in Kafka and in Pulsar.</summary>
/// <param name="Address">As clients name it.</param>
public sealed record MoveTarget(string Source, string Tenant, string Namespace, string Name, string Address, int Partitions);

/// <summary>One group with where it reads in Pulsar.</summary>
public sealed class GetGroupMove(AccessGuard guard, IPortalDatabase database)
{
    private const int MostTargets = 100;

    public async Task<Outcome<GroupMoveDetail>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string group,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.moves", $"{id}/{group}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<GroupMoveDetail>>(
            async session =>
            {
                if ((await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing)
                    return missing;
                var (inventory, moved) = (
                    await session.Migrations.FindGroupAsync(id, group, cancellationToken),
                    await session.Moves.FindGroupAsync(id, group, cancellationToken)
                );
                if (inventory is null && moved is null)
                    return MoveProblems.NoGroup(group);
                var sources = moved is null ? [] : await session.Moves.TopicsOfGroupAsync(id, group, cancellationToken);
                var targets = new List<MoveTarget>();
                foreach (var source in (sources.Count > 0 ? sources : inventory?.Topics ?? []).Take(MostTargets))
                    if (await session.TargetOfAsync(id, source, cancellationToken) is { } target)
                        targets.Add(target);
                return new GroupMoveDetail(new(inventory, moved, 0), targets);
            },
            cancellationToken
        );
    }
}

/// <summary>Where the subscription of a group begins, by topic and partition.</summary>
public sealed class ListGroupPositions(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<GroupPosition>>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string group,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.moves", $"{id}/{group}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<GroupPosition>>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing ? missing
                : await session.Moves.FindGroupAsync(id, group, cancellationToken) is null ? MoveProblems.NoGroup(group)
                : await session.Moves.PositionsAsync(id, group, page, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>Copied topics with what is seen of their producers on both sides, by name.</summary>
public sealed class ListProducerMoves(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<ProducerStanding>>> RunAsync(
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
            new Operation(Permission.ViewResources, "migration.moves", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<ProducerStanding>>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing
                    ? missing
                    : await session.Moves.ProducersAsync(id, page, cancellationToken),
            cancellationToken
        );
    }
}

/// <summary>Where one copied topic leads.</summary>
public sealed class GetMoveTarget(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="topic">In Kafka.</param>
    public async Task<Outcome<MoveTarget>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.moves", $"{id}/{topic}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<MoveTarget>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing ? missing
                : await session.TargetOfAsync(id, topic, cancellationToken) is { } target ? target
                : CopyProblems.NotCopied(topic),
            cancellationToken
        );
    }
}

internal static class MoveProblems
{
    internal static Problem NoGroup(string group) =>
        new Problem.NotFound(
            "migration-group-not-found",
            $"This migration has no consumer group '{Operation.Brief(group)}'. Take the inventory again if the group is new."
        );

    internal static async Task<MoveTarget?> TargetOfAsync(
        this IPortalSession session,
        MigrationId id,
        string source,
        CancellationToken cancellationToken
    )
    {
        if ((await session.Copies.ListAsync(id, source, new(1), cancellationToken)).Items is not [var first, ..])
            return null;
        return await session.Topics.FindAsync(first.TopicId, cancellationToken) is { } topic
            ? new(source, topic.TenantName, topic.NamespaceName, topic.Name, topic.Address, topic.Partitions)
            : null;
    }
}
