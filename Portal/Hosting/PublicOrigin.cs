using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// With <c>Portal:PublicUrl</c> each request counts as one to that address, whatever a proxy made of its scheme and
/// <c>Host</c>: cookies, forms, redirects and the circuit then agree, and a setting that is missing at the proxy breaks none of
/// them. What does not fit is said once, with the setting that mends it.
/// </summary>
internal sealed partial class PublicOrigin(RequestDelegate next, PortalSettings settings, ILogger<PublicOrigin> logger)
{
    private static readonly string[] Forwarded = ["X-Forwarded-For", "X-Forwarded-Proto"];

    private readonly Uri? _url = settings.PublicUrl is { } url ? new(url) : null;
    private int _saidUntrusted;
    private int _saidScheme;

    public Task InvokeAsync(HttpContext context)
    {
        if (_url is null)
            return next(context);
        var request = context.Request;
        if (!request.Path.StartsWithSegments("/health") && !request.Path.StartsWithSegments("/metrics"))
            Compare(context, _url);
        (request.Scheme, request.Host) = (_url.Scheme, HostString.FromUriComponent(_url));
        return next(context);
    }

    private void Compare(HttpContext context, Uri url)
    {
        // Of a trusted proxy they are taken out of the request.
        if (Forwarded.Any(context.Request.Headers.ContainsKey))
        {
            if (Interlocked.Exchange(ref _saidUntrusted, 1) == 0)
                LogUntrusted(logger, context.Connection.RemoteIpAddress?.ToString() ?? "unknown");
        }
        else if (context.Request.Scheme != url.Scheme && Interlocked.Exchange(ref _saidScheme, 1) == 0)
        {
            LogScheme(logger, url.Scheme, context.Request.Scheme);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A proxy at {Address} sends X-Forwarded headers, and Portal:TrustedProxies doesn't name it: "
            + "all visitors behind it count as one address for limits and in the audit log. Add it to Portal:TrustedProxies"
    )]
    private static partial void LogUntrusted(ILogger logger, string address);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Portal:PublicUrl says {Wanted}, and a request came by {Scheme} without X-Forwarded-Proto. "
            + "If a proxy ends TLS, let it send X-Forwarded-For and X-Forwarded-Proto and name it in Portal:TrustedProxies; "
            + "else correct Portal:PublicUrl"
    )]
    private static partial void LogScheme(ILogger logger, string wanted, string scheme);
}
