using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Federation;
using Portal.Domain.OpenId;

namespace Portal.Tests.Support;

/// <summary>Links to providers in memory.</summary>
public sealed class MemoryLogins : List<ExternalLogin>, IExternalLoginStore
{
    public Task<ExternalLogin?> FindAsync(string link, string subject, CancellationToken cancellationToken) =>
        Task.FromResult(Find(login => login.Link == link && login.Subject == subject));

    public Task<IReadOnlyList<ExternalLogin>> OfAccountAsync(AccountId account, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ExternalLogin>>(FindAll(login => login.AccountId == account));

    void IExternalLoginStore.Remove(ExternalLogin login) => Remove(login);

    public Task RemoveAllAsync(string linkPrefix, CancellationToken cancellationToken) =>
        Task.FromResult(RemoveAll(login => login.Link.StartsWith(linkPrefix, StringComparison.Ordinal)));
}

/// <summary>Keys to topics in memory, without grants.</summary>
public sealed class MemoryPulsarKeys : List<PulsarKey>, IKeyStore
{
    public Task<IReadOnlyList<KeyStanding>> StandingsAsync(IReadOnlyCollection<KeyId> keys, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<PulsarKey?> FindAsync(OrganizationId organization, KeyId id, CancellationToken cancellationToken) =>
        Task.FromResult(Find(key => key.OrganizationId == organization && key.Id == id));

    public Task<PulsarKey?> FindAsync(KeyId id, CancellationToken cancellationToken) => Task.FromResult(Find(key => key.Id == id));

    public Task<IReadOnlyList<PulsarKey>> CreatedByAsync(
        OrganizationId organization,
        AccountId account,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<PulsarKey>>(FindAll(key => key.OrganizationId == organization && key.CreatedById == account));

    public Task<IReadOnlyList<PulsarKey>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<PageOf<PulsarKey>> ListAsync(
        OrganizationId organization,
        Scope scope,
        TenantId? tenant,
        TopicId? topic,
        PageRequest page,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<int> CountAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> MadeWithAsync(IReadOnlyCollection<ApiKeyId> keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PulsarKey>>(FindAll(key => key.MadeWith is { } made && keys.Contains(made)));

    public Task<IReadOnlyList<PulsarKey>> CoveringAllTopicsAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> OfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> EverOfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<KeyGrant>> GrantsOfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<KeyGrant>> GrantsAsync(KeyId key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<KeyGrant>> GrantsOfTopicAsync(TopicId topic, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<int> CountGrantsAsync(NamespaceId @namespace, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<(PulsarKey Key, TopicId Topic)?> NextGrantAsync(NamespaceId @namespace, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<int> CountMissingAsync(KeyId key, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> EndingAsync(
        DateTimeOffset now,
        DateTimeOffset before,
        KeyId? after,
        int most,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> EndingAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> ExpiredAsync(DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<PulsarKey>> LeftByApiKeysAsync(int most, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task UsedAsync(IReadOnlyCollection<KeyId> keys, DateTimeOffset at, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public void Add(KeyGrant grant) => throw new NotSupportedException();

    public void Remove(KeyGrant grant) => throw new NotSupportedException();
}

/// <summary>Clients in memory with the hash of their secret.</summary>
public sealed class MemoryClients : Dictionary<OidcClientId, (OidcClient Client, string? Hash)>, IOidcClientStore
{
    public Task<OidcClient?> FindAsync(OidcClientId id, CancellationToken cancellationToken) =>
        Task.FromResult(TryGetValue(id, out var found) ? found.Client : null);

    public Task<PageOf<OidcClient>> ListAsync(OrganizationId? organization, PageRequest page, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<int> CountAsync(OrganizationId? organization, CancellationToken cancellationToken) =>
        Task.FromResult(Values.Count(one => one.Client.OrganizationId == organization));

    public void Add(OidcClient client, string? secretHash) => Add(client.Id, (client, secretHash));

    public Task ChangeAsync(OidcClient client, CancellationToken cancellationToken)
    {
        this[client.Id] = (client, this[client.Id].Hash);
        return Task.CompletedTask;
    }

    public Task SetSecretAsync(OidcClientId id, string secretHash, AccountId? knownTo, CancellationToken cancellationToken)
    {
        this[id] = (this[id].Client with { SecretKnownTo = knownTo }, secretHash);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<OidcClient>> KnownToAsync(
        OrganizationId organization,
        AccountId account,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<OidcClient>>([
            .. Values.Select(one => one.Client).Where(client => client.OrganizationId == organization && client.SecretKnownTo == account),
        ]);

    public Task RevokeOwnTokensAsync(OidcClientId id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(OidcClientId id, CancellationToken cancellationToken) => Task.FromResult(Remove(id));
}
