using System.Globalization;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.WebUtilities;
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
        app.MapMethods("/connect/authorize", [HttpMethods.Get, HttpMethods.Post], AuthorizeAsync)
            .ExcludeFromDescription()
            .DisableAntiforgery();

    private static async Task<IResult> AuthorizeAsync(
        HttpContext context,
        IActorProvider actors,
        ISessionDirectory sessions,
        IOpenIddictApplicationManager applications,
        GetConsentRequest consents,
        TokenAccounts accounts,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (context.GetOpenIddictServerResponse() is { Error: { } error } refused)
            return await ToClientAsync(context.GetOpenIddictServerRequest(), refused, applications, cancellationToken)
                ?? ContinuePage.Refused(error);
        var request =
            context.GetOpenIddictServerRequest()
            ?? throw new InvalidOperationException("No OpenID Connect request: OpenIddict stands before this endpoint.");
        var silent = request.HasPromptValue(PromptValues.None);

        var actor = await actors.CurrentAsync();
        var present = actor.Session is { } id ? await sessions.FindAsync(id, clock.Now(), cancellationToken) : null;
        var after = After(request, clock.Now());
        if (present is null || present.CreatedAt < after)
        {
            if (silent)
                return TokenEndpoint.Refuse(Errors.LoginRequired, "Nobody is signed in.");
            // The sign-in that there is stays until another begins: a link on any page could lead here.
            return Results.LocalRedirect("/sign-in" + QueryString.Create("returnUrl", ContinuePage.To(request, after)).ToUriComponent());
        }

        if (!(await consents.RunAsync(actor, request.ClientId, request.Scope, cancellationToken)).TryGet(out var asked, out var problem))
            return TokenEndpoint.Refuse(problem is Problem.Invalid ? Errors.InvalidScope : Errors.AccessDenied, problem.Message);
        if ((string?)request[ConsentPage.Decision] == ConsentPage.Denied)
            return TokenEndpoint.Refuse(Errors.AccessDenied, "The person said no.");
        if (!asked.Granted || request.HasPromptValue(PromptValues.Consent))
            return silent
                ? TokenEndpoint.Refuse(Errors.ConsentRequired, "The person has not allowed this yet.")
                : Results.LocalRedirect("/connect/consent" + ContinuePage.Query(request));

        var identity = await accounts.IdentityAsync(
            present.Account.Id,
            asked.Scopes.Select(scope => scope.Name),
            present.CreatedAt,
            present.Provider,
            present.ProvedHere,
            cancellationToken
        );
        return identity is null
            ? TokenEndpoint.Refuse(Errors.AccessDenied, "The account is gone.")
            : Results.SignIn(new(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    /// <summary>When the sign-in must have begun, at the earliest; null if that does not matter.</summary>
    private static DateTimeOffset? After(OpenIddictRequest request, DateTimeOffset now)
    {
        if (request.HasPromptValue(PromptValues.Login) || request.HasPromptValue(PromptValues.SelectAccount))
            return now;
        if (request.MaxAge is { } age)
            return now - TimeSpan.FromSeconds(Math.Clamp(age, 0, now.ToUnixTimeSeconds()));
        return
            long.TryParse(
                (string?)request[ContinuePage.SignedInAfter],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var milliseconds
            )
            && milliseconds <= now.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
    }

    /// <summary>
    /// What is wrong with a request is told to the client that sent it (RFC 6749, 4.1.2.1), at an address that it
    /// registered; null where there is none. OpenIddict tells only what it finds after it has looked at that address.
    /// </summary>
    private static async Task<IResult?> ToClientAsync(
        OpenIddictRequest? request,
        OpenIddictResponse refused,
        IOpenIddictApplicationManager applications,
        CancellationToken cancellationToken
    )
    {
        if (request is not { ClientId: { Length: > 0 } id, RedirectUri: { Length: > 0 } address })
            return null;
        if (await applications.FindByClientIdAsync(id, cancellationToken) is not { } application)
            return null;
        if (!await applications.ValidateRedirectUriAsync(application, address, cancellationToken))
            return null;
        return Results.Redirect(
            QueryHelpers.AddQueryString(
                address,
                new Dictionary<string, string?>
                {
                    [Parameters.Error] = refused.Error,
                    [Parameters.ErrorDescription] = refused.ErrorDescription,
                    [Parameters.State] = request.State,
                    [Parameters.Iss] = refused.Iss,
                }
            )
        );
    }
}
