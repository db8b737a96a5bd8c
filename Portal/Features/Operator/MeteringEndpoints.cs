using Portal.Domain.Usage;
using Portal.Features.Api;

namespace Portal.Features.Operator;

public static class MeteringEndpoints
{
    public static IEndpointRouteBuilder MapOperatorMetering(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/operator/metering", GetAsync)
            .WithTags("Operator")
            .WithName("GetMeteringHealth")
            .WithSummary("Get metering health: brokers, lag, and traffic that nobody is billed for");
        return api;
    }

    /// <param name="State"><c>gone</c> means it left the cluster's list of brokers.</param>
    /// <param name="Topics">Of customers, at its last good poll.</param>
    public sealed record BrokerMeteringBody(
        string Broker,
        [OneOf("answering", "silent", "gone")] string State,
        DateTimeOffset? LastGoodAt,
        DateTimeOffset? SilentSince,
        double StatisticsIntervalSeconds,
        int Topics,
        string? Problem
    );

    /// <param name="CompleteTo">Null before the first good poll.</param>
    /// <param name="SystemBytes">Of Pulsar's own topics in customers' namespaces, since metering began; an integer that may pass
    /// 2^63.</param>
    /// <param name="UnknownBytes">Of topics in customers' namespaces that the portal did not make.</param>
    /// <param name="UnexplainedRows">Rows of the statistics that cannot be right.</param>
    /// <param name="Stalled">No poll has been recorded for five intervals: nothing is metered.</param>
    public sealed record ClusterMeteringBody(
        string Cluster,
        DateTimeOffset? PolledAt,
        DateTimeOffset? CompleteTo,
        double? LagSeconds,
        int Listed,
        int Answering,
        decimal SystemBytes,
        decimal UnknownBytes,
        long UnexplainedRows,
        bool Stalled,
        IReadOnlyList<BrokerMeteringBody> Brokers
    );

    public sealed record MeteringBody(DateTimeOffset At, IReadOnlyList<ClusterMeteringBody> Items, string? Next);

    private static Task<ListAnswer<MeteringBody>> GetAsync(
        ApiContext context,
        GetMeteringHealth get,
        CancellationToken cancellationToken
    ) =>
        context.ReportAsync(
            async page =>
                (await get.RunAsync(context.Actor, cancellationToken)).Map(health =>
                    (health.At, Clusters: ApiContext.Cut(health.Clusters, page, one => one.Standing.Cluster))
                ),
            health => new MeteringBody(health.At, [.. health.Clusters.Items.Select(Body)], health.Clusters.Next)
        );

    private static ClusterMeteringBody Body(ClusterMeteringHealth health)
    {
        var standing = health.Standing;
        return new(
            standing.Cluster,
            standing.PolledAt,
            standing.CompleteTo,
            health.Lag?.TotalSeconds,
            health.Listed,
            health.Answering,
            (decimal)standing.Apart.System,
            (decimal)standing.Apart.Unknown,
            standing.Apart.Rows,
            health.IsStalled,
            [.. standing.Brokers.Select(Body)]
        );
    }

    private static BrokerMeteringBody Body(BrokerMetering broker) =>
        new(
            broker.Broker,
            broker.ListedSince is null ? "gone"
                : broker.SilentSince is null ? "answering"
                : "silent",
            broker.LastGoodAt,
            broker.SilentSince,
            broker.StatisticsInterval.TotalSeconds,
            broker.Topics,
            broker.Problem
        );
}
