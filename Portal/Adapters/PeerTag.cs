using System.Net.Http.Metrics;

namespace Portal.Adapters;

/// <summary>
/// Names the system that a call goes to in the runtime's own metric, <c>http.client.request.duration</c>: <c>stripe</c>, or
/// <c>cluster:NAME</c>. Addresses alone would not: a cluster has many brokers.
/// </summary>
internal static class PeerTag
{
    public static void Set(HttpRequestMessage request, string peer) =>
        HttpMetricsEnrichmentContext.AddCallback(request, context => context.AddCustomTag("peer", peer));
}
