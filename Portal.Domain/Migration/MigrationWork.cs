using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Looks at a Kafka cluster: its topics a hundred at a time, its groups, and all of it again for the rates.</summary>
public sealed record TakeInventoryWork(MigrationId Migration) : IWorkPayload
{
    public static string Kind => "migration.inventory";
}

/// <summary>Maps every topic of the inventory by the rules.</summary>
public sealed record MapTopicsWork(MigrationId Migration) : IWorkPayload
{
    public static string Kind => "migration.map";
}

internal static class MigrationWork
{
    /// <summary>A lane for each organization and a line for each migration: a Kafka that hangs holds up nobody else.</summary>
    internal static WorkPlace Place(this KafkaMigration migration) =>
        new(
            Lanes.Kafka(migration.OrganizationId),
            $"migration:{migration.Id}",
            migration.OrganizationId,
            migration.Name,
            WorkPriority.Waiting
        );
}
