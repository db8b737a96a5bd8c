using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>Written <c>pending</c>, <c>accepted</c>, <c>expired</c>, <c>revoked</c>.</summary>
public enum InvitationState
{
    Pending,
    Accepted,
    Expired,
    Revoked,
}

/// <summary>How long invitations are good for, and how many mails they may cause in a day.</summary>
/// <param name="PerDay">Of one organization.</param>
/// <param name="PerDayAndAddress">To one address, from all organizations together: the portal is no tool to molest people with.</param>
public sealed record InvitationSettings(TimeSpan Lifetime, int PerDay, int PerDayAndAddress)
{
    public static InvitationSettings Default { get; } = new(TimeSpan.FromDays(7), 50, 10);
}

/// <summary>A role offered to whoever reads the mail of an address. The token of the mail is kept as its SHA-256.</summary>
public sealed class Invitation
{
    private const int TokenBytes = 32;

    private Invitation() { }

    public Invitation(
        InvitationId id,
        Grant grant,
        EmailAddress email,
        AccountId? invitedById,
        string invitedBy,
        DateTimeOffset createdAt,
        ApiKeyId? madeWith = null
    )
    {
        (Id, OrganizationId, Role, Tenant, Namespace) = (id, grant.Organization, grant.Role, grant.Scope.Tenant, grant.Scope.Namespace);
        (Email, EmailKey, InvitedById, InvitedBy, CreatedAt, MadeWith) = (
            email.Value,
            KeyOf(email),
            invitedById,
            invitedBy,
            createdAt,
            madeWith
        );
    }

    public InvitationId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>As it was typed.</summary>
    public string Email { get; private set; } = "";

    /// <summary>Letter case does not make another address.</summary>
    public string EmailKey { get; private set; } = "";

    public Role Role { get; private set; }
    public string? Tenant { get; private set; }
    public string? Namespace { get; private set; }
    public byte[] TokenHash { get; private set; } = [];

    /// <summary>When they leave the organization the invitation ends; of a key or client, who made it or knows its secret.</summary>
    public AccountId? InvitedById { get; private set; }

    public string InvitedBy { get; private set; } = "";

    /// <summary>The API key that it was made with; null for what a person made in the browser, or a client.</summary>
    public ApiKeyId? MadeWith { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The last mail.</summary>
    public DateTimeOffset SentAt { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>Mails since <see cref="CountedFrom"/>, of the day in which the last one was sent.</summary>
    public int SentInDay { get; private set; }
    public DateTimeOffset CountedFrom { get; private set; }
    public DateTimeOffset? AcceptedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    public Scope Scope => new(Tenant, Namespace);

    public InvitationState State(DateTimeOffset now) =>
        AcceptedAt is not null ? InvitationState.Accepted
        : RevokedAt is not null ? InvitationState.Revoked
        : ExpiresAt <= now ? InvitationState.Expired
        : InvitationState.Pending;

    /// <summary>A token for a new mail; the one of the mail before is void.</summary>
    public string Send(DateTimeOffset now, TimeSpan lifetime)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        // Counted from the first mail of a day on: a mail that is sent again is a mail.
        (CountedFrom, SentInDay) = now - CountedFrom < TimeSpan.FromDays(1) ? (CountedFrom, SentInDay + 1) : (now, 1);
        (TokenHash, SentAt, ExpiresAt) = (HashOf(token), now, now + lifetime);
        return token;
    }

    public void Accept(DateTimeOffset at) => AcceptedAt = at;

    public void Revoke(DateTimeOffset at) => RevokedAt ??= at;

    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public static string KeyOf(EmailAddress email) => email.Value.ToLowerInvariant();
}

public interface IInvitationStore
{
    Task<Invitation?> FindAsync(OrganizationId organization, InvitationId id, CancellationToken cancellationToken);

    /// <summary>Whatever became of it.</summary>
    Task<Invitation?> FindAsync(byte[] tokenHash, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<Invitation>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    Task<IReadOnlyList<Invitation>> PendingAsync(OrganizationId organization, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Pending ones of whatever organization that were made with one of these API keys.</summary>
    Task<IReadOnlyList<Invitation>> MadeWithAsync(
        IReadOnlyCollection<ApiKeyId> keys,
        DateTimeOffset now,
        CancellationToken cancellationToken
    );

    /// <summary>Mails of invitations since: those of the day in which one of them was sent last.</summary>
    Task<int> CountSentAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Those that one person sent, in whatever organization.</summary>
    Task<int> CountSentByAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken);

    Task<int> CountSentToAsync(EmailAddress email, DateTimeOffset since, CancellationToken cancellationToken);

    void Add(Invitation invitation);
}
