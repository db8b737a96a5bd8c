using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

/// <summary>What passes data to a function, and on from it.</summary>
public static class FunctionChainEndpoints
{
    public static IEndpointRouteBuilder MapFunctionChain(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/organizations/{org}/tenants/{tenant}/functions/{namespace}/{name}/chain", ChainAsync)
            .WithTags("Functions")
            .WithName("GetFunctionChain")
            .WithSummary("Get the connectors and functions of the namespace that pass data to a function or on from it");
        return api;
    }

    /// <param name="Columns">From left to right, in the direction of the data: what writes, the topics between, what reads.</param>
    /// <param name="Cut">true: the namespace has more connectors and functions than were looked at.</param>
    public sealed record ChainBody(IReadOnlyList<ChainColumnBody> Columns, bool Cut);

    public sealed record ChainColumnBody(IReadOnlyList<ChainPlaceBody> Places);

    /// <param name="Name">namespace/name for each kind.</param>
    /// <param name="Type">The built-in connector or function; null for a topic.</param>
    public sealed record ChainPlaceBody([OneOf("topic", "source", "sink", "function")] string Kind, string Name, string? Type);

    private static async Task<Answer<ChainBody>> ChainAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        GetConnectorChain get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, tenant, @namespace, name, ConnectorFamily.Functions, cancellationToken)).ToOk(
            chain => new ChainBody(
                [
                    .. chain.Columns.Select(column => new ChainColumnBody([
                        .. column.Select(place =>
                            place.Connector is { } connector
                                ? new ChainPlaceBody(connector.Kind.Text(), connector.Path, connector.Type)
                                : new ChainPlaceBody("topic", Connector.ShortTopic(place.Topic!), null)
                        ),
                    ])),
                ],
                chain.IsCut
            )
        );
}
