using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;

namespace Portal.Hosting;

/// <summary>
/// Outside the API, a body that is too large or a form that is none: the sender's doing, and no fault of ours to log or to
/// answer with 500. Clients of the protocol hear it in its own words (RFC 6749, 5.2).
/// </summary>
internal sealed class UnreadableRequestHandler : IExceptionHandler
{
    private const string Sentence = "The request can't be read: it's too large, or its form is malformed.";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        PathString asked = httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? httpContext.Request.Path.Value;
        if (asked.StartsWithSegments("/api") || !IsIn(httpContext, exception))
            return false;
        httpContext.Response.StatusCode = (Cause(exception) as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
        if (asked.StartsWithSegments("/connect"))
            await httpContext.Response.WriteAsJsonAsync(new { error = "invalid_request", error_description = Sentence }, cancellationToken);
        else
            await httpContext.Response.WriteAsync(Sentence, cancellationToken);
        return true;
    }

    /// <summary>The framework's words for a request that cannot be read.</summary>
    public static bool IsIn(HttpContext context, Exception exception) =>
        Cause(exception) is var cause
        && (
            cause is BadHttpRequestException
            || cause is InvalidDataException && context.Request.HasFormContentType
            // A chunk whose size no number holds: the server says so in other words than of everything else that is malformed.
            || cause is IOException { InnerException: OverflowException }
        );

    private static Exception Cause(Exception exception) =>
        exception is AntiforgeryValidationException { InnerException: { } cause } ? cause : exception;
}
