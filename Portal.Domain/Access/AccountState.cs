using System.Security.Cryptography;
using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// An account with what protects it. A value: its methods give the state afterwards, which <see cref="IAccountStore.Save"/>
/// writes.
/// </summary>
/// <param name="SecurityStamp">What links in mails are bound to: a new one makes every older link void.</param>
/// <param name="PasswordHash">Null for who signs in by other means only. Opens nothing until the address is confirmed.</param>
/// <param name="Totp">The second factor, null while it is off.</param>
/// <param name="WrongProofs">Wrong codes after a right password, and wrong proofs in open sessions, since the last whole sign-in. Nobody
/// else can add to them.</param>
public sealed record AccountState(
    Account Account,
    string SecurityStamp,
    string? PasswordHash,
    int WrongProofs = 0,
    DateTimeOffset? LockedUntil = null,
    Totp? Totp = null
)
{
    private const int MostWrongProofs = 10;
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(15);

    public static AccountState New(AccountId id, EmailAddress email, string? passwordHash, DateTimeOffset at) =>
        new(new(id, email.Value, EmailVerified: false, IsOperator: false, at), NewStamp(), passwordHash);

    public bool IsLocked(DateTimeOffset now) => LockedUntil > now;

    /// <summary>One more wrong password or code; the tenth locks the account for 15 minutes. While it is locked nothing counts.</summary>
    public AccountState WithWrongProof(DateTimeOffset now) =>
        IsLocked(now) ? this
        : WrongProofs + 1 < MostWrongProofs ? this with { WrongProofs = WrongProofs + 1 }
        : this with { WrongProofs = 0, LockedUntil = now + Rest };

    public AccountState WithRightProof() => this with { WrongProofs = 0, LockedUntil = null };

    public AccountState WithPassword(string hash) => WithNewStamp().WithRightProof() with { PasswordHash = hash };

    /// <summary>
    /// Another sign-up of an address that nobody has confirmed: the password is the new one's, and counts once the link
    /// sent for it is opened by somebody who knows it. Links sent before stay good for theirs.
    /// </summary>
    public AccountState WithPendingPassword(string hash) => this with { PasswordHash = hash };

    public AccountState WithTotp(Totp? totp) => this with { Totp = totp };

    public AccountState WithNewStamp() => this with { SecurityStamp = NewStamp() };

    /// <summary>Another address, proved; links to the old one are void.</summary>
    public AccountState WithEmail(EmailAddress email) =>
        WithNewStamp() with
        {
            Account = Account with { Email = email.Value, EmailVerified = true },
        };

    public AccountState Verified() => this with { Account = Account with { EmailVerified = true } };

    /// <summary>In the time zone of the browser that signs in; an unknown one changes nothing.</summary>
    public AccountState In(string? timeZone) =>
        TimeZones.Find(timeZone) is null ? this : this with { Account = Account with { TimeZone = timeZone } };

    /// <summary>Without hash and stamp: it may end up in a log.</summary>
    public override string ToString() => $"account {Account.Id}";

    private static string NewStamp() => Convert.ToHexString(RandomNumberGenerator.GetBytes(20));
}

/// <summary>Accounts inside one transaction.</summary>
public interface IAccountStore
{
    Task<bool> AnyAsync(CancellationToken cancellationToken);

    /// <summary>Letter case does not make another address.</summary>
    Task<AccountState?> FindAsync(EmailAddress email, CancellationToken cancellationToken);

    Task<AccountState?> FindAsync(AccountId id, CancellationToken cancellationToken);

    /// <summary>Whether an external provider signs the account in.</summary>
    Task<bool> SignsInElsewhereAsync(AccountId id, CancellationToken cancellationToken);

    /// <summary>
    /// Until the transaction ends nobody else holds it: for limits of one account over several organizations, whose changes are not in
    /// turn.
    /// </summary>
    Task HoldAsync(AccountId id, CancellationToken cancellationToken) => Task.CompletedTask;

    void Add(AccountState account);

    /// <summary>Writes what became of an account that was found in this transaction.</summary>
    void Save(AccountState account);
}
