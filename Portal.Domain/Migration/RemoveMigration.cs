using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// Removes a migration with its credentials and inventory. Neither Kafka nor topics that were made are touched; work under way ends by
/// itself.
/// </summary>
public sealed class RemoveMigration(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, MigrationId id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageResources, "migration.remove", $"{id}", Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                var copies = await session.Copies.SumsAsync(id, cancellationToken);
                if (copies.Stopped < copies.Partitions)
                    return new Problem.Conflict(
                        "migration-copying",
                        "Topics of this migration are still being copied. Stop the copy first, then remove the migration."
                    );
                await session.Moves.RemoveAsync(id, cancellationToken);
                await session.Records.RemoveAsync(id, cancellationToken);
                await session.WaysBack.RemoveAsync(id, cancellationToken);
                await session.Copies.RemoveAsync(id, cancellationToken);
                await session.Migrations.RemoveAsync(migration, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
