using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Operator;

public static class ClustersEndpoints
{
    public static IEndpointRouteBuilder MapClusters(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/operator/clusters", ListAsync).WithTags("Operator").WithName("ListClusters")
            .WithSummary("What each cluster answers now, and the settings that lose money or open doors");
        return api;
    }

    /// <param name="State"><c>healthy</c>, <c>warning</c> or <c>unavailable</c>, with the problem.</param>
    public sealed record ClusterBody(
        string Name, bool IsStandIn, Uri? BrokerUrl, Uri? WebSocketUrl, string State, string? Version, string? PulsarName, IReadOnlyList<string> Brokers,
        double? StatisticsIntervalSeconds, IReadOnlyList<string> Warnings, ProblemBody? Problem);

    private static async Task<IResult> ListAsync(ApiContext context, CheckClusters check, CancellationToken cancellationToken) =>
        (await check.RunAsync(context.Actor, cancellationToken)).ToOk(clusters => new PageOf<ClusterBody>([.. clusters.Select(Body)], null));

    private static ClusterBody Body(CheckedCluster one) => one.Health.TryGet(out var health, out var problem)
        ? new(
            one.Cluster.Name, one.Cluster.IsStandIn, one.Cluster.BrokerUrl, one.Cluster.WebSocketUrl, health.Warnings.Count == 0 ? "healthy" : "warning", health.Version,
            health.PulsarName, health.Brokers, health.StatisticsInterval.TotalSeconds, health.Warnings, null)
        : new(
            one.Cluster.Name, one.Cluster.IsStandIn, one.Cluster.BrokerUrl, one.Cluster.WebSocketUrl, "unavailable", null, null, [], null, [], new(problem.Code, problem.Message));
}
