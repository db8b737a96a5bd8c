using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class MoveStore(PortalDbContext context) : IMoveStore
{
    private DbSet<MovedGroup> Groups => context.Set<MovedGroup>();

    private DbSet<GroupPosition> Positions => context.Set<GroupPosition>();

    private DbSet<MovedProducer> Producers => context.Set<MovedProducer>();

    public Task<MovedGroup?> FindGroupAsync(MigrationId migration, string name, CancellationToken cancellationToken) =>
        Groups.SingleOrDefaultAsync(group => group.MigrationId == migration && group.Name == name, cancellationToken);

    public async Task<PageOf<GroupStanding>> GroupsAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken)
    {
        var all = context
            .Set<MigrationGroup>()
            .Where(group => group.MigrationId == migration)
            .Select(group => group.Name)
            .Union(Groups.Where(group => group.MigrationId == migration).Select(group => group.Name));
        var (names, next) = await NamesAsync("moved-groups", all, page, cancellationToken);
        var inventory = await context
            .Set<MigrationGroup>()
            .Where(group => group.MigrationId == migration && names.Contains(group.Name))
            .ToDictionaryAsync(group => group.Name, cancellationToken);
        var moved = await Groups
            .Where(group => group.MigrationId == migration && names.Contains(group.Name))
            .ToDictionaryAsync(group => group.Name, cancellationToken);
        var again = await Positions
            .Where(one => one.MigrationId == migration && names.Contains(one.GroupName))
            .GroupBy(one => one.GroupName)
            .Select(group => new { group.Key, Rereads = group.Sum(one => one.Rereads) })
            .ToDictionaryAsync(one => one.Key, one => one.Rereads, cancellationToken);
        return new(
            [
                .. names.Select(name => new GroupStanding(
                    inventory.GetValueOrDefault(name),
                    moved.GetValueOrDefault(name),
                    again.GetValueOrDefault(name)
                )),
            ],
            next
        );
    }

    public async Task<IReadOnlyList<MovedGroup>> MovedAfterAsync(
        MigrationId migration,
        string? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var found = Groups.Where(group => group.MigrationId == migration);
        if (after is not null)
            found = found.Where(group => string.Compare(group.Name, after) > 0);
        return await found.OrderBy(group => group.Name).Take(limit).ToListAsync(cancellationToken);
    }

    public Task<MovedGroup?> FindBySubscriptionAsync(MigrationId migration, string subscription, CancellationToken cancellationToken) =>
        Groups.FirstOrDefaultAsync(group => group.MigrationId == migration && group.Subscription == subscription, cancellationToken);

    public Task<PageOf<GroupPosition>> PositionsAsync(
        MigrationId migration,
        string group,
        PageRequest page,
        CancellationToken cancellationToken
    ) =>
        Positions
            .Where(one => one.MigrationId == migration && one.GroupName == group)
            .PageAsync(page, "group-positions", one => one.SourceTopic, one => (long)one.Number, newestFirst: false, cancellationToken);

    public async Task<IReadOnlyList<GroupPosition>> PositionsOfTopicAsync(
        MigrationId migration,
        string group,
        string sourceTopic,
        CancellationToken cancellationToken
    ) =>
        await Positions
            .Where(one => one.MigrationId == migration && one.GroupName == group && one.SourceTopic == sourceTopic)
            .OrderBy(one => one.Number)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<string>> TopicsOfGroupAsync(MigrationId migration, string group, CancellationToken cancellationToken) =>
        await Positions
            .Where(one => one.MigrationId == migration && one.GroupName == group)
            .Select(one => one.SourceTopic)
            .Distinct()
            .OrderBy(topic => topic)
            .ToListAsync(cancellationToken);

    public async Task<PageOf<ProducerStanding>> ProducersAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken)
    {
        var copies = context.Set<CopiedPartition>().Where(one => one.MigrationId == migration);
        var (names, next) = await NamesAsync("moved-producers", copies.Select(one => one.SourceTopic).Distinct(), page, cancellationToken);
        var topics = await copies
            .Where(one => names.Contains(one.SourceTopic))
            .GroupBy(one => new { one.SourceTopic, one.Address })
            .Select(group => new
            {
                group.Key.SourceTopic,
                group.Key.Address,
                Lag = group.Sum(one => one.SourceEnd - one.NextOffset),
                Last = group.Max(one => one.LastTimestamp),
            })
            .ToListAsync(cancellationToken);
        var seen = await Producers
            .Where(one => one.MigrationId == migration && names.Contains(one.Topic))
            .ToDictionaryAsync(one => one.Topic, cancellationToken);
        return new(
            [
                .. topics
                    .OrderBy(one => one.SourceTopic, StringComparer.Ordinal)
                    .Select(one => new ProducerStanding(
                        one.SourceTopic,
                        one.Address,
                        seen.GetValueOrDefault(one.SourceTopic),
                        Math.Max(0, one.Lag),
                        one.Last
                    )),
            ],
            next
        );
    }

    public Task<MovedProducer?> FindProducerAsync(MigrationId migration, string topic, CancellationToken cancellationToken) =>
        Producers.SingleOrDefaultAsync(one => one.MigrationId == migration && one.Topic == topic, cancellationToken);

    public async Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        await Positions.Where(one => one.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);
        await Groups.Where(one => one.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);
        await Producers.Where(one => one.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);
    }

    public void Add(MovedGroup group) => context.Add(group);

    public void Add(GroupPosition position) => context.Add(position);

    public void Add(MovedProducer producer) => context.Add(producer);

    private static async Task<(List<string> Names, string? Next)> NamesAsync(
        string list,
        IQueryable<string> all,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        if (page.Search is { } search)
        {
            var needle = Keyset.Needle(search);
#pragma warning disable CA1304, CA1311, CA1862 // Runs in the database, where lower() knows a–z only.
            all = all.Where(name => name.ToLower().Contains(needle));
#pragma warning restore CA1304, CA1311, CA1862
        }
        if (Cursor<string, Guid>.Of(list, page) is { Key: var after })
            all = all.Where(name => string.Compare(name, after) > 0);
        var limit = Math.Clamp(page.Limit, 1, PageRequest.MaxLimit);
        var names = await all.OrderBy(name => name).Take(limit + 1).ToListAsync(cancellationToken);
        if (names.Count <= limit)
            return (names, null);
        names.RemoveAt(limit);
        return (names, new Cursor<string, Guid>(names[^1], Guid.Empty).Encode(list));
    }
}

internal sealed class BackStore(PortalDbContext context) : IBackStore
{
    private DbSet<BackPartition> Partitions => context.Set<BackPartition>();

    public Task<BackPartition?> FindAsync(CopyId partition, CancellationToken cancellationToken) =>
        Partitions.SingleOrDefaultAsync(one => one.PartitionId == partition, cancellationToken);

    public Task<PageOf<BackPartition>> ListAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken) =>
        Partitions
            .Where(one => one.MigrationId == migration)
            .PageAsync(page, "back-partitions", one => one.SourceTopic, one => (long)one.Number, newestFirst: false, cancellationToken);

    public async Task<IReadOnlyList<BackPartition>> OfTopicAsync(
        MigrationId migration,
        string sourceTopic,
        CancellationToken cancellationToken
    ) =>
        await Partitions
            .Where(one => one.MigrationId == migration && one.SourceTopic == sourceTopic)
            .OrderBy(one => one.Number)
            .ToListAsync(cancellationToken);

    public Task<int> CountOpenAsync(MigrationId migration, CancellationToken cancellationToken) =>
        Partitions.CountAsync(one => one.MigrationId == migration && one.State == BackState.Copying, cancellationToken);

    public Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken) =>
        Partitions.Where(one => one.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);

    public void Add(BackPartition partition) => context.Add(partition);
}

internal sealed class RecordStore(PortalDbContext context) : IRecordStore
{
    public Task<KeptRecord?> FindAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context.Set<KeptRecord>().SingleOrDefaultAsync(record => record.MigrationId == migration, cancellationToken);

    public async Task<IReadOnlyList<RecordKey>> KeysAsync(CancellationToken cancellationToken) =>
        await context.Set<RecordKey>().OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);

    public Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken) =>
        context.Set<KeptRecord>().Where(record => record.MigrationId == migration).ExecuteDeleteAsync(cancellationToken);

    public void Keep(KeptRecord record) => context.Add(record);

    public void Add(RecordKey key) => context.Add(key);
}
