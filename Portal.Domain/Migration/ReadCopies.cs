using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>One partition's copy with its newest proof; null for none.</summary>
public sealed record CopyStanding(CopiedPartition Partition, PartitionProof? Proof);

/// <summary>A migration's copy altogether.</summary>
public sealed record CopySums(
    int Partitions,
    int Following,
    int Paused,
    int Stopped,
    int Failed,
    long Messages,
    long Bytes,
    long Skipped,
    long Lag,
    int Proven,
    int Different
);

/// <param name="Waiting">Topics that could be copied and aren't yet.</param>
public sealed record CopyOverview(CopySums Sums, CopySettings? Settings, int Waiting);

/// <summary>How the partitions of a migration are copied and proven, by source topic and number.</summary>
public sealed class ListCopies(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="topic">In Kafka: only its partitions; null for all.</param>
    public async Task<Outcome<PageOf<CopyStanding>>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        string? topic,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.copies", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<PageOf<CopyStanding>>>(
            async session =>
            {
                if ((await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing)
                    return missing;
                var found = await session.Copies.ListAsync(id, topic, page, cancellationToken);
                var proofs = await session.Copies.ProofsAsync([.. found.Items.Select(partition => partition.Id)], cancellationToken);
                return found.Map(partition => new CopyStanding(partition, proofs.GetValueOrDefault(partition.Id)));
            },
            cancellationToken
        );
    }
}

/// <summary>One partition's copy.</summary>
public sealed class GetCopy(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CopyStanding>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        CopyId copy,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.copies", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<CopyStanding>>(
            async session =>
            {
                if ((await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing)
                    return missing;
                return await session.Copies.FindAsync(copy, cancellationToken) is { } partition && partition.MigrationId == id
                    ? new CopyStanding(partition, await session.Copies.ProofAsync(copy, cancellationToken))
                    : new Problem.NotFound("copy-not-found", "This migration has no such copy.");
            },
            cancellationToken
        );
    }
}

/// <summary>What a migration's copy comes to.</summary>
public sealed class GetCopyOverview(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<CopyOverview>> RunAsync(Actor actor, string organization, MigrationId id, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.copies", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<CopyOverview>>(
            async session =>
                (await session.FindMigrationAsync(access, id, cancellationToken)).Problem is { } missing
                    ? missing
                    : new CopyOverview(
                        await session.Copies.SumsAsync(id, cancellationToken),
                        await session.Copies.SettingsAsync(id, cancellationToken),
                        await session.Copies.CountWaitingAsync(id, cancellationToken)
                    ),
            cancellationToken
        );
    }
}
