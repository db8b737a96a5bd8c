using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Federation;

/// <summary>An OpenID Connect provider outside the portal that people sign in with: from the settings, or an organization's own.</summary>
/// <param name="Key">In addresses: <c>google</c>; the slug of the organization for its own.</param>
/// <param name="Issuer">Compared letter by letter with what its tokens say.</param>
/// <param name="OrganizationId">Null for those of the settings.</param>
public sealed record SignInProvider(
    string Key,
    string Name,
    string Issuer,
    string ClientId,
    string? ClientSecret,
    OrganizationId? OrganizationId
)
{
    /// <summary>
    /// What accounts are linked with. An organization's own provider is trusted with its own people only: the same issuer
    /// named by two organizations is two providers.
    /// </summary>
    public string Link => ProviderLink.PrefixOf(OrganizationId) + Issuer;

    /// <summary>Without the secret: it may end up in a log.</summary>
    public override string ToString() => $"{Key} ({Issuer})";
}

/// <summary>The providers of the settings.</summary>
public interface ISignInProviders
{
    IReadOnlyList<SignInProvider> All { get; }
}

/// <summary>What may be named as an issuer.</summary>
/// <param name="AllowsLocal">Plain http on this machine, and private networks: in Development, or by a setting.</param>
public sealed record IssuerRule(bool AllowsLocal)
{
    private const int Longest = 500;

    internal Outcome<string> Check(string? text)
    {
        text = text?.Trim() ?? "";
        return
            text.Length <= Longest
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 }
            && !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
            && (uri.Scheme == Uri.UriSchemeHttps || AllowsLocal && uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)
            ? text
            : new Problem.Invalid(
                "issuer-malformed",
                "Enter the provider's issuer URL: https, without a query. Example: https://login.example.com/tenant.",
                "issuer"
            );
    }
}

/// <summary>The providers whose buttons stand on the sign-in page.</summary>
public sealed class ListSignInProviders(ISignInProviders providers)
{
    public Task<IReadOnlyList<SignInProvider>> RunAsync(CancellationToken cancellationToken) => Task.FromResult(providers.All);
}

/// <summary>The provider that a sign-in begins with. Names no secrets to anybody: only the protocol's own code asks.</summary>
public sealed class FindSignInProvider(ISignInProviders providers, IPortalDatabase database, ISecretSeal seal)
{
    private static readonly Problem.NotFound Unknown = new(
        "provider-unknown",
        "This sign-in method doesn't exist. Go back to the sign-in page."
    );

    /// <param name="key">Of the settings, or the slug of an organization.</param>
    public async Task<Outcome<SignInProvider>> RunAsync(string key, bool ofOrganization, CancellationToken cancellationToken)
    {
        if (!ofOrganization)
            return providers.All.FirstOrDefault(provider => provider.Key == key) is { } found ? found : Unknown;
        var own = await database.ReadAsync(
            async session =>
                await session.Organizations.FindAsync(key, cancellationToken) is { } organization
                && await session.OrganizationSignIns.FindAsync(organization.Id, cancellationToken) is { IsReady: true } signIn
                    ? new SignInProvider(
                        organization.Slug,
                        organization.Name,
                        signIn.Issuer,
                        signIn.ClientId,
                        signIn.OpenSecret(seal),
                        organization.Id
                    )
                    : null,
            cancellationToken
        );
        return own is null ? Unknown : own;
    }
}

/// <summary>The organization whose people have an email address like this one.</summary>
public sealed class FindOrganizationOfEmail(IPortalDatabase database, IAttemptLimiter limiter)
{
    /// <returns>The slug.</returns>
    public async Task<Outcome<string>> RunAsync(Actor actor, string? email, CancellationToken cancellationToken)
    {
        if (!EmailAddress.Create(email).TryGet(out var parsed, out var malformed))
            return malformed;
        if (limiter.Refuse(actor, Attempt.Other, null) is { } wait)
            return new Problem.TooMany("too-many-attempts", "Too many attempts. Try again in a minute.", wait);
        var slug = await database.ReadAsync(
            async session =>
                await session.OrganizationSignIns.FindByDomainAsync(EmailDomain.Of(parsed.Value), cancellationToken) is { } signIn
                    ? (await session.Organizations.FindAsync(signIn.OrganizationId, cancellationToken))?.Slug
                    : null,
            cancellationToken
        );
        return slug is null
            ? new Problem.NotFound(
                "sso-domain-unknown",
                "No organization uses single sign-on with this email domain. Sign in with your password, or ask your administrator."
            )
            : slug;
    }
}
