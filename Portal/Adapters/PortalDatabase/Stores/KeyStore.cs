using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class KeyStore(PortalDbContext context) : IKeyStore
{
    private IQueryable<PulsarKey> Keys => context.PulsarKeys.Where(key => key.State != ResourceState.Deleted);

    public Task<PulsarKey?> FindAsync(OrganizationId organization, KeyId id, CancellationToken cancellationToken) =>
        Keys.SingleOrDefaultAsync(key => key.OrganizationId == organization && key.Id == id, cancellationToken);

    public Task<PulsarKey?> FindAsync(KeyId id, CancellationToken cancellationToken) =>
        context.PulsarKeys.SingleOrDefaultAsync(key => key.Id == id, cancellationToken);

    public Task<PageOf<PulsarKey>> ListAsync(
        OrganizationId organization,
        Scope scope,
        TenantId? tenant,
        TopicId? topic,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var keys = Of(organization, scope);
        if (tenant is { } one)
            keys = keys.Where(key => key.TenantId == one);
        if (topic is { } only)
            keys = keys.Where(key => context.KeyGrants.Any(grant => grant.KeyId == key.Id && grant.TopicId == only));
        return keys.Matching(page.Search)
            .PageAsync(page, "keys", key => key.CreatedAt, key => key.Id, newestFirst: true, cancellationToken);
    }

    public async Task<IReadOnlyList<PulsarKey>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) =>
        // One that was ready waits for the grant of a topic that came later.
        await Of(organization, scope)
            .Where(key =>
                key.State == ResourceState.Failed || key.State == ResourceState.Creating && key.ReadyAt == null && key.CreatedAt < before
            )
            .OrderBy(key => key.CreatedAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<PulsarKey>> CreatedByAsync(
        OrganizationId organization,
        AccountId account,
        CancellationToken cancellationToken
    ) =>
        await Keys.Where(key => key.OrganizationId == organization && key.CreatedById == account)
            .OrderBy(key => key.CreatedAt)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<PulsarKey>> MadeWithAsync(IReadOnlyCollection<ApiKeyId> keys, CancellationToken cancellationToken)
    {
        ApiKeyId?[] any = [.. keys];
        return await Keys.Where(key => any.Contains(key.MadeWith)).OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<PulsarKey>> CoveringAllTopicsAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        await Keys.Where(key => key.NamespaceId == @namespace && key.AllTopics)
            .OrderBy(key => key.CreatedAt)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<PulsarKey>> OfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        await Keys.Where(key => key.NamespaceId == @namespace).OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<KeyStanding>> StandingsAsync(IReadOnlyCollection<KeyId> keys, CancellationToken cancellationToken)
    {
        var found = new List<KeyStanding>(keys.Count);
        foreach (var batch in keys.Chunk(500))
        {
            found.AddRange(
                await context
                    .PulsarKeys.AsNoTracking()
                    .Where(key => batch.Contains(key.Id))
                    .Join(
                        context.Organizations,
                        key => key.OrganizationId,
                        owner => owner.Id,
                        (key, owner) =>
                            new KeyStanding(key.Id, key.State, key.ExpiresAt, owner.State, owner.Publishing == Publishing.Blocked)
                    )
                    .ToListAsync(cancellationToken)
            );
        }
        return found;
    }

    public async Task<IReadOnlyList<PulsarKey>> ExpiredAsync(DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        await Keys.AsNoTracking()
            .Where(key => key.ExpiresAt <= now && key.State != ResourceState.Deleting)
            .OrderBy(key => key.ExpiresAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<PulsarKey>> EndingAsync(
        DateTimeOffset now,
        DateTimeOffset before,
        KeyId? after,
        int most,
        CancellationToken cancellationToken
    )
    {
        var ending = Keys.AsNoTracking()
            .Where(key => key.State != ResourceState.Deleting && key.ReplacedBy == null && key.ExpiresAt > now && key.ExpiresAt <= before)
            .Where(key => key.WarnedDays == null || key.WarnedDays > EndWarning.LastDays);
        if (after is { } last)
            ending = ending.After(key => key.Id, last);
        return await ending.OrderBy(key => key.Id).Take(most).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<PulsarKey>> EndingAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) =>
        await Of(organization, scope)
            .AsNoTracking()
            .Where(key => key.ReplacedBy == null && key.ExpiresAt <= before)
            .OrderBy(key => key.ExpiresAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<PulsarKey>> LeftByApiKeysAsync(int most, CancellationToken cancellationToken) =>
        await Keys.AsNoTracking()
            .Where(key => key.State != ResourceState.Deleting && context.ApiKeys.Any(made => made.EndsMade && made.Id == key.MadeWith))
            .OrderBy(key => key.CreatedAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    public async Task UsedAsync(IReadOnlyCollection<KeyId> keys, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var before = at - TimeSpan.FromMinutes(1);
        foreach (var batch in keys.Chunk(500))
        {
            await context
                .PulsarKeys.Where(key => batch.Contains(key.Id) && (key.LastUsedAt == null || key.LastUsedAt <= before))
                .ExecuteUpdateAsync(set => set.SetProperty(key => key.LastUsedAt, at), cancellationToken);
        }
    }

    public async Task<IReadOnlyList<PulsarKey>> EverOfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        await context.PulsarKeys.Where(key => key.NamespaceId == @namespace).OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<KeyGrant>> GrantsOfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        await context
            .KeyGrants.AsNoTracking()
            .Where(grant => Keys.Any(key => key.Id == grant.KeyId && key.NamespaceId == @namespace))
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<KeyGrant>> GrantsAsync(KeyId key, CancellationToken cancellationToken) =>
        await context.KeyGrants.Where(grant => grant.KeyId == key).OrderBy(grant => grant.TopicId).ToListAsync(cancellationToken);

    public Task<int> CountGrantsAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        context.KeyGrants.CountAsync(grant => Keys.Any(key => key.Id == grant.KeyId && key.NamespaceId == @namespace), cancellationToken);

    public Task<int> CountAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken) =>
        Of(organization, scope).CountAsync(cancellationToken);

    public async Task<IReadOnlyList<KeyGrant>> GrantsOfTopicAsync(TopicId topic, CancellationToken cancellationToken) =>
        await context
            .KeyGrants.Where(grant => grant.TopicId == topic && Keys.Any(key => key.Id == grant.KeyId))
            .OrderBy(grant => grant.KeyId)
            .ToListAsync(cancellationToken);

    private IQueryable<PulsarKey> Of(OrganizationId organization, Scope scope) =>
        Keys.Where(key =>
            key.OrganizationId == organization
            && (scope.Tenant == null || key.TenantName == scope.Tenant)
            && (scope.Namespace == null || key.NamespaceName == scope.Namespace)
        );

    public async Task<(PulsarKey Key, TopicId Topic)?> NextGrantAsync(NamespaceId @namespace, CancellationToken cancellationToken)
    {
        var wanted = context.PulsarKeys.Where(key =>
            key.NamespaceId == @namespace && (key.State == ResourceState.Creating || key.State == ResourceState.Ready)
        );
        var missing = context.KeyGrants.Where(grant =>
            grant.GrantedAt == null && context.Topics.Any(topic => topic.Id == grant.TopicId && topic.State == ResourceState.Ready)
        );
        var first = await missing
            .Where(grant => wanted.Any(key => key.Id == grant.KeyId))
            .GroupBy(grant => grant.KeyId)
            .Select(grants => new { Key = grants.Key, Count = grants.Count() })
            .OrderBy(grants => grants.Count)
            .ThenBy(grants => grants.Key)
            .FirstOrDefaultAsync(cancellationToken);
        if (first is null)
            return null;
        var topics = await missing
            .Where(grant => grant.KeyId == first.Key)
            .OrderBy(grant => grant.TopicId)
            .Select(grant => grant.TopicId)
            .Take(1)
            .ToListAsync(cancellationToken);
        return topics.Count == 0 ? null : (await context.PulsarKeys.SingleAsync(key => key.Id == first.Key, cancellationToken), topics[0]);
    }

    public Task<int> CountMissingAsync(KeyId key, CancellationToken cancellationToken) =>
        context.KeyGrants.CountAsync(
            grant =>
                grant.KeyId == key
                && grant.GrantedAt == null
                && context.Topics.Any(topic =>
                    topic.Id == grant.TopicId && (topic.State == ResourceState.Ready || topic.State == ResourceState.Creating)
                ),
            cancellationToken
        );

    public void Add(PulsarKey key) => context.Add(key);

    public void Add(KeyGrant grant) => context.Add(grant);

    public void Remove(KeyGrant grant) => context.Remove(grant);
}
