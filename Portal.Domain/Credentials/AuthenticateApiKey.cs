using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>A key that is accepted, and the account that it acts as; null for an organization's.</summary>
public sealed record LiveApiKey(ApiKey Key, Account? Account);

/// <summary>
/// Who a key stands for, at this moment. Nothing is kept from one call to the next: a revoked key fails on its next one, on every replica.
/// </summary>
public sealed class AuthenticateApiKey(IPortalDatabase database, IAccountDirectory accounts, TimeProvider clock)
{
    /// <summary>
    /// Null for a key that is unknown or ended, or whose account is gone. The look-up is by hash: how long it takes says nothing about the
    /// key.
    /// </summary>
    public async Task<LiveApiKey?> RunAsync(string text, CancellationToken cancellationToken)
    {
        var hash = ApiKeyText.Hash(text);
        var key = await database.ReadAsync(session => session.ApiKeys.FindAsync(hash, cancellationToken), cancellationToken);
        if (key is null || !key.IsLive(clock.Now()))
            return null;
        if (key.AccountId is not { } owner)
            return new(key, null);
        return await accounts.FindAsync(owner, cancellationToken) is { } account ? new(key, account) : null;
    }
}

/// <summary>Writes down that a key was used; the request that used it does not wait for this.</summary>
public sealed class NoteApiKeyUse(IPortalDatabase database)
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    public Task RunAsync(ApiKeyId key, DateTimeOffset at, string? address, CancellationToken cancellationToken) =>
        database.UpdateAsync(
            null,
            async session =>
            {
                await session.ApiKeys.UsedAsync(key, at, address, cancellationToken);
                return true;
            },
            cancellationToken
        );
}
