using Portal.Domain.Common;

namespace Portal.Domain.Federation;

/// <summary>What a provider said of who signed in, after its tokens were checked.</summary>
/// <param name="Link">As <see cref="SignInProvider.Link"/>.</param>
/// <param name="OrganizationId">Of an organization's own provider.</param>
/// <param name="EmailVerified">Null when the provider did not say.</param>
public sealed record ExternalIdentity(
    string Link,
    string ProviderName,
    OrganizationId? OrganizationId,
    string Subject,
    string? Email,
    bool? EmailVerified
);

/// <summary>An account's way to sign in with a provider.</summary>
public sealed class ExternalLogin
{
    private ExternalLogin() { }

    public ExternalLogin(ExternalIdentity identity, AccountId account, DateTimeOffset at) =>
        (Link, Subject, AccountId, ProviderName, Email, LinkedAt) = (
            identity.Link,
            identity.Subject,
            account,
            identity.ProviderName,
            identity.Email,
            at
        );

    public string Link { get; private set; } = "";
    public string Subject { get; private set; } = "";
    public AccountId AccountId { get; private set; }
    public string ProviderName { get; private set; } = "";

    /// <summary>The address there, when it was linked; for people to tell two of them apart.</summary>
    public string? Email { get; private set; }

    public DateTimeOffset LinkedAt { get; private set; }
}

public interface IExternalLoginStore
{
    Task<ExternalLogin?> FindAsync(string link, string subject, CancellationToken cancellationToken);

    /// <summary>A handful per account.</summary>
    Task<IReadOnlyList<ExternalLogin>> OfAccountAsync(AccountId account, CancellationToken cancellationToken);

    void Add(ExternalLogin login);

    void Remove(ExternalLogin login);

    /// <param name="linkPrefix">What the links begin with.</param>
    Task RemoveAllAsync(string linkPrefix, CancellationToken cancellationToken);
}
