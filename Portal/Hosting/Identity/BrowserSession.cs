using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Portal.Domain.Access;
using Portal.Shell;
using Portal.Ui;

namespace Portal.Hosting.Identity;

/// <summary>The application's cookie: it names a sign-in, and outlives the browser's window.</summary>
internal sealed class BrowserSession(IHttpContextAccessor requests) : IBrowserSession
{
    private HttpContext Context => requests.HttpContext ?? throw new InvalidOperationException("A circuit cannot set a cookie: sign in and out on a static page.");

    public Task StartAsync(SignedInAccount signedIn) => Context.SignInAsync(
        IdentityConstants.ApplicationScheme, new ClaimsPrincipal(PortalClaims.Of(signedIn.Account, IdentityConstants.ApplicationScheme, signedIn.Session)), new() { IsPersistent = true });

    public Task EndAsync() => Context.SignOutAsync(IdentityConstants.ApplicationScheme);
}

/// <summary>A cookie counts for as long as the sign-in that it names goes on; what it says of the account is read afresh.</summary>
internal static class SessionCookie
{
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var check = context.HttpContext.RequestServices.GetRequiredService<CheckSession>();
        if (ActorClaims.SessionOf(context.Principal) is { } id
            && await check.RunAsync(id, context.HttpContext.Connection.RemoteIpAddress?.ToString(), context.HttpContext.RequestAborted) is { } live)
        {
            context.ReplacePrincipal(new ClaimsPrincipal(PortalClaims.Of(live.Account, context.Scheme.Name, live.Id)));
            return;
        }
        context.RejectPrincipal();
        await context.HttpContext.SignOutAsync(context.Scheme.Name);
    }
}
