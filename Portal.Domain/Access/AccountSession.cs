using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>How somebody proved who they are.</summary>
public enum SignInMethod
{
    Password,
    PasswordAndCode,
    PasswordAndRecoveryCode,
    Passkey,
    External,
}

/// <summary>
/// A sign-in: one browser of one account. Its cookie holds the id and nothing that could not be looked up; deleting the
/// row ends it.
/// </summary>
public sealed class AccountSession
{
    private const int LongestUserAgent = 300;

    private AccountSession() { }

    public AccountSession(
        SessionId id,
        AccountId account,
        SignInMethod method,
        string? address,
        string? userAgent,
        DateTimeOffset at,
        string? provider = null,
        SessionRule? rule = null
    )
    {
        (Id, AccountId, Method, Address, Provider) = (id, account, method, address, provider);
        UserAgent = userAgent is { Length: > LongestUserAgent } ? userAgent[..LongestUserAgent] : userAgent;
        (CreatedAt, LastSeenAt, ConfirmedAt, ExpiresAt) = (at, at, at, (rule ?? SessionRule.Default).ExpiryOf(at, at));
    }

    public SessionId Id { get; private set; }
    public AccountId AccountId { get; private set; }
    public SignInMethod Method { get; private set; }

    /// <summary>
    /// The link of the provider that proved it (<see cref="ProviderLink"/>), alone or after the portal's own ways; null for none.
    /// </summary>
    public string? Provider { get; private set; }

    /// <summary>The account's own password, code or passkey began it: see <see cref="Actor.ProvedHere"/>.</summary>
    public bool ProvedHere => Method != SignInMethod.External;

    /// <summary>The network address it was last seen from.</summary>
    public string? Address { get; private set; }

    public string? UserAgent { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>The last time the person proved who they are.</summary>
    public DateTimeOffset ConfirmedAt { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public void Confirm(DateTimeOffset at) => ConfirmedAt = at;

    /// <summary>
    /// The person came through an organization's provider as well. The session keeps what it could do, and opens the
    /// organizations that want their provider; a fresh proof of the account this is not.
    /// </summary>
    internal void AlsoThrough(string provider) => Provider = provider;

    /// <summary>
    /// A second factor was shown in a session that a password alone had begun: it is worth as much as one that began with both.
    /// </summary>
    internal void AlsoProved(SignInMethod with)
    {
        if (Method == SignInMethod.Password)
            Method = with;
    }
}

/// <summary>Sign-ins inside one transaction.</summary>
public interface ISessionStore
{
    /// <summary>Null when it ended, has run out, or is another account's.</summary>
    Task<AccountSession?> FindAsync(AccountId account, SessionId id, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<AccountSession>> ListAsync(AccountId account, DateTimeOffset now, PageRequest page, CancellationToken cancellationToken);

    void Add(AccountSession session);

    Task EndAsync(AccountId account, SessionId id, CancellationToken cancellationToken);

    /// <param name="except">One that goes on, or null.</param>
    Task EndAllAsync(AccountId account, SessionId? except, CancellationToken cancellationToken);

    Task ForgetExpiredAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>A sign-in that goes on, with its account.</summary>
public sealed record LiveSession(
    SessionId Id,
    Account Account,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastSeenAt,
    string? Provider = null,
    bool ProvedHere = true,
    SignInMethod Method = SignInMethod.Password
);

/// <summary>For every request and every open page: one row by its key, outside any transaction.</summary>
public interface ISessionDirectory
{
    /// <summary>Null when it ended or has run out.</summary>
    Task<LiveSession?> FindAsync(SessionId id, DateTimeOffset now, CancellationToken cancellationToken);

    /// <param name="address">Null keeps the one that is known.</param>
    Task SeenAsync(SessionId id, DateTimeOffset at, DateTimeOffset expiresAt, string? address, CancellationToken cancellationToken);
}
