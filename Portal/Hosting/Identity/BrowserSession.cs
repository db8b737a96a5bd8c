using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Shell;
using Portal.Ui;

namespace Portal.Hosting.Identity;

/// <summary>The application's cookie: it names a sign-in, and outlives the browser's window.</summary>
internal sealed class BrowserSession(IHttpContextAccessor requests, IKnownBrowser browser) : IBrowserSession
{
    private const string Stamp = "portal:stamp";

    private HttpContext Context =>
        requests.HttpContext ?? throw new InvalidOperationException("A circuit cannot set a cookie: sign in and out on a static page.");

    public async Task StartAsync(SignedInAccount signedIn)
    {
        await Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        var identity = PortalClaims.Of(signedIn.Account, IdentityConstants.ApplicationScheme, signedIn.Session);
        await Context.SignInAsync(IdentityConstants.ApplicationScheme, new ClaimsPrincipal(identity), new() { IsPersistent = true });
        if (signedIn.ProvedHere)
            browser.Remember(signedIn.Account.Email);
    }

    public Task EndAsync() => Context.SignOutAsync(IdentityConstants.ApplicationScheme);

    public Task StartSecondStepAsync(PendingSignIn pending) =>
        Context.SignInAsync(
            IdentityConstants.TwoFactorUserIdScheme,
            new ClaimsPrincipal(
                new ClaimsIdentity(
                    [new(ClaimTypes.NameIdentifier, pending.Account.ToString()), new(Stamp, pending.SecurityStamp)],
                    IdentityConstants.TwoFactorUserIdScheme
                )
            )
        );

    public async Task<PendingSignIn?> SecondStepAsync()
    {
        var kept = await Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme);
        return
            Guid.TryParse(kept.Principal?.FindFirstValue(ClaimTypes.NameIdentifier), out var id)
            && kept.Principal!.FindFirstValue(Stamp) is { } stamp
            ? new(new(id), stamp)
            : null;
    }
}

/// <summary>A cookie counts for as long as the sign-in that it names goes on; what it says of the account is read afresh.</summary>
internal static class SessionCookie
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<CheckSession>();
        if (
            ActorClaims.SessionOf(context.Principal) is { } id
            && await check.RunAsync(
                id,
                context.HttpContext.Connection.RemoteIpAddress?.ToString(),
                visit: true,
                context.HttpContext.RequestAborted
            )
                is { } live
        )
        {
            var factor = context.HttpContext.RequestServices.GetRequiredService<OperatorFactor>();
            context.ReplacePrincipal(
                new ClaimsPrincipal(
                    PortalClaims.Of(live.Account, context.Scheme.Name, live.Id, live.Provider, live.ProvedHere, factor.IsMissing(live))
                )
            );
            return;
        }
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(context.Scheme.Name);
    }
}
