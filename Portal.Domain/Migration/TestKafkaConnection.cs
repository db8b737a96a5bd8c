using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Tries a connection out, step by step. Nothing is kept, and nothing is written to the Kafka cluster.</summary>
public sealed class TestKafkaConnection(AccessGuard guard, IPortalDatabase database, ConnectionTrials trials, ISecretSeal seal)
{
    /// <param name="tenant">Where it would lead; a role in it is needed.</param>
    /// <param name="kept">A migration whose password is used where the draft has none; null for none.</param>
    public async Task<Outcome<ConnectionTest>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        ConnectionDraft draft,
        MigrationId? kept,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "migration.test",
            Operation.Brief(draft.BootstrapServers),
            Within: new(tenant.Length == 0 ? null : tenant)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        string? password = null;
        if (kept is { } id)
        {
            var found = await database.ReadAsync(session => session.FindMigrationAsync(access, id, cancellationToken), cancellationToken);
            if (!found.TryGet(out var migration, out problem))
                return problem;
            password = SealedConnection.Kept(seal, migration, draft);
        }
        return draft.Check(password).TryGet(out var connection, out problem)
            ? await trials.TryAsync(actor, access.Organization.Id, connection, cancellationToken)
            : problem;
    }
}
