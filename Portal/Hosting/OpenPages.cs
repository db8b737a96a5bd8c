using System.Security.Claims;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Hosting.Identity;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// So many open pages per account, or per address without one: each is a circuit that this process remembers, and anybody
/// can open one. A WebSocket gives its place back when it closes. Who polls instead keeps the place between two requests,
/// for as long as the server keeps the connection.
/// </summary>
internal sealed class OpenPages(RequestDelegate next, PortalSettings settings, TimeProvider clock)
{
    // SignalR forgets a connection that does not poll after 15 seconds.
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, Dictionary<string, Place>> _visitors = [];
    private readonly Queue<(DateTimeOffset At, string Visitor, string Page)> _left = [];
    private readonly Lock _gate = new();

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.Equals("/_blazor", StringComparison.OrdinalIgnoreCase))
        {
            await next(context);
            return;
        }
        var visitor = VisitorOf(context);
        // Made by the server beforehand; a client may leave that step out.
        var page = context.Request.Query["id"].ToString() is { Length: > 0 } id ? id : context.TraceIdentifier;
        if (!Enter(visitor, page))
        {
            await TooMany().ToResult().ExecuteAsync(context);
            return;
        }
        try
        {
            await next(context);
        }
        finally
        {
            Leave(visitor, page, context.WebSockets.IsWebSocketRequest ? TimeSpan.Zero : BetweenPolls);
        }
    }

    /// <summary>The account, or the network where nobody is signed in.</summary>
    internal static string VisitorOf(HttpContext context) =>
        context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? ClientNetwork.Of(context.Connection.RemoteIpAddress?.ToString());

    private Problem.TooMany TooMany() =>
        new(
            "pages-limit",
            $"You have {settings.Limits.OpenPagesPerVisitor} pages of Portal open, the limit. Close some, then reload this one.",
            BetweenPolls
        );

    private bool Enter(string visitor, string page)
    {
        lock (_gate)
        {
            while (_left.TryPeek(out var first) && first.At <= clock.Now())
            {
                _left.Dequeue();
                Forget(first.Visitor, first.Page);
            }
            if (!_visitors.TryGetValue(visitor, out var pages))
                _visitors[visitor] = pages = [];
            if (!pages.TryGetValue(page, out var place))
            {
                if (pages.Count >= settings.Limits.OpenPagesPerVisitor)
                    return false;
                pages[page] = place = new();
            }
            place.Requests++;
            return true;
        }
    }

    private void Leave(string visitor, string page, TimeSpan keep)
    {
        lock (_gate)
        {
            var place = _visitors[visitor][page];
            if (--place.Requests > 0)
                return;
            place.Until = clock.Now() + keep;
            if (keep == TimeSpan.Zero)
                Forget(visitor, page);
            else
                _left.Enqueue((place.Until, visitor, page));
        }
    }

    /// <summary>Unless it was taken up again.</summary>
    private void Forget(string visitor, string page)
    {
        if (
            !_visitors.TryGetValue(visitor, out var pages)
            || !pages.TryGetValue(page, out var place)
            || place.Requests > 0
            || place.Until > clock.Now()
        )
            return;
        pages.Remove(page);
        if (pages.Count == 0)
            _visitors.Remove(visitor);
    }

    private sealed class Place
    {
        public int Requests { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
