using System.Net;
using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

/// <summary>A program that signs people in with the portal's accounts, or that acts for its organization by itself.</summary>
/// <param name="Id">Also what the protocol calls <c>client_id</c>.</param>
/// <param name="OrganizationId">Null for clients of the platform, such as its command line.</param>
/// <param name="IsConfidential">Has a secret; else it is a program on people's own machines, which cannot keep one.</param>
/// <param name="ActsAlone">May use client credentials: a machine that acts as its organization.</param>
/// <param name="RedirectUris">Where a signed-in browser is sent; compared exactly.</param>
/// <param name="SecretKnownTo">Who was shown the secret that holds now; null for public clients.</param>
/// <param name="SignOutUris">Where a signed-out browser may be sent.</param>
public sealed record OidcClient(
    OidcClientId Id,
    OrganizationId? OrganizationId,
    string Name,
    bool IsConfidential,
    bool ActsAlone,
    IReadOnlyList<string> RedirectUris,
    IReadOnlyList<string> SignOutUris,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    AccountId? SecretKnownTo = null
)
{
    /// <summary>What is left of scopes that were granted to it: those that it may still ask for.</summary>
    public IReadOnlyList<string> Still(IEnumerable<string> granted) => [.. granted.Where(Scopes.Contains)];
}

/// <summary>What is asked for when a client is registered or changed.</summary>
public sealed record OidcClientRequest(
    string? Name,
    bool IsConfidential,
    bool ActsAlone,
    IReadOnlyList<string>? RedirectUris,
    IReadOnlyList<string>? SignOutUris,
    IReadOnlyList<string>? Scopes
)
{
    private const int MostUris = 20;
    private const int LongestUri = 1000;

    /// <summary>The client, if everything asked for may be.</summary>
    internal Outcome<OidcClient> Check(OidcClientId id, OrganizationId? organization, DateTimeOffset now)
    {
        if (!Label.Create(Name, "name").TryGet(out var label, out var problem))
            return problem;
        if (!OidcScopes.Check(Scopes, organization is null).TryGet(out var scopes, out problem))
            return problem;
        var redirects = (RedirectUris ?? []).Distinct(StringComparer.Ordinal).ToList();
        var signOuts = (SignOutUris ?? []).Distinct(StringComparer.Ordinal).ToList();
        if (redirects.Concat(signOuts).FirstOrDefault(uri => !MayRedirectTo(uri)) is { } wrong)
            return new Problem.Invalid(
                "redirect-uri-refused",
                $"'{(wrong.Length > 100 ? wrong[..100] + "…" : wrong)}' cannot be redirected to: "
                    + "an address is https, or http on localhost, without a fragment and without a wildcard.",
                redirects.Contains(wrong) ? "redirectUris" : "signOutUris"
            );
        if (redirects.Count > MostUris || signOuts.Count > MostUris)
            return new Problem.Invalid(
                "redirect-uris-too-many",
                $"A client can have at most {MostUris} addresses of each kind.",
                "redirectUris"
            );
        if (redirects.Count == 0 && !ActsAlone)
            return new Problem.Invalid("redirect-uri-missing", "A client that signs people in needs a redirect URI.", "redirectUris");
        if (ActsAlone && !IsConfidential)
            return new Problem.Invalid(
                "client-acts-alone-public",
                "A client that acts on its own needs a secret. Make it confidential.",
                "isConfidential"
            );
        if (ActsAlone && organization is null)
            return new Problem.Invalid(
                "client-acts-for-nobody",
                "A client that acts on its own acts as its organization. Register it in an organization, not on the platform.",
                "actsAlone"
            );
        if (ActsAlone && OidcScopes.RolesOf(scopes).Count == 0)
            return new Problem.Invalid(
                "scopes-without-role",
                "A client that acts on its own needs at least one of portal.read, portal.write, portal.admin and portal.billing.",
                "scopes"
            );
        return new OidcClient(id, organization, label.Value, IsConfidential, ActsAlone, redirects, signOuts, scopes, now);
    }

    /// <summary>https anywhere, http on this machine only: an address in clear text would give the code to the network.</summary>
    private static bool MayRedirectTo(string text) =>
        text.Length <= LongestUri
        && !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character is '*' or '\\')
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri is { Fragment: "", UserInfo: "", Host.Length: > 0 }
        && !text.Contains('#')
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri));

    private static bool IsLoopback(Uri uri) =>
        uri.Host == "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}

/// <summary>A client with its secret, which is shown this once; null for public clients.</summary>
public sealed record NewOidcClient(OidcClient Client, string? Secret);

public interface IOidcClientStore
{
    Task<OidcClient?> FindAsync(OidcClientId id, CancellationToken cancellationToken);

    /// <summary>Newest first; of the platform when <paramref name="organization"/> is null.</summary>
    Task<PageOf<OidcClient>> ListAsync(OrganizationId? organization, PageRequest page, CancellationToken cancellationToken);

    Task<int> CountAsync(OrganizationId? organization, CancellationToken cancellationToken);

    /// <param name="secretHash">Of confidential clients, else null.</param>
    void Add(OidcClient client, string? secretHash);

    Task ChangeAsync(OidcClient client, CancellationToken cancellationToken);

    /// <param name="knownTo">Who is shown the secret; null for nobody.</param>
    Task SetSecretAsync(OidcClientId id, string secretHash, AccountId? knownTo, CancellationToken cancellationToken);

    /// <summary>Clients of the organization whose secret the account was shown.</summary>
    Task<IReadOnlyList<OidcClient>> KnownToAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken);

    /// <summary>Every token that the client got for itself; refused at its next use.</summary>
    Task RevokeOwnTokensAsync(OidcClientId id, CancellationToken cancellationToken);

    /// <summary>With its consents and every token.</summary>
    Task RemoveAsync(OidcClientId id, CancellationToken cancellationToken);
}
