using System.Buffers.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>A passkey as it is kept: its public half. A value, like <see cref="AccountState"/>.</summary>
/// <param name="Id">The credential id that the authenticator chose, base64url.</param>
/// <param name="PublicKey">COSE.</param>
/// <param name="SignCount">Of the last use; zero where the authenticator does not count.</param>
/// <param name="IsBackedUp">Kept by a password manager or a platform, so that it outlives the device.</param>
public sealed record Passkey(
    string Id,
    AccountId Account,
    string Name,
    byte[] PublicKey,
    DateTimeOffset CreatedAt,
    long SignCount,
    IReadOnlyList<string> Transports,
    bool IsBackupEligible,
    bool IsBackedUp,
    byte[] AttestationObject,
    byte[] ClientData
)
{
    /// <summary>
    /// When the question was asked whose answer was accepted last; null before the first. What answers it once more, or one
    /// from before it, was seen by somebody on the way.
    /// </summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>The passkey as it is in the transaction, after a proof; null when the proof was used already.</summary>
    internal Passkey? After(PasskeyProof proof) =>
        AskedAt is { } last && last >= proof.AskedAt ? null : proof.Passkey with { AskedAt = proof.AskedAt };

    /// <summary>The id's bytes, null for what is no id.</summary>
    public static byte[]? Decode(string id) => id.Length <= LongestId && Base64Url.IsValid(id) ? Base64Url.DecodeFromChars(id) : null;

    // 1,023 bytes (WebAuthn §4) in base64url.
    private const int LongestId = 1364;
}

/// <summary>Passkeys inside one transaction.</summary>
public interface IPasskeyStore
{
    Task<Passkey?> FindAsync(AccountId account, string id, CancellationToken cancellationToken);

    /// <summary>Oldest first; an account has few.</summary>
    Task<IReadOnlyList<Passkey>> ListAsync(AccountId account, CancellationToken cancellationToken);

    void Add(Passkey passkey);

    /// <summary>Writes what became of a passkey that was found in this transaction.</summary>
    void Save(Passkey passkey);

    void Remove(Passkey passkey);
}

/// <summary>What an authenticator's answer proved: the person was there and was verified by it.</summary>
/// <param name="Passkey">With the sign count of this use.</param>
/// <param name="AskedAt">When the browser was given the challenge, as our own sealed word says.</param>
public sealed record PasskeyProof(Passkey Passkey, DateTimeOffset AskedAt);

/// <summary>
/// The two ceremonies of WebAuthn. Begun and finished by the same browser within five minutes; user verification is
/// always required, so a passkey is two factors in one.
/// </summary>
public interface IPasskeyCeremonies
{
    /// <summary>
    /// JSON for <c>navigator.credentials.create</c>. Authenticators that hold a passkey of the account already are left out.
    /// </summary>
    Task<string> BeginRegistrationAsync(Account account, CancellationToken cancellationToken);

    Task<Outcome<Passkey>> FinishRegistrationAsync(AccountId account, string name, string? credential, CancellationToken cancellationToken);

    /// <summary>JSON for <c>navigator.credentials.get</c>.</summary>
    /// <param name="account">Null at the sign-in: the passkey says whose it is.</param>
    Task<string> BeginProofAsync(AccountId? account, CancellationToken cancellationToken);

    Task<Outcome<PasskeyProof>> FinishProofAsync(string? credential, CancellationToken cancellationToken);
}
