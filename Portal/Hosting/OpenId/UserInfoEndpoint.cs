using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary><c>/connect/userinfo</c>: what the scopes of the access token allow to tell of its person.</summary>
internal static class UserInfoEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapMethods("/connect/userinfo", [HttpMethods.Get, HttpMethods.Post], TellAsync).ExcludeFromDescription().DisableAntiforgery();

    private static async Task<IResult> TellAsync(HttpContext context, TokenAccounts accounts, CancellationToken cancellationToken)
    {
        var token = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
        if (token is null || await accounts.FindAsync(token, cancellationToken) is not { } account)
            return Results.Challenge(
                new AuthenticationProperties(
                    new Dictionary<string, string?>
                    {
                        [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.InvalidToken,
                        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "The sign-in has ended.",
                    }
                ),
                [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]
            );
        var told = new Dictionary<string, object> { [Claims.Subject] = account.Id.ToString() };
        if (token.HasScope(Scopes.Profile))
            (told[Claims.Name], told[Claims.PreferredUsername]) = (account.Email, account.Email);
        if (token.HasScope(Scopes.Email))
            (told[Claims.Email], told[Claims.EmailVerified]) = (account.Email, account.EmailVerified);
        return Results.Json(told);
    }
}
