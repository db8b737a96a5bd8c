using System.Globalization;
using System.Text.Encodings.Web;
using OpenIddict.Abstractions;
using Portal.Features.OpenId;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Hosting.OpenId;

/// <summary>
/// Two pages of the protocol that are too small for a layout. <c>/connect/continue</c> goes on to the authorisation
/// endpoint by itself: browsers hold what follows a form to the page's <c>form-action</c>, and a client's address is none of
/// ours, so a form ends here and a fresh navigation begins. The other says why a client's request goes nowhere.
/// </summary>
internal static class ContinuePage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(
                "/connect/continue",
                (HttpContext context) =>
                    Page(
                        "Going on",
                        "<p>You are being sent on.</p>",
                        StatusCodes.Status200OK,
                        "/connect/authorize" + context.Request.QueryString.ToUriComponent()
                    )
            )
            .ExcludeFromDescription();
        app.MapGet(
                "/connect/continue/end-session",
                (HttpContext context) =>
                    Page(
                        "Going on",
                        "<p>You are being sent on.</p>",
                        StatusCodes.Status200OK,
                        "/connect/end-session" + context.Request.QueryString.ToUriComponent()
                    )
            )
            .ExcludeFromDescription();
        app.MapGet(
                "/sign-in/continue",
                (string? to) =>
                    to is not null
                    && (
                        to.StartsWith("/sign-in/external/", StringComparison.Ordinal)
                        || to.StartsWith("/sign-in/sso/", StringComparison.Ordinal)
                    )
                        ? Page("Going on", "<p>You are being sent on.</p>", StatusCodes.Status200OK, to)
                        : Results.LocalRedirect("/sign-in")
            )
            .ExcludeFromDescription();
    }

    /// <summary>
    /// Milliseconds since 1970: a sign-in that began earlier does not do. It stands in for <c>prompt</c> and
    /// <c>max_age</c> once they were followed. Who changes it in their own browser could have changed those as well.
    /// </summary>
    public const string SignedInAfter = "signed_in_after";

    /// <summary>The address that leads back to this authorization request, once the person has signed in.</summary>
    /// <param name="after">A sign-in that began earlier does not do; null if any does.</param>
    public static string To(OpenIddictRequest request, DateTimeOffset? after) =>
        "/connect/continue"
        + (
            after is { } instant
                ? QueryString
                    .FromUriComponent(Query(request))
                    .Add(SignedInAfter, instant.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))
                    .ToUriComponent()
                : Query(request)
        );

    /// <summary>The request's parameters without those that were followed already.</summary>
    public static string Query(OpenIddictRequest request) =>
        QueryString
            .Create(
                request
                    .GetParameters()
                    .Where(parameter =>
                        parameter.Key is not (Parameters.Prompt or Parameters.MaxAge or SignedInAfter or ConsentPage.Decision)
                    )
                    .Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value))
            )
            .ToUriComponent();

    public static IResult Refused(string error) =>
        Page(
            "We couldn't sign you in",
            $"<p>{Encode(Reason(error))}</p><p>Go back to the application and try again. If it goes on, tell whoever runs it: "
                + $"<code>{Encode(error.Length > 60 ? error[..60] : error)}</code>.</p><p><a href=\"/\">To the portal</a></p>",
            StatusCodes.Status400BadRequest,
            null
        );

    private static string Reason(string error) =>
        error switch
        {
            Errors.InvalidClient => "The application that sent you here is not registered with this portal.",
            Errors.UnauthorizedClient => "The application that sent you here may not sign people in.",
            _ => "The application that sent you here sent a request that is not right: nothing was given to it.",
        };

    private static IResult Page(string title, string body, int status, string? next)
    {
        var refresh = next is null ? "" : $"<meta http-equiv=\"refresh\" content=\"0;url={Encode(next)}\">";
        var link = next is null ? "" : $"<p><a class=\"btn pri\" href=\"{Encode(next)}\">Continue</a></p>";
        return Results.Content(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">{refresh}
            <title>{title} · Portal</title>
            <script src="/js/theme.js"></script>
            <link rel="stylesheet" href="/css/tokens.css"><link rel="stylesheet" href="/css/shell.css"><link rel="stylesheet" href="/css/content.css">
            <link rel="icon" type="image/svg+xml" href="/favicon.svg">
            </head>
            <body><div class="alone"><header><a class="brand" href="/">Portal</a></header><main id="content"><div class="card"><div class="in stack"><h1>{title}</h1>{body}{link}</div></div></main></div></body>
            </html>
            """,
            "text/html; charset=utf-8",
            statusCode: status
        );
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
