using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using OpenIddict.Abstractions;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>
/// What tokens say of an account, and whether they still may: a new security stamp (signed out everywhere, password changed) ends them.
/// </summary>
internal sealed class TokenAccounts(IPortalDatabase database)
{
    /// <summary>Claim: a digest of the account's security stamp when the person signed in.</summary>
    private const string Stamp = "portal_stamp";

    /// <summary>Claim: the provider that the person had signed in with, for organizations that ask for theirs.</summary>
    public const string Provider = "portal_provider";

    /// <summary>
    /// Claim: the person had proved to the portal itself who they are, so the provider does not narrow what the token reaches.
    /// </summary>
    public const string ProvedHere = "portal_proved_here";

    /// <summary>The identity of a person for a client with these scopes.</summary>
    public async Task<ClaimsIdentity?> IdentityAsync(
        AccountId id,
        IEnumerable<string> scopes,
        DateTimeOffset signedInAt,
        string? provider,
        bool provedHere,
        CancellationToken cancellationToken
    )
    {
        if (await AccountAsync(id, cancellationToken) is not { } found)
            return null;
        var identity = new ClaimsIdentity("OpenIddict", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, id.ToString());
        identity.SetClaim(Claims.Name, found.Account.Email).SetClaim(Claims.PreferredUsername, found.Account.Email);
        identity.SetClaim(Claims.Email, found.Account.Email).SetClaim(Claims.EmailVerified, found.Account.EmailVerified);
        identity.SetClaim(Claims.AuthenticationTime, signedInAt.ToUnixTimeSeconds());
        identity.SetClaim(Stamp, Digest(found.SecurityStamp)).SetClaim(Provider, provider);
        if (provedHere)
            identity.SetClaim(ProvedHere, "true");
        Prepare(identity, scopes);
        return identity;
    }

    /// <summary>Scopes, audience and which token tells what.</summary>
    public static void Prepare(ClaimsIdentity identity, IEnumerable<string> scopes)
    {
        identity.SetScopes(scopes);
        if (OidcScopes.RolesOf(identity.GetScopes()).Count > 0 || identity.HasScope(OidcScopes.Operator))
            identity.SetAudiences(OpenIdSetup.ApiAudience);
        identity.SetDestinations(claim =>
            claim.Type switch
            {
                Claims.Name or Claims.PreferredUsername when identity.HasScope(Scopes.Profile) => [Destinations.IdentityToken],
                Claims.Email or Claims.EmailVerified when identity.HasScope(Scopes.Email) => [Destinations.IdentityToken],
                Claims.AuthenticationTime => [Destinations.IdentityToken],
                Claims.Subject => [Destinations.AccessToken, Destinations.IdentityToken],
                Stamp or Provider or ProvedHere => [Destinations.AccessToken],
                _ => [],
            }
        );
    }

    /// <summary>The account of a token; null when the token outlived what it was given for.</summary>
    public async Task<Account?> FindAsync(ClaimsPrincipal token, CancellationToken cancellationToken) =>
        Guid.TryParse(token.GetClaim(Claims.Subject), out var id)
        && await AccountAsync(new(id), cancellationToken) is { } found
        && token.GetClaim(Stamp) == Digest(found.SecurityStamp)
            ? found.Account
            : null;

    private Task<AccountState?> AccountAsync(AccountId id, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.Accounts.FindAsync(id, cancellationToken), cancellationToken);

    private static string Digest(string stamp) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("portal-oidc:" + stamp)))[..32];
}
