using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// What a browser sends on its own, cookies, counts only from pages of this portal: a page on another port or a sibling
/// subdomain is same-site to a browser, which sends it the cookie. Browsers say where a request comes from and pages
/// cannot change that. For every endpoint, and for HTTP/1.1 and HTTP/2 alike:
/// <list type="bullet">
/// <item>a request that may change something and carries a cookie comes from our own origin;</item>
/// <item>with our session's cookie, the API wants to be told so: what says nothing is refused;</item>
/// <item>a WebSocket is opened from our own origin, or by a program that names none.</item>
/// </list>
/// Who sends a key or token sends it knowingly; there a cookie is not looked at.
/// </summary>
public sealed class OwnOrigin(RequestDelegate next, PortalSettings settings, IOptionsMonitor<CookieAuthenticationOptions> cookies)
{
    /// <summary>Other sites send people there, by protocol, with GET or POST; nothing happens there without a form of ours.</summary>
    private static readonly PathString[] OpenToOthers = ["/connect/authorize"];

    private static readonly Problem.Forbidden Foreign = new(
        "origin-refused",
        "This request came from another website, so we didn't accept its cookie. Scripts send an API key as 'Authorization: "
            + "Bearer …'; pages of Portal send 'Sec-Fetch-Site' or 'Origin'."
    );

    private readonly string? _own = settings.PublicUrl is { } url ? new Uri(url).GetLeftPart(UriPartial.Authority) : null;

    private readonly string _session =
        cookies.Get(IdentityConstants.ApplicationScheme).Cookie.Name
        ?? throw new InvalidOperationException("The session's cookie has no name.");

    public async Task InvokeAsync(HttpContext context)
    {
        if (IsAccepted(context))
            await next(context);
        else
            await Foreign.ToResult().ExecuteAsync(context);
    }

    private bool IsAccepted(HttpContext context)
    {
        var request = context.Request;
        var isOwn = Says(request);
        if (OpensWebSocket(context))
            return isOwn != false;
        if (
            IsSafe(request.Method)
            || request.Headers.Cookie.Count == 0
            || HasCredential(request)
            || OpenToOthers.Any(path => request.Path.StartsWithSegments(path))
        )
            return true;
        // Forms carry a token of their own, so that a browser that says nothing may still send them.
        return isOwn
            ?? !(
                request.Path.StartsWithSegments("/api")
                && request.Cookies.Keys.Any(name => name.StartsWith(_session, StringComparison.Ordinal))
            );
    }

    /// <summary>Whether the browser says that a page of ours sent this; null when nobody says anything.</summary>
    private bool? Says(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
            return site is "same-origin" or "none";
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0
            ? null
            : string.Equals(origin, _own ?? $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>HTTP/1.1 upgrades a GET, HTTP/2 extends CONNECT (RFC 8441).</summary>
    private static bool OpensWebSocket(HttpContext context) =>
        context.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase)
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    private static bool IsSafe(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    /// <summary>Only what authentication takes in the cookie's place: a browser sends other kinds by itself.</summary>
    private static bool HasCredential(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);
}
