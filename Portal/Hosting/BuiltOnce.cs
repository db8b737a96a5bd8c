using Microsoft.Extensions.Primitives;

namespace Portal.Hosting;

/// <summary>
/// The endpoints of a source, kept. The framework's sources of routes and groups build all of theirs for each who asks, and
/// both the router and the authorization ask at every start: hundreds of handlers would be compiled twice.
/// </summary>
public sealed class BuiltOnce(EndpointDataSource source) : EndpointDataSource
{
    private readonly Lock _one = new();
    private IReadOnlyList<Endpoint>? _endpoints;
    private IChangeToken? _change;

    public override IReadOnlyList<Endpoint> Endpoints
    {
        get
        {
            lock (_one)
            {
                if (_endpoints is null || _change!.HasChanged)
                {
                    _change = source.GetChangeToken();
                    _endpoints = source.Endpoints;
                }
                return _endpoints;
            }
        }
    }

    public override IChangeToken GetChangeToken() => source.GetChangeToken();

    public override IReadOnlyList<Endpoint> GetGroupedEndpoints(RouteGroupContext context) => source.GetGroupedEndpoints(context);
}

public static class BuiltOnceSetup
{
    /// <summary>After the last route is mapped. Sources of pages and files keep theirs, and are looked for by their type.</summary>
    public static void BuildEndpointsOnce(this IEndpointRouteBuilder app)
    {
        var sources = app.DataSources.ToList();
        app.DataSources.Clear();
        foreach (var source in sources)
            app.DataSources.Add(source.GetType().Assembly == typeof(RouteGroupContext).Assembly ? new BuiltOnce(source) : source);
    }
}
