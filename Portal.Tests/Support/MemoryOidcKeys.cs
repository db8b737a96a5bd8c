using Portal.Domain.OpenId;

namespace Portal.Tests.Support;

/// <summary>The provider's keys, in memory.</summary>
public sealed class MemoryOidcKeys : IOidcKeyStore
{
    public List<OidcKey> Keys { get; } = [];

    public Task<IReadOnlyList<OidcKey>> AllAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<OidcKey>>([.. Keys.OrderBy(key => key.CreatedAt)]);

    public void Add(OidcKey key) => Keys.Add(key);

    public void Remove(OidcKey key) => Keys.Remove(key);
}
