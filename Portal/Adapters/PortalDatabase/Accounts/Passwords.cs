using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Identity's hasher, after the pepper, on half of the cores at most: a flood of sign-ins leaves the others to pages.</summary>
internal sealed class Passwords(IPasswordHasher<PortalUser> hasher, Peppers peppers) : IPasswords
{
    // A hash takes about a tenth of a second: a network's own keep each other waiting for some seconds at most.
    private const int MostWaiting = 20;

    // The hasher never looks at the user.
    private static readonly PortalUser Nobody = new();

    // What an unknown account's password is checked against, so that it takes as long as a known one's.
    private readonly string _decoy = hasher.HashPassword(Nobody, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));

    private readonly FairTurns _turns = new(Math.Max(1, Environment.ProcessorCount / 2), MostWaiting);

    public bool IsBusy(Actor by) => _turns.IsBusy(ClientNetwork.Of(by.Address), IsFirst(by));

    public Task<string> HashAsync(Actor by, string password, CancellationToken cancellationToken) =>
        InTurnAsync(by, () => peppers.Marked(hasher.HashPassword(Nobody, peppers.Mix(password))), cancellationToken);

    public bool IsOutdated(string hash) => peppers.IsOutdated(hash);

    public Task<bool> VerifyAsync(Actor by, string? hash, string password, CancellationToken cancellationToken) =>
        InTurnAsync(
            by,
            () =>
            {
                // One whose pepper is gone takes as long as every other.
                var known = hash is null ? null : peppers.Read(hash, password);
                var (kept, mixed) = known ?? (_decoy, password);
                return hasher.VerifyHashedPassword(Nobody, kept, mixed) != PasswordVerificationResult.Failed && known is not null;
            },
            cancellationToken
        );

    /// <summary>An open sign-in: its person got past this queue once, and strangers cannot.</summary>
    private static bool IsFirst(Actor by) => by.Session is not null;

    private async Task<T> InTurnAsync<T>(Actor by, Func<T> hash, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(ClientNetwork.Of(by.Address), IsFirst(by), cancellationToken);
        return hash();
    }
}
