using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class ApiKeyStore(PortalDbContext context) : IApiKeyStore
{
    public Task<ApiKey?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        context.ApiKeys.SingleOrDefaultAsync(key => key.Hash == hash, cancellationToken);

    public Task<ApiKey?> FindAsync(OrganizationId organization, ApiKeyId id, CancellationToken cancellationToken) =>
        context.ApiKeys.SingleOrDefaultAsync(key => key.OrganizationId == organization && key.Id == id, cancellationToken);

    public Task<ApiKey?> FindAsync(AccountId account, ApiKeyId id, CancellationToken cancellationToken) =>
        context.ApiKeys.SingleOrDefaultAsync(key => key.AccountId == account && key.Id == id, cancellationToken);

    public Task<PageOf<ApiKey>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        context
            .ApiKeys.Where(key => key.OrganizationId == organization)
            .PageAsync(page, "api-keys", key => key.CreatedAt, key => key.Id, newestFirst: true, cancellationToken);

    public Task<PageOf<ApiKey>> ListAsync(AccountId account, PageRequest page, CancellationToken cancellationToken) =>
        context
            .ApiKeys.Where(key => key.AccountId == account)
            .PageAsync(page, "api-keys-of-account", key => key.CreatedAt, key => key.Id, newestFirst: true, cancellationToken);

    public async Task<IReadOnlyList<ApiKey>> LiveAsync(
        OrganizationId organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => await Live(now).Where(key => key.OrganizationId == organization).OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<ApiKey>> LiveAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken) =>
        await Live(now).Where(key => key.AccountId == account).OrderBy(key => key.CreatedAt).ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<ApiKey>> EndingAsync(
        DateTimeOffset now,
        DateTimeOffset before,
        ApiKeyId? after,
        int most,
        CancellationToken cancellationToken
    )
    {
        var ending = Ending(now, before).Where(key => key.WarnedDays == null || key.WarnedDays > EndWarning.LastDays);
        if (after is { } last)
            ending = ending.After(key => key.Id, last);
        return await ending.OrderBy(key => key.Id).Take(most).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<ApiKey>> EndingAsync(
        OrganizationId organization,
        DateTimeOffset now,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) =>
        await Ending(now, before)
            .Where(key => key.OrganizationId == organization)
            .OrderBy(key => key.ExpiresAt)
            .Take(most)
            .ToListAsync(cancellationToken);

    public async Task<IReadOnlyList<ApiKey>> LineageAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var line = new List<ApiKey> { key };
        for (ApiKeyId? last = key.Id; last is { } id; )
        {
            var before = await context.ApiKeys.SingleOrDefaultAsync(one => one.ReplacedBy == id, cancellationToken);
            if (before is not null)
                line.Add(before);
            last = before?.Id;
        }
        return line;
    }

    public Task<bool> EndsMadeAsync(ApiKeyId id, CancellationToken cancellationToken) =>
        context.ApiKeys.AnyAsync(key => key.Id == id && key.EndsMade, cancellationToken);

    public void Add(ApiKey key) => context.Add(key);

    public Task UsedAsync(ApiKeyId id, DateTimeOffset at, string? address, CancellationToken cancellationToken)
    {
        var before = at - NoteApiKeyUse.Every;
        return context
            .ApiKeys.Where(key => key.Id == id && (key.LastUsedAt == null || key.LastUsedAt <= before))
            .ExecuteUpdateAsync(
                set => set.SetProperty(key => key.LastUsedAt, at).SetProperty(key => key.LastUsedFrom, address),
                cancellationToken
            );
    }

    private IQueryable<ApiKey> Ending(DateTimeOffset now, DateTimeOffset before) =>
        context
            .ApiKeys.AsNoTracking()
            .Where(key => key.RevokedAt == null && key.ReplacedBy == null && key.ExpiresAt > now && key.ExpiresAt <= before);

    private IQueryable<ApiKey> Live(DateTimeOffset now) =>
        context.ApiKeys.Where(key => key.RevokedAt == null && (key.ExpiresAt == null || key.ExpiresAt > now));
}
