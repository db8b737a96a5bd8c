using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Diagnostics;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Hosting;

/// <summary>
/// Outside the API, while the database is away: a page that needs nothing but itself. The error page would ask who is
/// signed in, and that is in the database too.
/// </summary>
internal sealed class OutageHandler(IOutages outages) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (outages.Explain(exception) is not { } outage)
            return false;
        PathString asked = httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? httpContext.Request.Path.Value;
        var answer = outage.ToResult();
        if (!Pipeline.IsPage(asked))
        {
            await answer.ExecuteAsync(httpContext);
            return true;
        }
        var seconds = answer.Body.RetryAfterSeconds ?? 5;
        httpContext.Response.StatusCode = answer.Body.Status;
        httpContext.Response.Headers.RetryAfter = $"{seconds}";
        httpContext.Response.ContentType = "text/html; charset=utf-8";
        await httpContext.Response.WriteAsync(
            Page(outage.Message, HttpMethods.IsGet(httpContext.Request.Method) ? seconds : null, asked + httpContext.Request.QueryString),
            cancellationToken
        );
        return true;
    }

    /// <param name="retryAfter">Seconds until the page asks again by itself; null for a form, which is not sent twice.</param>
    private static string Page(string sentence, int? retryAfter, string address)
    {
        var refresh = retryAfter is null ? "" : $"""<meta http-equiv="refresh" content="{retryAfter}" />""";
        var link = retryAfter is null ? "" : $"""<p><a href="{HtmlEncoder.Default.Encode(address)}">Try again</a></p>""";
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            {{refresh}}
            <title>We'll be right back · Portal</title>
            <style>
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center; }
            main { max-width: 28rem; padding: 2rem; text-align: center; }
            h1 { font-size: 1.4rem; }
            </style>
            </head>
            <body><main role="alert" data-problem="database-unavailable">
            <h1>We'll be right back</h1>
            <p>{{HtmlEncoder.Default.Encode(sentence)}}</p>
            <p>Your topics and connected clients are not affected.</p>
            {{link}}
            </main></body>
            </html>
            """;
    }
}
