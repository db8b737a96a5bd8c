namespace Portal.Domain.Access;

/// <summary>What a password check found. Only <see cref="Account"/> may sign in.</summary>
/// <param name="Account">The account when the password is right and the account is not locked, else null.</param>
public sealed record PasswordCheck(Account? Account);

/// <summary>An account with what links to it are bound to: a new stamp makes every older link and sign-in void.</summary>
public sealed record StampedAccount(Account Account, string SecurityStamp);

/// <summary>
/// Passwords, stamps and lock-out. Whatever takes a password takes the same time whether the account exists or not, and
/// at most one password per core is hashed at a time.
/// </summary>
public interface IIdentityStore
{
    Task<bool> AnyAccountAsync(CancellationToken cancellationToken);

    /// <summary>The operator's account, verified; null when there is an account already. Of two at once one wins.</summary>
    Task<Account?> CreateFirstAsync(EmailAddress email, string password, CancellationToken cancellationToken);

    /// <summary>
    /// Null when the address belongs to a verified account. One that was never verified gets the new password: whoever
    /// can read the mail decides.
    /// </summary>
    Task<StampedAccount?> CreateUnverifiedAsync(EmailAddress email, string password, CancellationToken cancellationToken);

    Task<StampedAccount?> FindAsync(EmailAddress email, CancellationToken cancellationToken);

    Task<StampedAccount?> FindAsync(Common.AccountId id, CancellationToken cancellationToken);

    /// <summary>Counts wrong passwords; after ten the account is locked for 15 minutes.</summary>
    Task<PasswordCheck> CheckPasswordAsync(EmailAddress email, string password, CancellationToken cancellationToken);

    Task MarkVerifiedAsync(Common.AccountId id, CancellationToken cancellationToken);

    /// <summary>Sets it, gives a new stamp and lifts a lock.</summary>
    Task SetPasswordAsync(Common.AccountId id, string password, CancellationToken cancellationToken);

    /// <summary>A new stamp: every browser signed in is signed out within 30 seconds.</summary>
    Task RenewStampAsync(Common.AccountId id, CancellationToken cancellationToken);
}
