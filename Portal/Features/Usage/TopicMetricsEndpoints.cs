using System.ComponentModel;
using Portal.Domain.Usage;
using Portal.Features.Api;

namespace Portal.Features.Usage;

/// <summary>An organization's topics as Prometheus scrapes them.</summary>
public static class TopicMetricsEndpoints
{
    public static IEndpointRouteBuilder MapTopicMetrics(this IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/organizations/{org}/metrics", GetAsync)
            .AddEndpointFilter(LargeAnswers.LimitAsync)
            .WithName("GetMetrics")
            .WithTags("Usage")
            .WithSummary("Get the current metrics of your topics, as Prometheus text");
        return api;
    }

    private static async Task<MetricsAnswer> GetAsync(
        string org,
        [Description("Only topics of this tenant.")] string? tenant,
        [Description("Only topics of this namespace; needs tenant.")] string? @namespace,
        ApiContext context,
        GetTopicMetrics get,
        CancellationToken cancellationToken
    )
    {
        var found = await get.RunAsync(context.Actor, org, tenant, @namespace, cancellationToken);
        return found.TryGet(out var metrics, out var problem)
            ? MetricsAnswer.Of(stream => TopicMetricsText.WriteAsync(stream, metrics))
            : problem;
    }
}
