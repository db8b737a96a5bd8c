using Portal.Domain.Usage;

namespace Portal.Features.Usage;

/// <summary>
/// A customer's metrics under the names and labels of a broker's own <c>/metrics</c>, so that dashboards made for that show them.
/// Out-counters are the topic's: brokers count them for each subscription, and lose them with it.
/// </summary>
internal static class TopicMetricsText
{
    private static readonly (string Name, string Type, string Help, Func<TopicFigures, double> Value)[] OfTopic =
    [
        ("pulsar_subscriptions_count", "gauge", "Subscriptions of the topic.", row => row.Subscriptions.Count),
        ("pulsar_producers_count", "gauge", "Connected producers.", row => row.Producers),
        ("pulsar_consumers_count", "gauge", "Connected consumers.", row => row.Consumers),
        ("pulsar_rate_in", "gauge", "Messages per second that producers send.", row => row.RateIn),
        ("pulsar_rate_out", "gauge", "Messages per second that consumers receive.", row => row.RateOut),
        ("pulsar_throughput_in", "gauge", "Bytes per second that producers send.", row => row.ThroughputIn),
        ("pulsar_throughput_out", "gauge", "Bytes per second that consumers receive.", row => row.ThroughputOut),
        ("pulsar_average_msg_size", "gauge", "Average size of recent messages, in bytes.", row => row.AverageSize),
        ("pulsar_storage_size", "gauge", "Stored bytes, before replication.", row => row.StorageBytes),
        ("pulsar_storage_logical_size", "gauge", "Stored bytes, before replication.", row => row.StorageBytes),
        ("pulsar_storage_backlog_size", "gauge", "Backlog of the subscription furthest behind, in bytes.", row => row.BacklogBytes),
        ("pulsar_msg_backlog", "gauge", "Entries in the backlogs of all subscriptions.", row => row.Backlog),
        ("pulsar_in_messages_total", "counter", "Messages received since the topic was loaded.", row => row.MessagesIn),
        ("pulsar_in_bytes_total", "counter", "Bytes received since the topic was loaded.", row => row.BytesIn),
        ("pulsar_out_messages_total", "counter", "Messages sent to consumers since the topic was loaded.", row => row.MessagesOut),
        ("pulsar_out_bytes_total", "counter", "Bytes sent to consumers since the topic was loaded.", row => row.BytesOut),
    ];

    private static readonly (string Name, string Type, string Help, Func<SubscriptionFigures, double> Value)[] OfSubscription =
    [
        ("pulsar_subscription_back_log", "gauge", "Entries in the subscription's backlog.", one => one.Backlog),
        ("pulsar_subscription_unacked_messages", "gauge", "Messages that consumers haven't acknowledged.", one => one.Unacknowledged),
        (
            "pulsar_subscription_blocked_on_unacked_messages",
            "gauge",
            "1 while too many unacknowledged messages block the subscription.",
            one => one.IsBlocked ? 1 : 0
        ),
        ("pulsar_subscription_consumers_count", "gauge", "Connected consumers of the subscription.", one => one.Consumers),
        (
            "pulsar_subscription_msg_rate_out",
            "gauge",
            "Messages per second that consumers of the subscription receive.",
            one => one.RateOut
        ),
        (
            "pulsar_subscription_msg_throughput_out",
            "gauge",
            "Bytes per second that consumers of the subscription receive.",
            one => one.ThroughputOut
        ),
        ("pulsar_subscription_msg_rate_redeliver", "gauge", "Messages per second that are delivered again.", one => one.RateRedelivered),
        ("pulsar_subscription_msg_rate_expired", "gauge", "Messages per second that expire.", one => one.RateExpired),
        ("pulsar_subscription_msg_ack_rate", "gauge", "Messages per second that are acknowledged.", one => one.RateAcknowledged),
    ];

    public static async Task WriteAsync(Stream stream, TopicMetrics metrics)
    {
        await using var text = new PrometheusText(stream);
        await OfPortalAsync(text, metrics);
        var namespaces = metrics.Clusters.SelectMany(cluster => cluster.Namespaces.Select(one => (cluster.Cluster, Figures: one))).ToList();
        if (namespaces.Count == 0)
            return;
        await text.FamilyAsync("pulsar_topics_count", "gauge", "Topics and partitions of the namespace that brokers have loaded.");
        foreach (var (cluster, figures) in namespaces)
            await text.SampleAsync(
                "pulsar_topics_count",
                PrometheusText.Labels(("cluster", cluster), ("namespace", figures.Path)),
                figures.Topics.Count
            );
        var topics = namespaces
            .SelectMany(
                one => one.Figures.Topics,
                (one, row) =>
                    (
                        Labels: PrometheusText.Labels(("cluster", one.Cluster), ("namespace", one.Figures.Path), ("topic", row.Partition)),
                        Row: row
                    )
            )
            .ToList();
        foreach (var (name, type, help, value) in OfTopic)
        {
            await text.FamilyAsync(name, type, help);
            foreach (var (labels, row) in topics)
                await text.SampleAsync(name, labels, value(row));
        }
        var subscriptions = topics
            .SelectMany(
                one => one.Row.Subscriptions,
                (one, figures) => (Labels: $"{one.Labels},{PrometheusText.Labels(("subscription", figures.Name))}", Figures: figures)
            )
            .ToList();
        if (subscriptions.Count == 0)
            return;
        foreach (var (name, type, help, value) in OfSubscription)
        {
            await text.FamilyAsync(name, type, help);
            foreach (var (labels, figures) in subscriptions)
                await text.SampleAsync(name, labels, value(figures));
        }
    }

    /// <summary>How good the rest is: a dashboard that shows nothing should not look like topics that do nothing.</summary>
    private static async Task OfPortalAsync(PrometheusText text, TopicMetrics metrics)
    {
        if (metrics.Clusters.Count > 0)
        {
            await text.FamilyAsync(
                "portal_cluster_up",
                "gauge",
                "1 if the cluster answered. While it's 0, the cluster's topics are missing."
            );
            foreach (var one in metrics.Clusters)
                await text.SampleAsync("portal_cluster_up", Cluster(one), one.Age is null ? 0 : 1);
            await text.FamilyAsync(
                "portal_metrics_complete",
                "gauge",
                "1 if every broker of the cluster answered. While it's 0, some topics are missing."
            );
            foreach (var one in metrics.Clusters)
                await text.SampleAsync("portal_metrics_complete", Cluster(one), one.IsComplete ? 1 : 0);
        }
        if (metrics.Clusters.Any(one => one.Age is not null))
        {
            await text.FamilyAsync(
                "portal_metrics_age_seconds",
                "gauge",
                "Seconds since Portal asked the cluster. Brokers refresh these values about once a minute."
            );
            foreach (var one in metrics.Clusters.Where(one => one.Age is not null))
                await text.SampleAsync("portal_metrics_age_seconds", Cluster(one), Math.Round(one.Age!.Value.TotalSeconds, 3));
        }
        await text.FamilyAsync(
            "portal_metrics_topics_left_out",
            "gauge",
            "Topics and partitions beyond what one response holds. Scrape tenants or namespaces separately to get them."
        );
        await text.SampleAsync("portal_metrics_topics_left_out", "", metrics.LeftOut);
    }

    private static string Cluster(ClusterMetrics one) => PrometheusText.Labels(("cluster", one.Cluster));
}
