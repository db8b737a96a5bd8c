using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Looks at the Kafka cluster again. While it is looked at already, that look is the answer.</summary>
public sealed class StartInventory(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<KafkaMigration>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageResources, "migration.inventory", $"{id}", Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<KafkaMigration>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (migration.SealedConnection is null)
                    return SealedConnection.Gone;
                if (await session.Work.FindOpenAsync(migration.Place().Line, TakeInventoryWork.Kind, cancellationToken) is { } open)
                {
                    // It may be waiting for a cluster that is back by now.
                    if (open.Failures > 0)
                        open.TryNow(clock.Now());
                    return migration;
                }
                migration.BeginLook(clock.Now());
                session.Work.Add(clock, new TakeInventoryWork(id), migration.Place());
                return migration;
            },
            cancellationToken
        );
    }
}
