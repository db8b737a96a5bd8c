using Microsoft.AspNetCore.Antiforgery;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Ui;

namespace Portal.Features.Account;

public static class AccountEndpoints
{
    /// <summary>Signing out is a form post with an antiforgery token: a link could be made to fire from elsewhere.</summary>
    public static IEndpointRouteBuilder MapAccount(this IEndpointRouteBuilder app)
    {
        app.MapPost("/sign-out", async (HttpContext context, IAntiforgery antiforgery, IBrowserSession session, IActorProvider actors, SignOut signOut) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
                return new Problem.Invalid("form-stale", "This page was open for too long. Reload it and try again.").ToResult();
            // Signed out twice is signed out.
            await signOut.RunAsync(await actors.CurrentAsync(), context.RequestAborted);
            await session.EndAsync();
            return Results.LocalRedirect("/sign-in?signedOut=true");
        }).ExcludeFromDescription().DisableAntiforgery();
        return app;
    }
}
