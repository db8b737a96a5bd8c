using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Portal.Domain.Access;
using Portal.Domain.OpenId;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>
/// <c>/connect/token</c>. OpenIddict has checked client, code, PKCE, rotation and reuse when a request comes here; what is
/// left is whether the person still may.
/// </summary>
internal static class TokenEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/connect/token", ExchangeAsync).ExcludeFromDescription().DisableAntiforgery();

    private static async Task<IResult> ExchangeAsync(
        HttpContext context,
        TokenAccounts accounts,
        IPortalDatabase database,
        CancellationToken cancellationToken
    )
    {
        var request =
            context.GetOpenIddictServerRequest()
            ?? throw new InvalidOperationException("No OpenID Connect request: OpenIddict stands before this endpoint.");
        return request.IsClientCredentialsGrantType()
            ? await MachineAsync(request, database, cancellationToken)
            : await PersonAsync(context, request, accounts, database, cancellationToken);
    }

    private static async Task<IResult> PersonAsync(
        HttpContext context,
        OpenIddictRequest request,
        TokenAccounts accounts,
        IPortalDatabase database,
        CancellationToken cancellationToken
    )
    {
        var granted = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
        if (granted is null || await accounts.FindAsync(granted, cancellationToken) is not { } account)
            return Refuse(Errors.InvalidGrant, "The sign-in has ended. Sign in again.");
        if (await ClientAsync(request, database, cancellationToken) is not { } client)
            return Refuse(Errors.InvalidClient, "This client is gone.");
        var signedInAt = long.TryParse(granted.GetClaim(Claims.AuthenticationTime), CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : default;
        var identity = await accounts.IdentityAsync(
            account.Id,
            client.Still(granted.GetScopes()),
            signedInAt,
            granted.GetClaim(TokenAccounts.Provider),
            granted.GetClaim(TokenAccounts.ProvedHere) is not null,
            cancellationToken
        );
        return identity is null ? Refuse(Errors.InvalidGrant, "The account is gone.") : SignIn(identity);
    }

    private static async Task<IResult> MachineAsync(
        OpenIddictRequest request,
        IPortalDatabase database,
        CancellationToken cancellationToken
    )
    {
        if (await ClientAsync(request, database, cancellationToken) is not { ActsAlone: true } client)
            return Refuse(Errors.UnauthorizedClient, "This client does not act by itself.");
        // Without a scope in the request: all that the client has.
        var scopes = (request.GetScopes() is { Length: > 0 } asked ? asked : [.. client.Scopes])
            .Where(scope => OidcScopes.Find(scope)?.Role is not null)
            .ToList();
        if (scopes.Count == 0)
            return Refuse(
                Errors.InvalidScope,
                "A client that acts by itself asks for portal.read, portal.write, portal.admin or portal.billing."
            );
        var identity = new ClaimsIdentity("OpenIddict", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, client.Id.ToString());
        TokenAccounts.Prepare(identity, scopes);
        return SignIn(identity);
    }

    private static async Task<OidcClient?> ClientAsync(
        OpenIddictRequest request,
        IPortalDatabase database,
        CancellationToken cancellationToken
    ) =>
        Guid.TryParse(request.ClientId, out var id)
            ? await database.ReadAsync(session => session.OidcClients.FindAsync(new(id), cancellationToken), cancellationToken)
            : null;

    private static IResult SignIn(ClaimsIdentity identity) =>
        Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

    internal static IResult Refuse(string error, string description) =>
        Results.Forbid(
            new AuthenticationProperties(
                new Dictionary<string, string?>
                {
                    [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
                    [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
                }
            ),
            [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]
        );
}
