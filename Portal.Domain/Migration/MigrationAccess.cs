using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>How the use cases of this feature find a migration that the actor may know of.</summary>
internal static class MigrationAccess
{
    internal static readonly Problem.NotFound NoMigration = new(
        "migration-not-found",
        "We couldn't find this migration in your organization. It may have been removed."
    );

    internal static readonly Problem.NotFound NoTopic = new(
        "migration-topic-not-found",
        "The inventory has no topic of this name. Take the inventory again if the topic is new."
    );

    internal static readonly Problem.Conflict Over = new(
        "migration-finished",
        "This migration is finished: its Kafka credentials are deleted and its record is signed."
    );

    /// <summary>
    /// A migration is where it leads. An owner's rules may send topics into other tenants than its own; whoever holds a role in
    /// that one alone would otherwise steer copies into the others, and read them out again on the way back to Kafka.
    /// </summary>
    internal static async Task<Outcome<KafkaMigration>> FindMigrationAsync(
        this IPortalSession session,
        OrganizationAccess access,
        MigrationId id,
        CancellationToken cancellationToken
    )
    {
        if (
            await session.Migrations.FindAsync(access.Organization.Id, id, cancellationToken) is not { } found
            || !access.Scope.Covers(found.Scope)
        )
            return NoMigration;
        if (access.Scope.IsWhole || (await session.Copies.PlacesAsync(id, cancellationToken)).All(access.Scope.Covers))
            return found;
        return new Problem.Forbidden(
            "migration-beyond-scope",
            $"This migration also copies topics to places that your role ({access.RoleText}) doesn't reach. "
                + "Ask somebody whose role covers all of them."
        );
    }
}
