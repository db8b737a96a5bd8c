using Microsoft.AspNetCore.Antiforgery;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Ui;

namespace Portal.Features.Accounts;

public static class AccountEndpoints
{
    private static readonly Problem.Invalid Stale = new("form-stale", "This page has expired. Reload it and try again.");

    /// <summary>Signing out is a form post with an antiforgery token: a link could be made to fire from elsewhere.</summary>
    public static IEndpointRouteBuilder MapAccount(this IEndpointRouteBuilder app)
    {
        app.MapPost(
                "/sign-out",
                async (HttpContext context, IAntiforgery antiforgery, IBrowserSession session, IActorProvider actors, SignOut signOut) =>
                {
                    if (!await antiforgery.IsRequestValidAsync(context))
                        return Stale.ToResult();
                    // Signed out twice is signed out.
                    await signOut.RunAsync(await actors.CurrentAsync(), context.RequestAborted);
                    await session.EndAsync();
                    return Results.LocalRedirect("/sign-in?signedOut=true");
                }
            )
            .ExcludeFromDescription()
            .DisableAntiforgery();
        MapOffer(
            app,
            "/account/passkeys/offer",
            (services, actor, stop) => services.GetRequiredService<OfferPasskey>().RunAsync(actor, stop)
        );
        MapOffer(
            app,
            "/account/confirm/offer",
            (services, actor, stop) => services.GetRequiredService<OfferPasskeyProof>().RunAsync(actor, stop)
        );
        MapOffer(app, "/sign-in/passkey/offer", (services, _, stop) => services.GetRequiredService<OfferPasskeySignIn>().RunAsync(stop));
        // Anybody's, from pages where a password is chosen: bound by the limiter, and by the page's token to pages of ours.
        app.MapPost(
                "/password-rating",
                async (HttpContext context, IAntiforgery antiforgery, IActorProvider actors, RatePassword rate) =>
                {
                    if (!await antiforgery.IsRequestValidAsync(context))
                        return Stale.ToResult();
                    var form = await context.Request.ReadFormAsync(context.RequestAborted);
                    var outcome = await rate.RunAsync(await actors.CurrentAsync(), form["password"], form["email"], context.RequestAborted);
                    return outcome.TryGet(out var rating, out var problem)
                        ? Results.Json(new { rating.Score, rating.Words })
                        : problem.ToResult();
                }
            )
            .ExcludeFromDescription()
            .DisableAntiforgery();
        return app;
    }

    /// <summary>The challenge of a passkey's ceremony, for js/passkeys.js. Only for pages of ours: it sets a cookie.</summary>
    private static void MapOffer(
        IEndpointRouteBuilder app,
        string address,
        Func<IServiceProvider, Actor, CancellationToken, Task<Outcome<string>>> offer
    ) =>
        app.MapPost(
                address,
                async (HttpContext context, IAntiforgery antiforgery, IActorProvider actors) =>
                {
                    if (!await antiforgery.IsRequestValidAsync(context))
                        return Stale.ToResult();
                    var outcome = await offer(context.RequestServices, await actors.CurrentAsync(), context.RequestAborted);
                    return outcome.TryGet(out var json, out var problem) ? Results.Text(json, "application/json") : problem.ToResult();
                }
            )
            .ExcludeFromDescription()
            .DisableAntiforgery();
}
