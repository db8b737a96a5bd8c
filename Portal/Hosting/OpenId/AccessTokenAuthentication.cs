using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Validation.AspNetCore;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Hosting.Identity;
using Portal.Shell;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>
/// <c>Authorization: Bearer</c> with an access token of the portal's own provider: the person within the roles of the
/// token's scopes, or a client that acts as its organization. Signature, audience, expiry and revocation are OpenIddict's.
/// </summary>
internal sealed class AccessTokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    TokenAccounts accounts,
    IPortalDatabase database,
    OperatorFactor factor
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "AccessToken";
    private const string Prefix = "Bearer ey";

    /// <summary>Access tokens are JWTs; API keys are not.</summary>
    public static bool Applies(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header
        && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && header.Count('.') == 2;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var checkedToken = await Context.AuthenticateAsync(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);
        if (checkedToken.Principal is not { } token)
            return AuthenticateResult.Fail(checkedToken.Failure?.Message ?? "The access token is unknown, has expired or was revoked.");
        var client = Guid.TryParse(token.GetClaim(Claims.ClientId), out var id) ? await FindAsync(new(id)) : null;
        if (client is null)
            return AuthenticateResult.Fail("The token's client is gone.");
        var scopes = client.Still(token.GetScopes());
        var roles = OidcScopes.RolesOf(scopes);
        if (token.GetClaim(Claims.Subject) == client.Id.ToString())
            return Machine(client, roles);
        if (await accounts.FindAsync(token, Context.RequestAborted) is not { } account)
            return AuthenticateResult.Fail("The sign-in has ended.");
        // The operator's rights only where the operator's scope was granted.
        var person = PortalClaims.Of(
            account with
            {
                IsOperator = account.IsOperator && scopes.Contains(OidcScopes.Operator),
            },
            SchemeName,
            provider: token.GetClaim(TokenAccounts.Provider),
            provedHere: token.GetClaim(TokenAccounts.ProvedHere) is not null,
            lacksFactor: await factor.IsMissingAsync(account, Context.RequestAborted)
        );
        person.AddClaim(new(ActorClaims.Via, AuditName(client)));
        person.AddClaim(new(ActorClaims.Client, client.Id.ToString()));
        // A customer's own tool: whoever runs it gets nothing of the other organizations that its people belong to.
        if (client.OrganizationId is { } only)
            person.AddClaim(new(ActorClaims.Only, only.ToString()));
        return Succeed(person, roles);
    }

    private static AuthenticateResult Machine(OidcClient client, IReadOnlyList<Role> roles)
    {
        if (client is not { ActsAlone: true, OrganizationId: { } organization })
            return AuthenticateResult.Fail("The client does not act by itself any more.");
        // What it makes ends with somebody's membership, so there has to be somebody.
        if (client.SecretKnownTo is not { } behind)
            return AuthenticateResult.Fail("The client's secret has ended. Renew it.");
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new(ClaimTypes.NameIdentifier, $"client:{client.Id}"));
        identity.AddClaim(new(ClaimTypes.Name, AuditName(client)));
        identity.AddClaim(new(ActorClaims.KeyOrganization, organization.ToString()));
        // The widest role that a client may have; its scopes bound it.
        identity.AddClaim(new(ActorClaims.KeyRole, nameof(Role.Admin)));
        identity.AddClaim(new(ActorClaims.Behind, behind.ToString()));
        identity.AddClaim(new(ActorClaims.Client, client.Id.ToString()));
        return Succeed(identity, roles);
    }

    private static AuthenticateResult Succeed(ClaimsIdentity identity, IReadOnlyList<Role> roles)
    {
        identity.AddClaim(new(ActorClaims.Bounds, string.Join(' ', roles)));
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName));
    }

    private static string AuditName(OidcClient client) => $"client:{client.Name}";

    private Task<OidcClient?> FindAsync(OidcClientId id) =>
        database.ReadAsync(session => session.OidcClients.FindAsync(id, Context.RequestAborted), Context.RequestAborted);
}
