using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class TopicStore(PortalDbContext context) : ITopicStore
{
    /// <summary>Values of one IN list; more are asked for in several statements.</summary>
    private const int Batch = 500;

    private IQueryable<Topic> Topics => context.Topics.Where(topic => topic.State != ResourceState.Deleted);

    public async Task<Topic?> FindAsync(NamespaceId @namespace, string name, bool? persistent, CancellationToken cancellationToken) =>
        // Both may exist under one name; the persistent one is meant when nothing is said.
        await Topics
            .Where(topic => topic.NamespaceId == @namespace && topic.Name == name && (persistent == null || topic.Persistent == persistent))
            .OrderByDescending(topic => topic.Persistent)
            .FirstOrDefaultAsync(cancellationToken);

    public Task<Topic?> FindAsync(TopicId id, CancellationToken cancellationToken) =>
        context.Topics.SingleOrDefaultAsync(topic => topic.Id == id, cancellationToken);

    public Task<PageOf<Topic>> ListAsync(NamespaceId @namespace, PageRequest page, CancellationToken cancellationToken) =>
        Topics
            .Where(topic => topic.NamespaceId == @namespace)
            .Matching(page.Search)
            .PageAsync(page, "topics", topic => topic.Name, topic => topic.Id, newestFirst: false, cancellationToken);

    public Task<PageOf<Topic>> ListOfOrganizationAsync(
        OrganizationId organization,
        Scope scope,
        TenantId? tenant,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var topics = Of(organization, scope);
        if (tenant is { } one)
            topics = topics.Where(topic => topic.TenantId == one);
        return topics
            .Matching(page.Search)
            .PageAsync(page, "topics-of-organization", topic => topic.Address, topic => topic.Id, newestFirst: false, cancellationToken);
    }

    public async Task<IReadOnlyList<Topic>> BesideAsync(
        NamespaceId @namespace,
        IReadOnlyCollection<string> names,
        CancellationToken cancellationToken
    )
    {
        var found = new List<Topic>();
        foreach (var batch in names.Chunk(Batch))
            found.AddRange(
                await Topics
                    .Where(topic => topic.NamespaceId == @namespace && topic.Beside != null && batch.Contains(topic.Beside))
                    .ToListAsync(cancellationToken)
            );
        return found;
    }

    public async Task<int> CountAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        await Topics.CountAsync(topic => topic.NamespaceId == @namespace, cancellationToken)
        // A topic brings others with it, in one transaction: those count before they are written.
        + context.ChangeTracker.Entries<Topic>().Count(entry => entry.State == EntityState.Added && entry.Entity.NamespaceId == @namespace);

    public Task<int> CountPartitionsAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Of(organization, Scope.Whole)
            .Where(topic => topic.DeleteRequestedAt == null)
            .SumAsync(topic => topic.Partitions == 0 ? 1 : topic.Partitions, cancellationToken);

    public Task<int> CountOfOrganizationAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken) =>
        Of(organization, scope).CountAsync(cancellationToken);

    public async Task<IReadOnlyDictionary<TenantId, int>> CountByTenantAsync(
        OrganizationId organization,
        Scope scope,
        IReadOnlyCollection<TenantId> tenants,
        CancellationToken cancellationToken
    )
    {
        var counts = new Dictionary<TenantId, int>();
        foreach (var batch in tenants.Chunk(Batch))
        {
            var found = Of(organization, scope)
                .Where(topic => batch.Contains(topic.TenantId))
                .GroupBy(topic => topic.TenantId)
                .Select(group => new { Tenant = group.Key, Topics = group.Count() });
            foreach (var row in await found.ToListAsync(cancellationToken))
                counts[row.Tenant] = row.Topics;
        }
        return counts;
    }

    public async Task<IReadOnlyList<Topic>> AliveAtAsync(
        string cluster,
        IReadOnlyCollection<string> addresses,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var found = new List<Topic>();
        foreach (var batch in addresses.Chunk(Batch))
        {
            found.AddRange(
                await context
                    .Topics.Where(topic =>
                        topic.Cluster == cluster
                        && batch.Contains(topic.Address)
                        && topic.CreatedAt <= at
                        && (topic.DeletedAt == null || topic.DeletedAt > at)
                    )
                    .ToListAsync(cancellationToken)
            );
        }
        return found;
    }

    public async Task<IReadOnlyList<Topic>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) =>
        await Of(organization, scope)
            .Where(topic => topic.State == ResourceState.Failed || topic.State == ResourceState.Creating && topic.CreatedAt < before)
            .OrderBy(topic => topic.CreatedAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<Topic>> FindManyAsync(IReadOnlyCollection<TopicId> ids, CancellationToken cancellationToken)
    {
        var found = new List<Topic>(ids.Count);
        foreach (var batch in ids.Chunk(Batch))
            found.AddRange(await context.Topics.Where(topic => batch.Contains(topic.Id)).ToListAsync(cancellationToken));
        return found;
    }

    public Task RetireAsync(Topic lost, DateTimeOffset at, CancellationToken cancellationToken)
    {
        lost.Deleted(at);
        // Now and not with the commit: the index of addresses must see it before the next one comes.
        return context.SaveChangesAsync(cancellationToken);
    }

    public void Add(Topic topic) => context.Add(topic);

    private IQueryable<Topic> Of(OrganizationId organization, Scope scope) =>
        Topics.Where(topic =>
            topic.OrganizationId == organization
            && (scope.Tenant == null || topic.TenantName == scope.Tenant)
            && (scope.Namespace == null || topic.NamespaceName == scope.Namespace)
        );
}
