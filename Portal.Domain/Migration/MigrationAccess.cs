using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>How the use cases of this feature find a migration that the actor may know of.</summary>
internal static class MigrationAccess
{
    internal static readonly Problem.NotFound NoMigration = new("migration-not-found", "We couldn't find this migration in your organization. It may have been removed.");

    internal static readonly Problem.NotFound NoTopic = new("migration-topic-not-found", "The inventory has no topic of this name. Take the inventory again if the topic is new.");

    internal static readonly Problem.Conflict Over = new("migration-finished", "This migration is finished: its Kafka credentials are deleted and its record is signed.");

    internal static async Task<Outcome<KafkaMigration>> FindMigrationAsync(
        this IPortalSession session, OrganizationAccess access, MigrationId id, CancellationToken cancellationToken) =>
        await session.Migrations.FindAsync(access.Organization.Id, id, cancellationToken) is { } found && access.Scope.Covers(found.Scope) ? found : NoMigration;
}
