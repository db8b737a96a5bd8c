using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Features.OpenId;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>
/// <c>/connect/authorize</c>. OpenIddict has checked client, redirect address, scopes and PKCE; here the person signs in and
/// decides, each on a page of the portal that leads back, and then goes to the client with a code.
/// </summary>
internal static class AuthorizeEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapMethods("/connect/authorize", [HttpMethods.Get, HttpMethods.Post], AuthorizeAsync).ExcludeFromDescription().DisableAntiforgery();

    private static async Task<IResult> AuthorizeAsync(
        HttpContext context, IActorProvider actors, ISessionDirectory sessions, BrowserSignOut signOut, GetConsentRequest consents, TokenAccounts accounts, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (context.GetOpenIddictServerResponse() is { Error: { } error }) return ContinuePage.Refused(error);
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("No OpenID Connect request: OpenIddict stands before this endpoint.");
        var silent = request.HasPromptValue(PromptValues.None);

        var actor = await actors.CurrentAsync();
        var present = actor.Session is { } id ? await sessions.FindAsync(id, clock.Now(), cancellationToken) : null;
        var again = request.HasPromptValue(PromptValues.Login) || request.HasPromptValue(PromptValues.SelectAccount) || request.MaxAge is { } age && clock.Now() - present?.CreatedAt > TimeSpan.FromSeconds(age);
        if (present is null || again)
        {
            if (silent) return TokenEndpoint.Refuse(Errors.LoginRequired, "Nobody is signed in.");
            // The sign-in that there is ends first: what leads back here no longer says that it has to be a fresh one.
            if (present is not null) await signOut.RunAsync(actor, cancellationToken);
            return Results.LocalRedirect("/sign-in" + QueryString.Create("returnUrl", ContinuePage.To(request)).ToUriComponent());
        }

        if (!(await consents.RunAsync(actor, request.ClientId, request.Scope, cancellationToken)).TryGet(out var asked, out var problem))
            return TokenEndpoint.Refuse(problem is Problem.Invalid ? Errors.InvalidScope : Errors.AccessDenied, problem.Message);
        if ((string?)request[ConsentPage.Decision] == ConsentPage.Denied) return TokenEndpoint.Refuse(Errors.AccessDenied, "The person said no.");
        if (!asked.Granted || request.HasPromptValue(PromptValues.Consent))
            return silent ? TokenEndpoint.Refuse(Errors.ConsentRequired, "The person has not allowed this yet.") : Results.LocalRedirect("/connect/consent" + ContinuePage.Query(request));

        var identity = await accounts.IdentityAsync(present.Account.Id, asked.Scopes.Select(scope => scope.Name), present.CreatedAt, present.Provider, present.ProvedHere, cancellationToken);
        return identity is null
            ? TokenEndpoint.Refuse(Errors.AccessDenied, "The account is gone.")
            : Results.SignIn(new(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
