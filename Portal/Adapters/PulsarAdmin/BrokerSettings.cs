using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>What a cluster says of its brokers.</summary>
internal static class BrokerSettings
{
    /// <summary>Live brokers as the cluster lists them, remembered for the day one is away.</summary>
    public static async Task<Outcome<string[]>> BrokersAsync(ClusterConnection cluster, CancellationToken cancellationToken)
    {
        if (
            !(await cluster.GetAsync("admin/v2/brokers", PulsarJson.Default.StringArray, cancellationToken)).TryGet(
                out var brokers,
                out var problem
            )
        )
            return problem;
        cluster.Remember(brokers ?? []);
        return brokers ?? [];
    }

    /// <summary>The broker's settings. They hold secrets: nothing but named ones leaves this adapter.</summary>
    public static async Task<Outcome<Dictionary<string, string>>> ReadAsync(ClusterConnection cluster, CancellationToken cancellationToken)
    {
        var read = await cluster.GetAsync(
            "admin/v2/brokers/configuration/runtime",
            PulsarJson.Default.DictionaryStringString,
            cancellationToken
        );
        return read.Map(settings => settings ?? []);
    }

    /// <summary>How often brokers refresh broker-stats; Pulsar's default is a minute.</summary>
    public static TimeSpan StatisticsInterval(Dictionary<string, string> settings) =>
        int.TryParse(settings.GetValueOrDefault("statsUpdateFrequencyInSecs"), CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromMinutes(1);

    /// <summary>Whether entries are stored as they came, and nothing of the broker's own among them.</summary>
    public static bool StoresWhatArrives(Dictionary<string, string> settings) =>
        settings.GetValueOrDefault("brokerEntryMetadataInterceptors") is null or "" or "[]"
        && settings.GetValueOrDefault("transactionCoordinatorEnabled") != "true";

    /// <summary>Whether messages of one batch are acknowledged one by one.</summary>
    public static bool KeepsPlacesInBatches(Dictionary<string, string> settings) =>
        settings.GetValueOrDefault("acknowledgmentAtBatchIndexLevelEnabled") == "true";
}
