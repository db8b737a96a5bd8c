using Microsoft.AspNetCore.WebUtilities;
using Portal.Domain.Common;
using Portal.Domain.Gateway;
using Portal.Features.Api;

namespace Portal.Features.Gateway;

/// <summary>
/// Pulsar's WebSocket API on Portal's own address: who connects is checked here and again by the broker, and what is
/// said goes through untouched until one side closes it or Portal ends it.
/// </summary>
public static class GatewayFeature
{
    private const string Scheme = "Bearer ";

    // Unasked pongs to either side, so that no proxy or broker takes a quiet session for a dead one.
    internal static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Stands before authentication and the origin check: the token that each connection brings is the only credential
    /// here, no cookie is looked at, so another site's page has nothing to borrow.
    /// </summary>
    public static WebApplication UseGateway(this WebApplication app)
    {
        ((IApplicationBuilder)app).Map(
            "/ws",
            preserveMatchedPathSegment: true,
            gateway =>
            {
                gateway.UseWebSockets(new WebSocketOptions { KeepAliveInterval = KeepAlive });
                gateway.Run(HandleAsync);
            }
        );
        return app;
    }

    private static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var meter = services.GetRequiredService<GatewayMeter>();
        var (token, query) = TakeToken(context.Request);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, meter, GatewayProblems.NotWebSocket);
            return;
        }
        var admitted = await services
            .GetRequiredService<AdmitClient>()
            .RunAsync(context.Request.Path.Value ?? "", query, token, context.RequestAborted);
        if (
            !admitted.TryGet(out var admission, out var problem)
            || !services.GetRequiredService<GatewaySessions>().Begin(admission).TryGet(out var session, out problem)
        )
        {
            await RefuseAsync(context, meter, problem);
            return;
        }
        using (session)
        {
            var opened = await services.GetRequiredService<IBrokerSockets>().OpenAsync(admission, token!, context.RequestAborted);
            if (!opened.TryGet(out var broker, out problem))
            {
                await RefuseAsync(context, meter, problem);
                return;
            }
            using (broker)
            {
                using var client = await context.WebSockets.AcceptWebSocketAsync();
                await new Relay(client, broker, session, meter, services.GetRequiredService<TimeProvider>()).RunAsync();
            }
        }
    }

    private static Task RefuseAsync(HttpContext context, GatewayMeter meter, Problem problem)
    {
        meter.Refused(problem);
        return problem.ToResult().ExecuteAsync(context);
    }

    /// <summary>
    /// Takes the token out of the request, so that nothing after this can log it. A parameter's name is compared letter by
    /// letter, as the broker does; the framework's own collection would not.
    /// </summary>
    private static (string? Token, IReadOnlyList<KeyValuePair<string, string>> Query) TakeToken(HttpRequest request)
    {
        string? token = null;
        var query = new List<KeyValuePair<string, string>>();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name == GatewayParameters.Token)
                token ??= value;
            else
                query.Add(new(name, value));
        }
        request.QueryString = QueryString.Empty;
        var header = request.Headers.Authorization.ToString();
        request.Headers.Remove("Authorization");
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            token = header[Scheme.Length..].Trim();
        return (token, query);
    }
}
