using Portal.Domain.Clusters;
using Portal.Domain.Usage;
using Portal.Features.Api;
using Portal.Features.Operator;

namespace Portal.Features.Clusters;

/// <summary>How the clusters do, for scripts and status boards.</summary>
public static class StatusEndpoints
{
    public static IEndpointRouteBuilder MapStatus(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/status", GetAsync)
            .WithTags("Status")
            .WithName("GetStatus")
            .WithSummary("Get the status of the clusters you can see, and incidents of the last two weeks");
        return api;
    }

    /// <param name="State">Whether its brokers answer.</param>
    /// <param name="MeteredTo">Null before the first figures.</param>
    /// <param name="Impact">The worst that operators say of it now; null for nothing.</param>
    public sealed record ClusterStatusBody(
        string Name,
        string? Region,
        [OneOf<ClusterReachWords>] string State,
        DateTimeOffset? MeteredTo,
        [OneOf<IncidentImpactWords>] string? Impact
    );

    public sealed record StatusBody(IReadOnlyList<ClusterStatusBody> Clusters, IReadOnlyList<IncidentsEndpoints.IncidentBody> Incidents);

    private static async Task<Answer<StatusBody>> GetAsync(ApiContext context, GetStatus get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, cancellationToken)).ToOk(status => new StatusBody(
            [
                .. status.Clusters.Select(cluster => new ClusterStatusBody(
                    cluster.Name,
                    cluster.Region,
                    cluster.Reach.ToString().ToLowerInvariant(),
                    cluster.MeteredTo,
                    cluster.Impact?.Text()
                )),
            ],
            [.. status.Incidents.Select(incident => IncidentsEndpoints.Body(incident, status.At))]
        ));
}

internal sealed class ClusterReachWords : IWords
{
    public static string[] All => Words.Lower<ClusterReach>();
}
