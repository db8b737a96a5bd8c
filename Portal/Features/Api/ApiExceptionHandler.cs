using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Diagnostics;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// Requests that cannot be read, and what broke on our side, as problem+json with a sentence and a trace id and without internals.
/// </summary>
internal sealed partial class ApiExceptionHandler(IOutages outages) : IExceptionHandler
{
    /// <summary>
    /// Bytes. The largest message that can be sent, with every character of it escaped, has a little less; nobody may have more held for
    /// them, known or unknown.
    /// </summary>
    public const int LargestBody = 4 * 1024 * 1024;

    /// <summary>Whether the exception is the caller's doing, which needs no line in the log.</summary>
    public static bool IsOfCaller(Exception exception) => exception is BadHttpRequestException or CursorUnknownException;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // The middleware has put the error page's path in place of the request's.
        PathString asked = httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? httpContext.Request.Path.Value;
        if (!asked.StartsWithSegments("/api"))
            return false;
        var answer = exception switch
        {
            CursorUnknownException cursor => cursor.Problem.ToResult(),
            BadHttpRequestException bad => OfRequest(bad),
            _ when outages.Explain(exception) is { } outage => outage.ToResult(),
            _ => ProblemAnswers.Of(
                "unexpected",
                "Something went wrong on our side. Try again; if it happens again, send the traceId to the operator.",
                StatusCodes.Status500InternalServerError
            ),
        };
        await answer.ExecuteAsync(httpContext);
        return true;
    }

    public static ProblemAnswer Malformed =>
        ProblemAnswers.Of(
            "request-malformed",
            "A parameter or the body is missing or has the wrong type. See /openapi/v1.json.",
            StatusCodes.Status400BadRequest
        );

    public static ProblemAnswer TooLarge =>
        ProblemAnswers.Of(
            "body-too-large",
            $"The request body is too large. A request has at most {LargestBody >> 20} MiB, and most endpoints need far less.",
            StatusCodes.Status413PayloadTooLarge
        );

    public static ProblemAnswer TooSlow =>
        ProblemAnswers.Of(
            "body-too-slow",
            "The request body arrived too slowly, or stopped. Send it again over a faster connection.",
            StatusCodes.Status408RequestTimeout
        );

    private static ProblemAnswer OfRequest(BadHttpRequestException bad) =>
        bad.StatusCode switch
        {
            StatusCodes.Status408RequestTimeout => TooSlow,
            StatusCodes.Status413PayloadTooLarge => TooLarge,
            StatusCodes.Status415UnsupportedMediaType => ProblemAnswers.Of(
                "content-type-not-json",
                "Send the body as application/json.",
                StatusCodes.Status415UnsupportedMediaType
            ),
            _ when bad.InnerException is JsonException json && UnknownField(json) is { } field => ProblemAnswers.Of(
                "field-unknown",
                $"This request has no field '{field}'. Remove it, or check its spelling: /openapi/v1.json lists the fields.",
                StatusCodes.Status400BadRequest
            ),
            _ when bad.InnerException is JsonException json => ProblemAnswers.Of(
                "body-not-json",
                "The body is not the JSON that this endpoint "
                    + $"expects{(json.Path is { Length: > 1 and < 200 } path ? $": see {path}" : "")}.",
                StatusCodes.Status400BadRequest
            ),
            _ => Malformed,
        };

    /// <summary>The serializer names it in its sentence alone.</summary>
    private static string? UnknownField(JsonException json) =>
        UnknownMember().Match(json.Message) is { Success: true } found
            ? found.Groups[1].Value is var name && name.Length <= 60
                ? name
                : name[..60] + "…"
            : null;

    [GeneratedRegex("^The JSON property '(.*?)' could not be mapped to any .NET member", RegexOptions.Singleline)]
    private static partial Regex UnknownMember();
}
