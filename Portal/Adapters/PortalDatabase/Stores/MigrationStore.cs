using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class MigrationStore(PortalDbContext context) : IMigrationStore
{
    private DbSet<KafkaMigration> Migrations => context.Set<KafkaMigration>();

    private DbSet<MigrationTopic> Topics => context.Set<MigrationTopic>();

    private DbSet<MigrationGroup> Groups => context.Set<MigrationGroup>();

    public Task<KafkaMigration?> FindAsync(OrganizationId organization, MigrationId id, CancellationToken cancellationToken) =>
        Migrations.SingleOrDefaultAsync(migration => migration.Id == id && migration.OrganizationId == organization, cancellationToken);

    public Task<KafkaMigration?> FindAsync(MigrationId id, CancellationToken cancellationToken) =>
        Migrations.SingleOrDefaultAsync(migration => migration.Id == id, cancellationToken);

    public Task<bool> IsNameTakenAsync(OrganizationId organization, string name, CancellationToken cancellationToken) =>
        Migrations.AnyAsync(migration => migration.OrganizationId == organization && migration.Name == name, cancellationToken);

    public Task<int> CountAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Migrations.CountAsync(migration => migration.OrganizationId == organization, cancellationToken);

    public Task<PageOf<KafkaMigration>> ListAsync(
        OrganizationId organization,
        Scope scope,
        string? tenant,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        // A role in one namespace reaches no migration: those are a tenant's.
        var found = Migrations.Where(migration =>
            migration.OrganizationId == organization
            && scope.Namespace == null
            && (scope.Tenant == null || migration.TenantName == scope.Tenant)
            && (tenant == null || migration.TenantName == tenant)
        );
        return found
            .Matching(page.Search)
            .PageAsync(page, "migrations", migration => migration.Name, migration => migration.Id, newestFirst: false, cancellationToken);
    }

    public void Add(KafkaMigration migration) => context.Add(migration);

    public async Task RemoveAsync(KafkaMigration migration, CancellationToken cancellationToken)
    {
        await Topics.Where(topic => topic.MigrationId == migration.Id).ExecuteDeleteAsync(cancellationToken);
        await Groups.Where(group => group.MigrationId == migration.Id).ExecuteDeleteAsync(cancellationToken);
        context.Remove(migration);
    }

    public Task<MigrationTopic?> FindTopicAsync(MigrationId migration, string name, CancellationToken cancellationToken) =>
        Topics.SingleOrDefaultAsync(topic => topic.MigrationId == migration && topic.Name == name, cancellationToken);

    public Task<PageOf<MigrationTopic>> ListTopicsAsync(
        MigrationId migration,
        TopicFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var found = Topics.Where(topic => topic.MigrationId == migration);
        found = filter switch
        {
            TopicFilter.All => found,
            TopicFilter.Moving => found.Where(topic => topic.TargetPath != null),
            TopicFilter.Staying => found.Where(topic => topic.Stays != null),
            TopicFilter.Blocked => found.Where(topic => topic.IsBlocked || topic.IsAlike),
            TopicFilter.Unused => found.Where(topic => topic.IsUnused),
        };
        return Named(found, page.Search)
            .PageAsync(
                page,
                $"migration-topics-{filter}",
                topic => topic.Name,
                topic => topic.MigrationId,
                newestFirst: false,
                cancellationToken
            );
    }

    public async Task<IReadOnlyList<MigrationTopic>> TopicsAfterAsync(
        MigrationId migration,
        string? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var found = Topics.Where(topic => topic.MigrationId == migration);
        if (after is not null)
            found = found.Where(topic => string.Compare(topic.Name, after) > 0);
        return await found.OrderBy(topic => topic.Name).Take(limit).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<MigrationTopic>> FindTopicsAsync(
        MigrationId migration,
        IReadOnlyCollection<string> names,
        CancellationToken cancellationToken
    ) => await Topics.Where(topic => topic.MigrationId == migration && names.Contains(topic.Name)).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<string>> AlikeAsync(
        MigrationId migration,
        string name,
        string targetPath,
        CancellationToken cancellationToken
    ) =>
        await Topics
            .Where(topic => topic.MigrationId == migration && topic.TargetPath == targetPath && topic.Name != name)
            .OrderBy(topic => topic.Name)
            .Select(topic => topic.Name)
            .Take(3)
            .ToListAsync(cancellationToken);

    public async Task MarkAlikeAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        var alike = Topics
            .Where(topic => topic.MigrationId == migration && topic.TargetPath != null)
            .GroupBy(topic => topic.TargetPath)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key);
        await Topics
            .Where(topic => topic.MigrationId == migration && topic.IsAlike && !alike.Contains(topic.TargetPath))
            .ExecuteUpdateAsync(set => set.SetProperty(topic => topic.IsAlike, false), cancellationToken);
        await Topics
            .Where(topic => topic.MigrationId == migration && !topic.IsAlike && alike.Contains(topic.TargetPath))
            .ExecuteUpdateAsync(set => set.SetProperty(topic => topic.IsAlike, true), cancellationToken);
    }

    public async Task ForgetUnseenAsync(MigrationId migration, DateTimeOffset lookedAt, CancellationToken cancellationToken)
    {
        await Topics
            .Where(topic => topic.MigrationId == migration && (topic.SeenAt == null || topic.SeenAt < lookedAt))
            .ExecuteDeleteAsync(cancellationToken);
        await Groups.Where(group => group.MigrationId == migration && group.SeenAt < lookedAt).ExecuteDeleteAsync(cancellationToken);
    }

    public Task<int> CountTopicsAsync(MigrationId migration, CancellationToken cancellationToken) =>
        Topics.CountAsync(topic => topic.MigrationId == migration, cancellationToken);

    public async Task<MigrationSums> SumsAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        var sums = await Topics
            .Where(topic => topic.MigrationId == migration)
            .GroupBy(_ => 1)
            .Select(all => new
            {
                Topics = all.Count(),
                Moving = all.Count(topic => topic.TargetPath != null),
                Staying = all.Count(topic => topic.Stays != null),
                Blocked = all.Count(topic => topic.IsBlocked || topic.IsAlike),
                Internal = all.Count(topic => topic.IsInternal),
                Messages = all.Sum(topic => topic.TargetPath != null ? topic.Messages : 0),
                Bytes = all.Sum(topic => topic.TargetPath != null ? topic.Bytes ?? 0 : 0),
                Unsized = all.Count(topic => topic.TargetPath != null && topic.Bytes == null),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return sums is null
            ? new(0, 0, 0, 0, 0, 0, 0, 0)
            : new(sums.Topics, sums.Moving, sums.Staying, sums.Blocked, sums.Internal, sums.Messages, sums.Bytes, sums.Unsized);
    }

    public async Task<IReadOnlyList<TargetSum>> TargetsAsync(MigrationId migration, CancellationToken cancellationToken)
    {
        var sums = await Topics
            .Where(topic => topic.MigrationId == migration && topic.TargetPath != null)
            .GroupBy(topic => new { topic.TargetTenant, topic.TargetNamespace })
            .Select(group => new
            {
                group.Key.TargetTenant,
                group.Key.TargetNamespace,
                Topics = group.Count(),
                Partitions = group.Sum(topic => (long)topic.Partitions),
                Blocked = group.Count(topic => topic.IsBlocked || topic.IsAlike),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. sums.Select(sum => new TargetSum(sum.TargetTenant!, sum.TargetNamespace!, sum.Topics, sum.Partitions, sum.Blocked))
                .OrderBy(sum => sum.Tenant, StringComparer.Ordinal)
                .ThenBy(sum => sum.Namespace, StringComparer.Ordinal),
        ];
    }

    public Task<MigrationGroup?> FindGroupAsync(MigrationId migration, string name, CancellationToken cancellationToken) =>
        Groups.SingleOrDefaultAsync(group => group.MigrationId == migration && group.Name == name, cancellationToken);

    public Task<PageOf<MigrationGroup>> ListGroupsAsync(MigrationId migration, PageRequest page, CancellationToken cancellationToken)
    {
        var found = Groups.Where(group => group.MigrationId == migration);
        if (page.Search is { } search)
        {
            var needle = Keyset.Needle(search);
#pragma warning disable CA1304, CA1311, CA1862 // Runs in the database, where lower() knows a–z only.
            found = found.Where(group => group.Name.ToLower().Contains(needle));
#pragma warning restore CA1304, CA1311, CA1862
        }
        return found.PageAsync(
            page,
            "migration-groups",
            group => group.Name,
            group => group.MigrationId,
            newestFirst: false,
            cancellationToken
        );
    }

    public void Add(MigrationTopic topic) => context.Add(topic);

    public void Add(MigrationGroup group) => context.Add(group);

    /// <summary>Kafka's names are ASCII.</summary>
    private static IQueryable<MigrationTopic> Named(IQueryable<MigrationTopic> topics, string? search)
    {
        if (search is null)
            return topics;
        var needle = Keyset.Needle(search);
#pragma warning disable CA1304, CA1311, CA1862 // Runs in the database, where lower() knows a–z only.
        return topics.Where(topic => topic.Name.ToLower().Contains(needle));
#pragma warning restore CA1304, CA1311, CA1862
    }
}
