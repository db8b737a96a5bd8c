using System.Security.Cryptography;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Federation;

/// <summary>An organization's own way to sign in: its provider, its email domain, and what who comes through it becomes.</summary>
public sealed class OrganizationSignIn
{
    private const string SecretPurpose = "organization-sign-in";

    private OrganizationSignIn() { }

    public OrganizationSignIn(OrganizationId organization, DateTimeOffset at) => (OrganizationId, CreatedAt) = (organization, at);

    public OrganizationId OrganizationId { get; private set; }
    public string Issuer { get; private set; } = "";
    public string ClientId { get; private set; } = "";

    /// <summary>Encrypted; null for a public client.</summary>
    public string? SealedSecret { get; private set; }

    public string Domain { get; private set; } = "";

    /// <summary>What the operator looks for in the domain's DNS: <c>portal-verify=…</c>.</summary>
    public string DomainToken { get; private set; } = "";

    /// <summary>When the operator saw it; null while nobody has.</summary>
    public DateTimeOffset? DomainProvenAt { get; private set; }

    /// <summary>Of accounts that are made members by coming through the provider.</summary>
    public Role DefaultRole { get; private set; } = Role.Viewer;

    /// <summary>When an owner last came through the provider: before that it cannot be the only way.</summary>
    public DateTimeOffset? OwnerCameAt { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>People may come through it.</summary>
    public bool IsReady => DomainProvenAt is not null;

    internal string? OpenSecret(ISecretSeal seal) => SealedSecret is null ? null : seal.Open(SecretPurpose, SealedSecret);

    /// <param name="secret">Null keeps the one that is there.</param>
    internal void Change(string issuer, string clientId, string? secret, string domain, Role defaultRole, ISecretSeal seal)
    {
        // Another provider, or other people: what was shown of the old ones says nothing of the new.
        if (issuer != Issuer || clientId != ClientId)
            (OwnerCameAt, SealedSecret) = (null, null);
        if (domain != Domain)
            (DomainProvenAt, OwnerCameAt, DomainToken) = (
                null,
                null,
                $"portal-verify={RandomNumberGenerator.GetHexString(32, lowercase: true)}"
            );
        (Issuer, ClientId, Domain, DefaultRole) = (issuer, clientId, domain, defaultRole);
        if (secret is not null)
            SealedSecret = seal.Seal(SecretPurpose, secret);
    }

    internal void Prove(DateTimeOffset at) => DomainProvenAt = at;

    internal void OwnerCame(DateTimeOffset at) => OwnerCameAt = at;
}

public interface IOrganizationSignInStore
{
    Task<OrganizationSignIn?> FindAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Whose domain it is proven to be.</summary>
    Task<OrganizationSignIn?> FindByDomainAsync(string domain, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<OrganizationSignIn>> ListAsync(bool onlyWaiting, PageRequest page, CancellationToken cancellationToken);

    /// <summary>
    /// Whether an organization that the account is a member of, and no owner, is entered through its provider only by addresses of this
    /// domain.
    /// </summary>
    Task<bool> BindsAsync(AccountId account, string domain, CancellationToken cancellationToken);

    void Add(OrganizationSignIn signIn);

    void Remove(OrganizationSignIn signIn);
}
