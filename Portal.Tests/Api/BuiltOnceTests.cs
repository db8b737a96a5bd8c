using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Portal.Hosting;

namespace Portal.Tests.Api;

/// <summary>Endpoints are built once for all who ask for them, and stay what they were.</summary>
public sealed class BuiltOnceTests
{
    [Fact]
    public async Task However_many_ask_an_endpoint_is_built_once()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var built = 0;
        app.MapGet("/alone", () => "alone").Finally(_ => built++);
        var group = app.MapGroup("/group");
        group.MapGet("/one", () => "one");
        ((IEndpointConventionBuilder)group).Finally(_ => built++);
        app.BuildEndpointsOnce();

        var routes = Asked();
        Assert.Equal(routes, Asked());

        Assert.Equal(["/alone", "/group/one"], routes.Select(endpoint => ((RouteEndpoint)endpoint).RoutePattern.RawText).Order());
        Assert.Equal(2, built);

        // The router and the authorization ask by a composite of their own each.
        List<Endpoint> Asked()
        {
            using var all = new CompositeEndpointDataSource(((IEndpointRouteBuilder)app).DataSources);
            return [.. all.Endpoints];
        }
    }
}
