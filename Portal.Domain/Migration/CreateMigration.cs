using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Begins a migration over a connection that works, and its inventory.</summary>
public sealed class CreateMigration(
    AccessGuard guard,
    IPortalDatabase database,
    ConnectionTrials trials,
    ISecretSeal seal,
    TimeProvider clock
)
{
    /// <summary>Of one organization at a time.</summary>
    public const int MostMigrations = 20;

    /// <returns>Conflict <c>migration-exists</c>, <c>migrations-limit</c>, <c>kafka-test-failed</c>; Invalid for what is wrong with the
    /// draft.</returns>
    public async Task<Outcome<KafkaMigration>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string? name,
        ConnectionDraft draft,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.create",
            $"{tenant}/{Operation.Brief(name)}",
            new Dictionary<string, string> { ["servers"] = Operation.Brief(draft.BootstrapServers) },
            new(tenant.Length == 0 ? null : tenant)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!Label.Create(name, "name").TryGet(out var label, out problem))
            return problem;
        if (!draft.Check().TryGet(out var connection, out problem))
            return problem;
        // Before the cluster is asked: it may take its time.
        if (
            await database.ReadAsync(session => RefuseAsync(session, access, tenant, label, cancellationToken), cancellationToken) is
            { } early
        )
            return early;
        if (!(await trials.TryAsync(actor, access.Organization.Id, connection, cancellationToken)).TryGet(out var test, out problem))
            return problem;
        if (test.Failure is { } failure)
            return TestFailed(failure);

        // Sealed before the transaction begins: the key ring may have to write a new key first.
        var id = new MigrationId(clock.NewUuid());
        var kept = SealedConnection.Seal(seal, id, connection);
        return await database.WriteAsync<KafkaMigration>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await RefuseAsync(session, access, tenant, label, cancellationToken) is { } refusal)
                    return refusal;
                var owner = (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken))!;
                var migration = new KafkaMigration(id, owner, label.Value, connection, kept, test, actor.Name, clock.Now());
                migration.BeginLook(clock.Now());
                session.Migrations.Add(migration);
                session.Work.Add(clock, new TakeInventoryWork(id), migration.Place());
                return migration;
            },
            cancellationToken
        );
    }

    internal static Problem.Conflict TestFailed(ConnectionCheck failure) =>
        new("kafka-test-failed", $"{failure.Step.Title()}: {failure.Message}");

    private static async Task<Problem?> RefuseAsync(
        IPortalSession session,
        OrganizationAccess access,
        string tenant,
        Label name,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        if (owner.State == ResourceState.Deleting)
            return TenantProblems.Deleting("tenant");
        if (await session.Migrations.IsNameTakenAsync(access.Organization.Id, name.Value, cancellationToken))
            return new Problem.Conflict("migration-exists", "Your organization already has a migration with this name.", "name");
        return await session.Migrations.CountAsync(access.Organization.Id, cancellationToken) >= MostMigrations
            ? new Problem.Conflict(
                "migrations-limit",
                $"An organization can have up to {MostMigrations} migrations. Remove one that is over."
            )
            : null;
    }
}
