using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Gives a migration another connection to the same Kafka cluster: a new password, other servers, another user.</summary>
public sealed class ChangeMigrationConnection(
    AccessGuard guard,
    IPortalDatabase database,
    ConnectionTrials trials,
    ISecretSeal seal,
    TimeProvider clock
)
{
    /// <param name="draft">Without a password the present one is kept, for the same user at the same servers.</param>
    public async Task<Outcome<KafkaMigration>> RunAsync(
        Actor actor,
        string organization,
        MigrationId id,
        ConnectionDraft draft,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.connect",
            $"{id}",
            new Dictionary<string, string> { ["servers"] = Operation.Brief(draft.BootstrapServers) },
            Scope.Anywhere
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(session => session.FindMigrationAsync(access, id, cancellationToken), cancellationToken);
        if (!found.TryGet(out var present, out problem))
            return problem;
        if (present.FinishedAt is not null)
            return MigrationAccess.Over;
        if (!draft.Check(SealedConnection.Kept(seal, present, draft)).TryGet(out var connection, out problem))
            return problem;
        if (!(await trials.TryAsync(actor, access.Organization.Id, connection, cancellationToken)).TryGet(out var test, out problem))
            return problem;
        if (test.Failure is { } failure)
            return CreateMigration.TestFailed(failure);
        if (present.KafkaClusterId is { } known && test.ClusterId is { } met && known != met)
            return new Problem.Conflict(
                "kafka-other-cluster",
                "These servers belong to another Kafka cluster. Create a new migration for it.",
                "bootstrapServers"
            );
        var kept = SealedConnection.Seal(seal, id, connection);
        return await database.WriteAsync<KafkaMigration>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var now = await session.FindMigrationAsync(access, id, cancellationToken);
                if (now.IsOk)
                    now.Value.Connect(connection, kept, test, clock.Now());
                return now;
            },
            cancellationToken
        );
    }
}
