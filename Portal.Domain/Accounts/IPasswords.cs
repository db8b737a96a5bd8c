using Portal.Domain.Access;

namespace Portal.Domain.Accounts;

/// <summary>
/// Hashes passwords, few at a time, so that sign-ins queue for it and pages do not. Open sessions come first, and networks
/// take turns: however many strangers ask, each of them waits for the others of its own.
/// </summary>
public interface IPasswords
{
    /// <summary>So many of their own wait already that one more would wait too long: refuse before asking.</summary>
    bool IsBusy(Actor by) => false;

    Task<string> HashAsync(Actor by, string password, CancellationToken cancellationToken);

    /// <summary>
    /// Made with another secret of the settings than is in use now, or without one: make it anew while the password is at hand.
    /// </summary>
    bool IsOutdated(string hash) => false;

    /// <param name="hash">Null for an account that does not exist or has no password: takes as long as one that does, and is false.</param>
    Task<bool> VerifyAsync(Actor by, string? hash, string password, CancellationToken cancellationToken);
}
