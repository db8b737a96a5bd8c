using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Declares a migration over: signs its record, which is kept, and deletes its Kafka credentials.</summary>
public sealed class FinishMigration(AccessGuard guard, IPortalDatabase database, ISecretSeal seal, TimeProvider clock)
{
    /// <returns>Conflict <c>migration-copying</c>, <c>way-back-under-way</c>, <c>migration-finished</c>.</returns>
    public async Task<Outcome<KafkaMigration>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageResources, "migration.finish", $"{id}", Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        // Before the transaction that needs it: the first record of all makes the key.
        var key = await RecordKeys.CurrentAsync(database, seal, clock, cancellationToken);
        return await database.WriteAsync<KafkaMigration>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.FinishedAt is not null)
                    return MigrationAccess.Over;
                if (migration.IsCuttingOver)
                    return CutOverProblems.UnderWay;
                var copies = await session.Copies.SumsAsync(id, cancellationToken);
                if (copies.Stopped < copies.Partitions)
                    return new Problem.Conflict(
                        "migration-copying",
                        "Topics of this migration are still being copied. Cut over, or stop the copy, then finish the migration."
                    );
                if (await session.WaysBack.CountOpenAsync(id, cancellationToken) > 0)
                    return WayBackProblems.UnderWay;
                migration.Finish(actor.Name, clock.Now());
                var record = await MigrationRecords.BuildAsync(
                    session,
                    migration,
                    access.Organization.Name,
                    clock.Now(),
                    cancellationToken
                );
                session.Records.Keep(new KeptRecord(migration, key.Sign(record), clock.Now()));
                return migration;
            },
            cancellationToken
        );
    }
}
