using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Operator;

public static class ClustersEndpoints
{
    public static IEndpointRouteBuilder MapClusters(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/operator/clusters", ListAsync).WithTags("Operator").WithName("ListClusters")
            .WithSummary("List clusters with their live status and settings that put revenue or security at risk");
        return api;
    }

    public sealed record ClusterBody(
        string Name, bool IsStandIn, Uri? BrokerUrl, Uri? WebSocketUrl, [OneOf("healthy", "warning", "unavailable")] string State, string? Version, string? PulsarName, IReadOnlyList<string> Brokers,
        double? StatisticsIntervalSeconds, IReadOnlyList<string> Warnings, StateProblemBody? Problem);

    private static Task<ListAnswer<PageOf<ClusterBody>>> ListAsync(ApiContext context, CheckClusters check, CancellationToken cancellationToken) =>
        context.ListWholeAsync(() => check.RunAsync(context.Actor, cancellationToken), one => one.Cluster.Name, Body);

    private static ClusterBody Body(CheckedCluster one) => one.Health.TryGet(out var health, out var problem)
        ? new(
            one.Cluster.Name, one.Cluster.IsStandIn, one.Cluster.BrokerUrl, one.Cluster.WebSocketUrl, health.Warnings.Count == 0 ? "healthy" : "warning", health.Version,
            health.PulsarName, health.Brokers, health.StatisticsInterval.TotalSeconds, health.Warnings, null)
        : new(
            one.Cluster.Name, one.Cluster.IsStandIn, one.Cluster.BrokerUrl, one.Cluster.WebSocketUrl, "unavailable", null, null, [], null, [], new(problem.Code, problem.Message));
}
