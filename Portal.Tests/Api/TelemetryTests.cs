using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>What an operator's collector sees of one change, from the request to the cluster's answer.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_trace_leads_from_the_request_to_the_clusters_answer_and_metrics_count_calls_by_their_outcome()
    {
        await using var cluster = await TestedCluster.StartAsync("LocalPulsar");
        await using var portal = new PortalHost();
        foreach (var (name, value) in cluster.Settings)
            portal.Settings[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        using var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });

        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentBag<Activity>();
        using var collector = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Portal" or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(collector);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/organizations/northwind/tenants")
        {
            Content = JsonContent.Create(new { name = "shop" }),
        };
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        (await api.SendAsync(request)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(
            async () =>
                (string?)(await api.GetFromJsonAsync<JsonNode>("/api/v1/organizations/northwind/tenants/shop"))!["state"] == "ready",
            "the tenant is ready"
        );

        Activity? step = null,
            call = null;
        await Eventually.TrueAsync(
            () =>
                Task.FromResult(
                    (step = spans.FirstOrDefault(span => span.OperationName == "work tenant.create")) is not null
                        && (call = spans.FirstOrDefault(span => span.ParentSpanId == step.SpanId && span.Source.Name == "System.Net.Http"))
                            is not null
                ),
            () => $"the step and its call are in the request's trace: {string.Join(", ", spans.Select(span => span.OperationName))}"
        );
        Assert.Equal("done", step!.GetTagItem("portal.work.outcome"));
        Assert.Contains("/admin/v2/tenants/", (string?)call!.GetTagItem("url.full"), StringComparison.Ordinal);

        var metrics = "";
        foreach (
            var name in new[]
            {
                "portal_work_open",
                "portal_work_oldest_due_seconds",
                "portal_work_failing",
                "portal_metering_lag_seconds",
                "portal_webhooks_backlog",
            }
        )
            await Eventually.TrueAsync(
                async () => (metrics = await api.GetStringAsync("/metrics")).Contains($"\n{name}", StringComparison.Ordinal),
                $"{name} is measured"
            );
        (
            await api.PostAsJsonAsync("/api/v1/organizations/northwind/billing/checkout", new { returnUrl = "/o/northwind/billing" })
        ).EnsureSuccessStatusCode();
        foreach (var peer in new[] { "cluster:tested", "stripe" })
            await Eventually.TrueAsync(
                async () =>
                    (metrics = await api.GetStringAsync("/metrics"))
                        .Split('\n')
                        .Any(line =>
                            line.StartsWith("system_net_http_http_client_request_duration_count", StringComparison.Ordinal)
                            && line.Contains($"peer=\"{peer}\"", StringComparison.Ordinal)
                            && line.Contains("http_response_status_code=\"2", StringComparison.Ordinal)
                        ),
                $"calls to {peer} are counted by outcome"
            );
    }
}
