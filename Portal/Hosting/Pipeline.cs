using System.Net;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Net.Http.Headers;
using Portal.Domain.Gateway;
using Portal.Features.Api;
using Portal.Features.Gateway;
using Portal.Hosting.Api;
using Portal.Hosting.Settings;
using Portal.Shell;

namespace Portal.Hosting;

internal static class Pipeline
{
    private static readonly string[] ForPrograms =
    [
        "/api",
        "/metrics",
        "/health",
        "/webhooks",
        "/openapi",
        "/_blazor",
        "/ws",
        "/.well-known",
        "/connect/token",
        "/connect/userinfo",
        "/connect/revoke",
        "/connect/introspect",
    ];

    /// <summary>What stands around the endpoints.</summary>
    public static void AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiRateLimit>();
        builder.Services.AddExceptionHandler<OutageHandler>();
        builder.Services.AddExceptionHandler<UnreadableRequestHandler>();
        builder.Services.AddSingleton<KeptAnswerSeal>();
        builder.Services.AddSingleton<GatewayMeter>();
        builder.Services.AddSingleton<GatewaySessions>();
        // The framework's line for each request holds the query, and Pulsar's clients may put their token there.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
        builder.Services.AddSingleton<IAnswerSeal>(services => services.GetRequiredService<KeptAnswerSeal>());
    }

    /// <summary>What comes before everything else, routing included.</summary>
    public static void UseEdge(this WebApplication app, PortalSettings settings)
    {
        app.UseHeadAsGet();
        app.UsePackageFiles();
        app.UseTrustedProxies(settings);
    }

    /// <summary>Forwarded headers count only from the proxies named; from anybody else they are noise.</summary>
    private static void UseTrustedProxies(this WebApplication app, PortalSettings settings)
    {
        if (settings.TrustedProxies.Count == 0)
            return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in settings.TrustedProxies)
        {
            if (IPAddress.TryParse(proxy, out var address))
                options.KnownProxies.Add(address);
            else
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
        }
        app.UseForwardedHeaders(options);
    }

    /// <summary>
    /// HEAD is GET without the body (RFC 9110), for every address: monitors and link checkers ask so. Has to stand before
    /// routing, which knows no HEAD of pages and of the API.
    /// </summary>
    private static void UseHeadAsGet(this WebApplication app)
    {
        app.Use(
            async (context, next) =>
            {
                if (HttpMethods.IsHead(context.Request.Method))
                {
                    context.Request.Method = HttpMethods.Get;
                    context.Response.Body = Stream.Null;
                }
                await next(context);
            }
        );
        app.UseRouting();
    }

    /// <summary>
    /// Other words are refused before anything counts by them: a metric remembers each method that it saw, and anybody can
    /// make some up.
    /// </summary>
    private static readonly HashSet<string> Methods = new(StringComparer.Ordinal)
    {
        HttpMethods.Get,
        HttpMethods.Head,
        HttpMethods.Post,
        HttpMethods.Put,
        HttpMethods.Patch,
        HttpMethods.Delete,
        HttpMethods.Options,
        HttpMethods.Trace,
        HttpMethods.Connect,
    };

    /// <summary>An unhandled exception: a page with a trace id, or for scripts a problem with the same id. Never a stack trace.</summary>
    public static void UseErrorAnswers(this WebApplication app)
    {
        app.Use(
            async (context, next) =>
            {
                if (Methods.Contains(context.Request.Method))
                    await next(context);
                else
                    context.Response.StatusCode = StatusCodes.Status501NotImplemented;
            }
        );
        app.UseExceptionHandler(
            new ExceptionHandlerOptions
            {
                ExceptionHandlingPath = "/error",
                CreateScopeForErrors = true,
                // An exception that became a problem is logged all the same, unless it says that the caller's request was wrong.
                SuppressDiagnosticsCallback = handled =>
                    ApiExceptionHandler.IsOfCaller(handled.Exception)
                    || UnreadableRequestHandler.IsIn(handled.HttpContext, handled.Exception),
            }
        );
        // At the root and not in a branch: a branch has no routes to run the page by. Told off again for what is no page.
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(
            async (context, next) =>
            {
                if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
                    pages.Enabled = IsPage(context) && HttpMethods.IsGet(context.Request.Method);
                await next(context);
                if (
                    context.Response.StatusCode != StatusCodes.Status404NotFound
                    && context.Features.Get<IStatusCodePagesFeature>() is { } others
                )
                    others.Enabled = false;
            }
        );
        app.Use(
            async (context, next) =>
            {
                // JSON is UTF-8 (RFC 8259).
                if (
                    IsApi(context)
                    && MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var sent)
                    && sent.Charset is { HasValue: true } charset
                    && !HeaderUtilities.RemoveQuotes(charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                )
                    context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
                else
                    await next(context);
                if (!IsApi(context) || context.Response.HasStarted || context.Response.ContentType is not null)
                    return;
                if (ApiFeature.ForStatus(context.Response.StatusCode) is { } problem)
                    await problem.ExecuteAsync(context);
            }
        );
    }

    /// <summary>
    /// A replica that is the gateway only has no pages and no API: what is asked of it there was sent to the wrong address.
    /// </summary>
    public static WebApplication UseGatewayOnly(this WebApplication app, PortalSettings settings)
    {
        if (!settings.GatewayOnly)
            return app;
        app.Use(
            async (context, next) =>
            {
                if (OfGatewayOnly.Any(path => context.Request.Path.StartsWithSegments(path)))
                    await next(context);
                else
                    await GatewayProblems.GatewayOnly.ToResult().ExecuteAsync(context);
            }
        );
        return app;
    }

    private static readonly string[] OfGatewayOnly = ["/health", "/metrics"];

    /// <summary>Which address the portal answers under.</summary>
    public static WebApplication UseOwnAddress(this WebApplication app)
    {
        app.UseMiddleware<KnownHosts>().UseMiddleware<PublicOrigin>();
        return app;
    }

    /// <summary>Who sends a key or token that is not accepted hears that, and is not served as nobody.</summary>
    public static void UseRefusedCredentials(this WebApplication app) =>
        app.Use(
            async (context, next) =>
            {
                if (IsApi(context) && context.Request.Headers.Authorization.Count > 0 && context.User.Identity?.IsAuthenticated != true)
                    context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                else
                    await next(context);
            }
        );

    /// <summary>What people look at, and not what programs read.</summary>
    internal static bool IsPage(PathString asked) => !ForPrograms.Any(path => asked.StartsWithSegments(path));

    private static bool IsPage(HttpContext context) => IsPage(context.Request.Path);

    private static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments("/api");
}
