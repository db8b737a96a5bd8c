using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Credentials;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>
/// <c>Authorization: Bearer</c> with a portal API key: an account's acts as the account, an organization's in its own name.
/// </summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    AuthenticateApiKey authenticate,
    ApiKeyUses uses,
    OperatorFactor factor
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    private const string Prefix = "Bearer ";

    public static bool Applies(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Applies(Request))
            return AuthenticateResult.NoResult();
        var text = Request.Headers.Authorization.ToString()[Prefix.Length..].Trim();
        if (await authenticate.RunAsync(text, Context.RequestAborted) is not { } live)
            return AuthenticateResult.Fail("The API key is unknown or has expired.");
        uses.Note(live.Key, Context.Connection.RemoteIpAddress?.ToString());
        var identity = live.Account is { } account
            ? OfAccount(live.Key, account, await factor.IsMissingAsync(account, Context.RequestAborted))
            : OfOrganization(live.Key);
        return AuthenticateResult.Success(new(new ClaimsPrincipal(identity), SchemeName));
    }

    private static ClaimsIdentity OfAccount(ApiKey key, Account account, bool lacksFactor)
    {
        // What runs the platform is more than any role in an organization.
        var identity = PortalClaims.Of(
            account with
            {
                IsOperator = account.IsOperator && key.Role is null,
            },
            SchemeName,
            lacksFactor: lacksFactor
        );
        identity.AddClaim(new(ActorClaims.Via, AuditName(key)));
        identity.AddClaim(new(ActorClaims.ApiKey, key.Id.ToString()));
        if (key.Role is { } bound)
            identity.AddClaim(new(ActorClaims.Bounds, bound.ToString()));
        return identity;
    }

    private static ClaimsIdentity OfOrganization(ApiKey key)
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new(ClaimTypes.NameIdentifier, $"key:{key.Id}"));
        identity.AddClaim(new(ClaimTypes.Name, AuditName(key)));
        identity.AddClaim(new(ActorClaims.KeyOrganization, key.OrganizationId.ToString()!));
        identity.AddClaim(new(ActorClaims.KeyRole, key.Role.ToString()!));
        identity.AddClaim(new(ActorClaims.Behind, key.CreatedById.ToString()));
        identity.AddClaim(new(ActorClaims.ApiKey, key.Id.ToString()));
        if (key.Tenant is { } tenant)
            identity.AddClaim(new(ActorClaims.KeyTenant, tenant));
        if (key.Namespace is { } inside)
            identity.AddClaim(new(ActorClaims.KeyNamespace, inside));
        return identity;
    }

    private static string AuditName(ApiKey key) => $"key:{key.Name}";
}
