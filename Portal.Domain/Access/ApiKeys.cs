using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A key for the portal's own REST API, as it is kept: the SHA-256 of the key, never the key.</summary>
public sealed record ApiKeyRecord(ApiKeyId Id, AccountId Account, string Name, byte[] Hash, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

public interface IApiKeyStore
{
    Task<ApiKeyRecord?> FindAsync(byte[] hash, CancellationToken cancellationToken);

    Task AddAsync(ApiKeyRecord key, CancellationToken cancellationToken);
}
