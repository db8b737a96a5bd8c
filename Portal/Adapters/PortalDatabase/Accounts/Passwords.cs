using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Identity's hasher on half of the cores at most: a flood of sign-ins leaves the others to pages.</summary>
internal sealed class Passwords(IPasswordHasher<PortalUser> hasher) : IPasswords, IDisposable
{
    // A hash takes about a tenth of a second: this many wait some five seconds.
    private const int MostWaitingPerTurn = 50;

    // The hasher never looks at the user.
    private static readonly PortalUser Nobody = new();

    // What an unknown account's password is checked against, so that it takes as long as a known one's.
    private readonly string _decoy = hasher.HashPassword(Nobody, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    private readonly SemaphoreSlim _turns = new(Turns);
    private int _waiting;

    private static int Turns => Math.Max(1, Environment.ProcessorCount / 2);

    public bool IsBusy => Volatile.Read(ref _waiting) >= MostWaitingPerTurn * Turns;

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) => InTurnAsync(() => hasher.HashPassword(Nobody, password), cancellationToken);

    public Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken) =>
        InTurnAsync(() => hasher.VerifyHashedPassword(Nobody, hash ?? _decoy, password) != PasswordVerificationResult.Failed && hash is not null, cancellationToken);

    public void Dispose() => _turns.Dispose();

    private async Task<T> InTurnAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _turns.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
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
