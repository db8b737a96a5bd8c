using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Tests.Support;

/// <summary>API keys in memory, oldest first.</summary>
public sealed class MemoryApiKeys : List<ApiKey>, IApiKeyStore
{
    public Task<ApiKey?> FindAsync(byte[] hash, CancellationToken cancellationToken) =>
        Task.FromResult(Find(key => key.Hash.AsSpan().SequenceEqual(hash)));

    public Task<ApiKey?> FindAsync(OrganizationId organization, ApiKeyId id, CancellationToken cancellationToken) =>
        Task.FromResult(Find(key => key.OrganizationId == organization && key.Id == id));

    public Task<ApiKey?> FindAsync(AccountId account, ApiKeyId id, CancellationToken cancellationToken) =>
        Task.FromResult(Find(key => key.AccountId == account && key.Id == id));

    public Task<PageOf<ApiKey>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        Page(key => key.OrganizationId == organization);

    public Task<PageOf<ApiKey>> ListAsync(AccountId account, PageRequest page, CancellationToken cancellationToken) =>
        Page(key => key.AccountId == account);

    public Task<IReadOnlyList<ApiKey>> LiveAsync(OrganizationId organization, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ApiKey>>(FindAll(key => key.OrganizationId == organization && key.IsLive(now)));

    public Task<IReadOnlyList<ApiKey>> LiveAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ApiKey>>(FindAll(key => key.AccountId == account && key.IsLive(now)));

    public Task<IReadOnlyList<ApiKey>> LineageAsync(ApiKey key, CancellationToken cancellationToken)
    {
        var line = new List<ApiKey> { key };
        while (Find(before => before.ReplacedBy == line[^1].Id) is { } before)
            line.Add(before);
        return Task.FromResult<IReadOnlyList<ApiKey>>(line);
    }

    public Task<bool> EndsMadeAsync(ApiKeyId id, CancellationToken cancellationToken) =>
        Task.FromResult(Exists(key => key.Id == id && key.EndsMade));

    public Task<IReadOnlyList<ApiKey>> EndingAsync(
        DateTimeOffset now,
        DateTimeOffset before,
        ApiKeyId? after,
        int most,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<IReadOnlyList<ApiKey>> EndingAsync(
        OrganizationId organization,
        DateTimeOffset now,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task UsedAsync(ApiKeyId id, DateTimeOffset at, string? address, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private Task<PageOf<ApiKey>> Page(Predicate<ApiKey> which) =>
        Task.FromResult(new PageOf<ApiKey>([.. Enumerable.Reverse(FindAll(which))], null));
}
