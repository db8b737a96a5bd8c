using Portal.Domain.Access;

namespace Portal.Domain.Accounts;

/// <summary>Hashes passwords, few at a time, so that sign-ins queue for it and pages do not.</summary>
public interface IPasswords
{
    /// <summary>So many wait for their turn that one more would wait too long: refuse before asking.</summary>
    bool IsBusy => false;

    Task<string> HashAsync(string password, CancellationToken cancellationToken);

    /// <param name="hash">Null for an account that does not exist or has no password: takes as long as one that does, and is false.</param>
    Task<bool> VerifyAsync(string? hash, string password, CancellationToken cancellationToken);
}
