using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Portal.Domain.Access;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>
/// <c>/connect/end-session</c>: a client signs its person out of the portal. At once when its ID token names who is signed
/// in here; else the person is asked, since anybody can make a link.
/// </summary>
internal static class EndSessionEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapMethods("/connect/end-session", [HttpMethods.Get, HttpMethods.Post], EndAsync).ExcludeFromDescription().DisableAntiforgery();

    private static async Task<IResult> EndAsync(
        HttpContext context,
        IActorProvider actors,
        BrowserSignOut signOut,
        CancellationToken cancellationToken
    )
    {
        if (context.GetOpenIddictServerResponse() is { Error: { } error })
            return ContinuePage.Refused(error);
        var request =
            context.GetOpenIddictServerRequest()
            ?? throw new InvalidOperationException("No OpenID Connect request: OpenIddict stands before this endpoint.");
        var actor = await actors.CurrentAsync();
        if (actor.AccountId is { } account)
        {
            var hint = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal;
            if (hint?.GetClaim(Claims.Subject) != account.ToString())
                return Results.LocalRedirect("/connect/sign-out" + ContinuePage.Query(request));
            await signOut.RunAsync(actor, cancellationToken);
        }
        return Results.SignOut(
            new AuthenticationProperties { RedirectUri = "/sign-in?signedOut=true" },
            [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]
        );
    }
}
