using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>A group of the inventory with how it moves; null while nobody has asked for its subscription.</summary>
public sealed record GroupStanding(MigrationGroup? Inventory, MovedGroup? Moved, long Rereads)
{
    public string Name => Moved?.Name ?? Inventory!.Name;
}

/// <summary>A copied topic with what is seen of its producers; null before the first look.</summary>
/// <param name="Lag">Records that Kafka has and the copy does not, as the copy knows.</param>
/// <param name="LastTimestamp">Milliseconds since 1970 of the last copied record; 0 for none.</param>
public sealed record ProducerStanding(string Topic, string Address, MovedProducer? Seen, long Lag, long LastTimestamp);

/// <summary>Groups and producers on their way.</summary>
public interface IMoveStore
{
    Task<MovedGroup?> FindGroupAsync(MigrationId migration, string name, CancellationToken cancellationToken);

    /// <summary>Those of the inventory, and those that were moved and are in it no more; by name, search in the name.</summary>
    Task<PageOf<GroupStanding>> GroupsAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Those that move, behind a name.</summary>
    Task<IReadOnlyList<MovedGroup>> MovedAfterAsync(MigrationId migration, string? after, int limit, CancellationToken cancellationToken);

    /// <summary>The one that has this subscription; null for none.</summary>
    Task<MovedGroup?> FindBySubscriptionAsync(MigrationId migration, string subscription, CancellationToken cancellationToken);

    /// <summary>By topic and number.</summary>
    Task<PageOf<GroupPosition>> PositionsAsync(MigrationId migration, string group, PageRequest page, CancellationToken cancellationToken);

    Task<IReadOnlyList<GroupPosition>> PositionsOfTopicAsync(
        MigrationId migration,
        string group,
        string sourceTopic,
        CancellationToken cancellationToken
    );

    /// <summary>Topics of Kafka that the group has positions in, by name.</summary>
    Task<IReadOnlyList<string>> TopicsOfGroupAsync(MigrationId migration, string group, CancellationToken cancellationToken);

    /// <summary>Every copied topic, by name; search in the name.</summary>
    Task<PageOf<ProducerStanding>> ProducersAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken);

    Task<MovedProducer?> FindProducerAsync(MigrationId migration, string topic, CancellationToken cancellationToken);

    /// <summary>Everything of a migration.</summary>
    Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken);

    void Add(MovedGroup group);

    void Add(GroupPosition position);

    void Add(MovedProducer producer);
}

/// <summary>This feature's part of a session.</summary>
public static class MoveSession
{
    extension(IPortalSession session)
    {
        public IMoveStore Moves => session.Store<IMoveStore>();
    }
}
