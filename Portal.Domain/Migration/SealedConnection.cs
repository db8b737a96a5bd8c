using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>Connections at rest, and the one way to them.</summary>
internal static class SealedConnection
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal static readonly Problem.Conflict Gone = new(
        "migration-connection-gone",
        "This migration has no usable Kafka credentials. Enter the connection again."
    );

    internal static string Seal(ISecretSeal seal, MigrationId id, KafkaConnection connection) =>
        seal.Seal(KafkaMigration.SealPurpose(id), JsonSerializer.Serialize(connection, Json));

    /// <summary>Null when the credentials are deleted, or the key ring no longer opens them.</summary>
    internal static KafkaConnection? Open(ISecretSeal seal, KafkaMigration migration) =>
        migration.SealedConnection is { } kept && seal.Open(KafkaMigration.SealPurpose(migration.Id), kept) is { } json
            ? JsonSerializer.Deserialize<KafkaConnection>(json, Json)! with
            {
                Owner = migration.OrganizationId,
            }
            : null;

    /// <summary>The password to go on with: only for the same user at the same servers, so that nobody has it sent elsewhere.</summary>
    internal static string? Kept(ISecretSeal seal, KafkaMigration migration, ConnectionDraft draft) =>
        Open(seal, migration) is { } present
        && present.User == draft.User
        && KafkaHost.ParseAll(draft.BootstrapServers) is { IsOk: true } hosts
        && string.Join(',', hosts.Value) == present.BootstrapServers
        && KafkaWords.TrySecurity(draft.Security, out var security)
        && (security.UsesTls() || !present.Security.UsesTls())
            ? present.Password
            : null;
}

/// <inheritdoc cref="IMigrationSources"/>
public sealed class MigrationSources(IPortalDatabase database, ISecretSeal seal) : IMigrationSources
{
    public Task<KafkaConnection?> OfAsync(MigrationId migration, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async session =>
                await session.Migrations.FindAsync(migration, cancellationToken) is { } found ? SealedConnection.Open(seal, found) : null,
            cancellationToken
        );
}
