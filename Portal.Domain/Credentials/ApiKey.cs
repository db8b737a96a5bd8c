using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>
/// A key for the portal's own REST API. An account's key acts as the account; an organization's is an actor of its own
/// with a role. What is kept is the SHA-256 of the key, never the key.
/// </summary>
public sealed class ApiKey
{
    private static readonly TimeSpan ExpiringWithin = TimeSpan.FromDays(14);

    private ApiKey() { }

    private ApiKey(ApiKeyId id, string name, string text, DateTimeOffset createdAt, DateTimeOffset? expiresAt) =>
        (Id, Name, Hash, Ending, CreatedAt, ExpiresAt) = (id, name, ApiKeyText.Hash(text), text[^4..], createdAt, expiresAt);

    /// <summary>A key that acts as the account.</summary>
    /// <param name="bound">The role it may not do more than, in whatever organization; null for all that the account may do.</param>
    public static ApiKey OfAccount(
        ApiKeyId id,
        Account account,
        string name,
        string text,
        Role? bound,
        DateTimeOffset createdAt,
        DateTimeOffset? expiresAt
    ) =>
        new(id, name, text, createdAt, expiresAt)
        {
            AccountId = account.Id,
            Role = bound,
            CreatedById = account.Id,
            CreatedBy = account.Email,
        };

    public static ApiKey OfOrganization(
        ApiKeyId id,
        Grant grant,
        string name,
        string text,
        AccountId createdById,
        string createdBy,
        DateTimeOffset createdAt,
        DateTimeOffset? expiresAt
    ) =>
        new(id, name, text, createdAt, expiresAt)
        {
            OrganizationId = grant.Organization,
            Role = grant.Role,
            Tenant = grant.Scope.Tenant,
            Namespace = grant.Scope.Namespace,
            CreatedById = createdById,
            CreatedBy = createdBy,
        };

    public ApiKeyId Id { get; private set; }
    public string Name { get; private set; } = "";
    public byte[] Hash { get; private set; } = [];

    /// <summary>The last four characters, so that a key found somewhere can be told from the others.</summary>
    public string Ending { get; private set; } = "";

    /// <summary>Set for an account's key, and then the organization is not.</summary>
    public AccountId? AccountId { get; private set; }

    public OrganizationId? OrganizationId { get; private set; }

    /// <summary>Of an organization's key always; of an account's what narrows it, if anything.</summary>
    public Role? Role { get; private set; }

    public string? Tenant { get; private set; }
    public string? Namespace { get; private set; }

    /// <summary>Who knows the key: when they leave the organization it ends.</summary>
    public AccountId CreatedById { get; private set; }

    /// <summary>Their email address then.</summary>
    public string CreatedBy { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>It was revoked together with the keys to topics and the invitations that were made with it.</summary>
    public bool EndsMade { get; private set; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>The network address of that use.</summary>
    public string? LastUsedFrom { get; private set; }

    /// <summary>The key that a rotation put in its place.</summary>
    public ApiKeyId? ReplacedBy { get; private set; }

    /// <summary>How many days before its end people were told of it last; null for not at all (<see cref="EndWarning"/>).</summary>
    public int? WarnedDays { get; private set; }

    public void Warned(int days) => WarnedDays = days;

    public Scope Scope => new(Tenant, Namespace);

    public bool IsLive(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>Live, and about to end by itself.</summary>
    public bool IsExpiring(DateTimeOffset now) => IsLive(now) && ExpiresAt - now < ExpiringWithin;

    public void Revoke(DateTimeOffset at) => RevokedAt ??= at;

    /// <summary>What was made with it ends too, also what is still being made.</summary>
    public void EndMade() => EndsMade = true;

    /// <summary>
    /// The key that takes this one's place: the same name, role, scope and length of life. This one ends after the
    /// overlap, or with its own expiry if that comes first.
    /// </summary>
    public ApiKey Rotate(ApiKeyId id, string text, (AccountId Id, string Email)? by, TimeSpan overlap, DateTimeOffset now)
    {
        var next = new ApiKey(id, Name, text, now, ExpiresAt is { } expiry ? now + (expiry - CreatedAt) : null)
        {
            AccountId = AccountId,
            OrganizationId = OrganizationId,
            Role = Role,
            Tenant = Tenant,
            Namespace = Namespace,
            CreatedById = by?.Id ?? CreatedById,
            CreatedBy = by?.Email ?? CreatedBy,
        };
        ReplacedBy = id;
        var end = now + overlap;
        if (overlap == TimeSpan.Zero)
            Revoke(now);
        else if (!(ExpiresAt <= end))
            ExpiresAt = end;
        return next;
    }
}

public interface IApiKeyStore
{
    /// <summary>Whatever became of it.</summary>
    Task<ApiKey?> FindAsync(byte[] hash, CancellationToken cancellationToken);

    Task<ApiKey?> FindAsync(OrganizationId organization, ApiKeyId id, CancellationToken cancellationToken);

    Task<ApiKey?> FindAsync(AccountId account, ApiKeyId id, CancellationToken cancellationToken);

    /// <summary>Newest first, those that ended included.</summary>
    Task<PageOf<ApiKey>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    Task<PageOf<ApiKey>> ListAsync(AccountId account, PageRequest page, CancellationToken cancellationToken);

    Task<IReadOnlyList<ApiKey>> LiveAsync(OrganizationId organization, DateTimeOffset now, CancellationToken cancellationToken);

    Task<IReadOnlyList<ApiKey>> LiveAsync(AccountId account, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Live keys without a successor that end by themselves before, and about which not everything was said; by id.</summary>
    Task<IReadOnlyList<ApiKey>> EndingAsync(
        DateTimeOffset now,
        DateTimeOffset before,
        ApiKeyId? after,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>Keys of the organization, live and without a successor, that end by themselves before; by their end.</summary>
    Task<IReadOnlyList<ApiKey>> EndingAsync(
        OrganizationId organization,
        DateTimeOffset now,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>A key and those that it replaced one after another, of the same organization or account.</summary>
    Task<IReadOnlyList<ApiKey>> LineageAsync(ApiKey key, CancellationToken cancellationToken);

    /// <summary>Whether the key was revoked together with what it made.</summary>
    Task<bool> EndsMadeAsync(ApiKeyId id, CancellationToken cancellationToken);

    void Add(ApiKey key);

    /// <summary>Notes a use unless one less than a minute before it is known; of several replicas one writes.</summary>
    Task UsedAsync(ApiKeyId id, DateTimeOffset at, string? address, CancellationToken cancellationToken);
}
