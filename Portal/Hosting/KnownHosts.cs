using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// Without <c>Portal:PublicUrl</c> the portal learns its own address from requests: redirects, the issuer of its tokens, the
/// origin that passkeys and forms are held to. So it answers only under names that are its own: those of this machine,
/// those that it was told to listen on, and the address that the connection came to. With the setting, no address is made
/// from a request (<see cref="PublicOrigin"/>), and a proxy may send any name; unless it is a name of this machine, where
/// being asked under another is the mark of a page that plays tricks with names.
/// </summary>
internal sealed class KnownHosts(RequestDelegate next, PortalSettings settings, IServer server)
{
    // They make no address of their own, and monitors ask by whatever name.
    private static readonly PathString[] OpenToAll = ["/health", "/metrics", "/webhooks", "/ws"];

    private readonly bool _anyName = settings.PublicUrl is { } url && !new Uri(url).IsLoopback && !IsLocal(new Uri(url).Host);

    private static readonly Problem.Invalid Unknown = new(
        "host-unknown",
        "Portal isn't known by this name. If it should be, set Portal:PublicUrl to the address that people use, for example "
            + "https://portal.example.com."
    );

    public async Task InvokeAsync(HttpContext context)
    {
        if (
            _anyName
            || IsKnown(context)
            || OpenToAll.Any(path => context.Request.Path.StartsWithSegments(path))
            || IsScript(context.Request)
        )
            await next(context);
        else
            await Unknown.ToResult().ExecuteAsync(context);
    }

    private bool IsKnown(HttpContext context)
    {
        var host = context.Request.Host.Host.Trim('[', ']');
        if (IPAddress.TryParse(host, out var address))
            return IPAddress.IsLoopback(address) || Same(address, context.Connection.LocalIpAddress) || Listens(host);
        return IsLocal(host) || Is(host, Environment.MachineName) || Is(host, Dns.GetHostName()) || Listens(host);
    }

    /// <summary>Whether it is one of <c>urls</c>.</summary>
    private bool Listens(string host) =>
        server
            .Features.Get<IServerAddressesFeature>()
            ?.Addresses.Any(one => Uri.TryCreate(one, UriKind.Absolute, out var url) && Is(host, url.Host.Trim('[', ']'))) == true;

    /// <summary>A script sends its credential knowingly, and the API makes no address of the request's.</summary>
    private static bool IsScript(HttpRequest request) =>
        request.Path.StartsWithSegments("/api")
        && request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);

    private static bool IsLocal(string host) => Is(host, "localhost") || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    private static bool Is(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static bool Same(IPAddress one, IPAddress? other) => other is not null && one.MapToIPv6().Equals(other.MapToIPv6());
}
