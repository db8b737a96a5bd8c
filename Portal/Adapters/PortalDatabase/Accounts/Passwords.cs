using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Identity's hasher, at most one hash per core at a time.</summary>
internal sealed class Passwords(IPasswordHasher<PortalUser> hasher) : IPasswords, IDisposable
{
    // The hasher never looks at the user.
    private static readonly PortalUser Nobody = new();

    // What an unknown account's password is checked against, so that it takes as long as a known one's.
    private readonly string _decoy = hasher.HashPassword(Nobody, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) => InTurnAsync(() => hasher.HashPassword(Nobody, password), cancellationToken);

    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => hasher.VerifyHashedPassword(Nobody, hash ?? _decoy, password) != PasswordVerificationResult.Failed && hash is not null, cancellationToken);

    public void Dispose() => _turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return hash();
        }
        finally
        {
            _turns.Release();
        }
    }
}
