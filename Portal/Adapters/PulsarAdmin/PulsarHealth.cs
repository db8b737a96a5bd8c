using System.Text;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>How a cluster is, and what of its settings the portal depends on.</summary>
internal sealed class PulsarHealth(ClusterConnections clusters) : IClusterHealth
{
    public Task<Outcome<ClusterHealth>> CheckAsync(string cluster, CancellationToken cancellationToken) =>
        clusters.OnAsync(cluster, connection => CheckAsync(connection, cancellationToken));

    public Task<Outcome<ClusterHealth>> CheckAsync(ClusterRegistration candidate, CancellationToken cancellationToken) =>
        CheckAsync(clusters.To(candidate), cancellationToken);

    private static async Task<Outcome<ClusterHealth>> CheckAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        if (!(await connection.GetAsync("admin/v2/brokers/version", cancellationToken)).TryGet(out var version, out var problem))
            return problem;
        if (!version.IsSuccess)
            return PulsarProblems.Of(connection.Name, version);
        if (!(await BrokerSettings.BrokersAsync(connection, cancellationToken)).TryGet(out var brokers, out problem))
            return problem;
        if (!(await BrokerSettings.ReadAsync(connection, cancellationToken)).TryGet(out var settings, out problem))
            return problem;
        return new ClusterHealth(
            Encoding.UTF8.GetString(version.Body).Trim().Trim('"'),
            settings.GetValueOrDefault("clusterName", ""),
            brokers,
            BrokerSettings.StatisticsInterval(settings),
            [.. ClusterWarnings.Of(connection.Registration, version.Ahead, settings)]
        );
    }
}
