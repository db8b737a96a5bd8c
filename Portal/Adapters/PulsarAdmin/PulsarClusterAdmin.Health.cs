using System.Globalization;
using System.Text;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarAdmin;

internal sealed partial class PulsarClusterAdmin
{
    public Task<Outcome<ClusterHealth>> CheckAsync(string cluster, CancellationToken cancellationToken) => OnAsync(cluster, connection => CheckAsync(connection, cancellationToken));

    public Task<Outcome<ClusterHealth>> CheckAsync(ClusterRegistration candidate, CancellationToken cancellationToken) => CheckAsync(clusters.To(candidate), cancellationToken);

    private static async Task<Outcome<ClusterHealth>> CheckAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        if (!(await connection.GetAsync("admin/v2/brokers/version", cancellationToken)).TryGet(out var version, out var problem)) return problem;
        if (!version.IsSuccess) return PulsarProblems.Of(connection.Name, version);
        if (!(await BrokersAsync(connection, cancellationToken)).TryGet(out var brokers, out problem)) return problem;
        if (!(await SettingsAsync(connection, cancellationToken)).TryGet(out var settings, out problem)) return problem;
        return new ClusterHealth(
            Encoding.UTF8.GetString(version.Body).Trim().Trim('"'), settings.GetValueOrDefault("clusterName", ""), brokers, StatisticsInterval(settings),
            [.. ClusterWarnings.Of(connection.Registration, version.Ahead, settings)]);
    }

    /// <summary>Live brokers as the cluster lists them, remembered for the day one is away.</summary>
    internal static async Task<Outcome<string[]>> BrokersAsync(ClusterConnection cluster, CancellationToken cancellationToken)
    {
        if (!(await cluster.GetAsync("admin/v2/brokers", PulsarJson.Default.StringArray, cancellationToken)).TryGet(out var brokers, out var problem)) return problem;
        cluster.Remember(brokers ?? []);
        return brokers ?? [];
    }

    /// <summary>The broker's settings. They hold secrets: nothing but named ones leaves this adapter.</summary>
    internal static async Task<Outcome<Dictionary<string, string>>> SettingsAsync(ClusterConnection cluster, CancellationToken cancellationToken)
    {
        var read = await cluster.GetAsync("admin/v2/brokers/configuration/runtime", PulsarJson.Default.DictionaryStringString, cancellationToken);
        return read.Map(settings => settings ?? []);
    }

    /// <summary>How often brokers refresh broker-stats; Pulsar's default is a minute.</summary>
    internal static TimeSpan StatisticsInterval(Dictionary<string, string> settings) =>
        int.TryParse(settings.GetValueOrDefault("statsUpdateFrequencyInSecs"), CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromMinutes(1);

    /// <summary>The cluster's own name, under which tenants are allowed and rates are kept. It never changes.</summary>
    private async Task<Outcome<string>> PulsarNameAsync(ClusterConnection cluster, CancellationToken cancellationToken)
    {
        if (cluster.PulsarName is { } known) return known;
        if (!(await SettingsAsync(cluster, cancellationToken)).TryGet(out var settings, out var problem)) return problem;
        if (settings.GetValueOrDefault("clusterName") is not { Length: > 0 } name) return PulsarProblems.Unreadable(cluster.Name);
        return cluster.PulsarName = name;
    }
}
