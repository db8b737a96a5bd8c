using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Features.Accounts;
using Portal.Ui;

namespace Portal.Hosting.ExternalSignIn;

/// <summary>
/// <c>/sign-in/external/{provider}</c> and <c>/sign-in/sso/{org}</c>: to the provider and back. With <c>link</c>, a sealed
/// word that a form of the account's own pages made, the sign-in there is linked to the account instead.
/// </summary>
internal static partial class ExternalSignInEndpoints
{
    public const string LinkTo = "portal.link";

    public static void MapExternalSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet(
                "/sign-in/external/{key}",
                (string key, string? returnUrl, string? link, HttpContext context, CancellationToken cancellationToken) =>
                    BeginAsync(key, false, returnUrl, link, context, cancellationToken)
            )
            .ExcludeFromDescription();
        app.MapGet(
                "/sign-in/sso/{key}",
                (string key, string? returnUrl, string? link, HttpContext context, CancellationToken cancellationToken) =>
                    BeginAsync(key, true, returnUrl, link, context, cancellationToken)
            )
            .ExcludeFromDescription();
        app.MapGet(
                "/sign-in/external/{key}/callback",
                (string key, HttpContext context, CancellationToken cancellationToken) =>
                    ReturnAsync(key, false, context, cancellationToken)
            )
            .ExcludeFromDescription();
        app.MapGet(
                "/sign-in/sso/{key}/callback",
                (string key, HttpContext context, CancellationToken cancellationToken) => ReturnAsync(key, true, context, cancellationToken)
            )
            .ExcludeFromDescription();
    }

    private static async Task<IResult> BeginAsync(
        string key,
        bool ofOrganization,
        string? returnUrl,
        string? link,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var services = context.RequestServices;
        if (
            !(await services.GetRequiredService<FindSignInProvider>().RunAsync(key, ofOrganization, cancellationToken)).TryGet(
                out var provider,
                out var problem
            )
        )
            return Failed(problem.Code);
        var properties = new AuthenticationProperties { RedirectUri = LocalUrl.Or(returnUrl, "/") };
        var actor = await services.GetRequiredService<IActorProvider>().CurrentAsync();
        if (link is null && actor.AccountId is not null)
        {
            // Who is signed in already comes to prove anew who they are: a session that the provider still has is no proof.
            properties.SetParameter(OpenIdConnectParameterNames.Prompt, "login");
            properties.SetParameter(OpenIdConnectParameterNames.MaxAge, TimeSpan.Zero);
        }
        if (link is not null)
        {
            if (services.GetRequiredService<LinkWord>().Open(link) is not { } account || account != actor.AccountId)
                return Failed("link-stale");
            properties.Items[LinkTo] = account.ToString();
        }
        try
        {
            await (await services.GetRequiredService<ExternalSchemes>().HandlerAsync(provider, context)).ChallengeAsync(properties);
            return Results.Empty;
        }
        catch (Exception away) when (away is InvalidOperationException or IOException or HttpRequestException)
        {
            // The handler's word for metadata that cannot be fetched or read.
            LogAway(Logger(context), provider.Key, away);
            return Failed("provider-away");
        }
    }

    private static async Task<IResult> ReturnAsync(
        string key,
        bool ofOrganization,
        HttpContext context,
        CancellationToken cancellationToken
    )
    {
        var found = await context.RequestServices.GetRequiredService<FindSignInProvider>().RunAsync(key, ofOrganization, cancellationToken);
        if (!found.TryGet(out var provider, out var problem))
            return Failed(problem.Code);
        var handler = await context.RequestServices.GetRequiredService<ExternalSchemes>().HandlerAsync(provider, context);
        // True when the answer is written: by the events below.
        return await handler.HandleRequestAsync() ? Results.Empty : Failed("provider-refused");
    }

    /// <summary>The tokens were checked: what follows is the portal's decision.</summary>
    public static async Task ReceiveAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        var services = context.HttpContext.RequestServices;
        var provider = services.GetRequiredService<ExternalSchemes>().ProviderOf(context.Scheme.Name);
        var subject = context.Principal?.FindFirst("sub")?.Value;
        if (string.IsNullOrEmpty(subject) || subject.Length > 255)
        {
            context.Response.Redirect(FailedAt("provider-refused"));
            return;
        }
        var identity = new ExternalIdentity(
            provider.Link,
            provider.Name,
            provider.OrganizationId,
            subject,
            context.Principal!.FindFirst("email")?.Value,
            bool.TryParse(context.Principal.FindFirst("email_verified")?.Value, out var verified) ? verified : null
        );
        context.Response.Redirect(
            await DecideAsync(context.HttpContext, identity, context.Properties?.GetString(LinkTo), context.ReturnUri)
        );
    }

    public static Task FailAsync(RemoteFailureContext context)
    {
        LogFailed(Logger(context.HttpContext), context.Scheme.Name, context.Failure);
        context.HandleResponse();
        context.Response.Redirect(
            FailedAt(
                context.Failure?.Data["error"] is "access_denied" || context.Request.Query["error"] == "access_denied"
                    ? "provider-denied"
                    : "provider-refused"
            )
        );
        return Task.CompletedTask;
    }

    private static async Task<string> DecideAsync(HttpContext context, ExternalIdentity identity, string? linkTo, string? returnUrl)
    {
        var services = context.RequestServices;
        var actor = await services.GetRequiredService<IActorProvider>().CurrentAsync();
        if (linkTo is not null)
        {
            if (actor.AccountId?.ToString() != linkTo)
                return FailedAt("link-stale");
            var linked = await services.GetRequiredService<LinkExternalLogin>().RunAsync(actor, identity, context.RequestAborted);
            if (linked.Problem is { } refused)
                return refused.Code == "confirm-identity" ? "/account/confirm?returnUrl=%2Faccount%2Fsecurity" : FailedAt(refused.Code);
        }
        var outcome = await services
            .GetRequiredService<SignInExternally>()
            .RunAsync(actor, identity, services.GetRequiredService<IRequestOrigin>().UserAgent, context.RequestAborted);
        if (!outcome.TryGet(out var step, out var problem))
            return FailedAt(problem.Code);
        var next = LocalUrl.Or(returnUrl, "/");
        if (step is ExternalStep.Done done)
        {
            await services.GetRequiredService<IBrowserSession>().StartAsync(done.SignedIn);
            return next;
        }
        services.GetRequiredService<IPendingLink>().Keep(identity);
        return $"/sign-in/link?returnUrl={Uri.EscapeDataString(next)}";
    }

    private static IResult Failed(string reason) => Results.LocalRedirect(FailedAt(reason));

    private static string FailedAt(string reason) => $"/sign-in/failed?reason={Uri.EscapeDataString(reason)}";

    private static ILogger Logger(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Portal.ExternalSignIn");

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sign-in provider {Provider} cannot be reached or read")]
    private static partial void LogAway(ILogger logger, string provider, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "A sign-in with {Scheme} did not come through")]
    private static partial void LogFailed(ILogger logger, string scheme, Exception? exception);
}
