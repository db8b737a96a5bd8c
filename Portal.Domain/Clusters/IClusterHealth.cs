using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>
/// Asks a cluster how it is. The ports of the features (<c>ITenantAdmin</c>, <c>ITopicAdmin</c> and so on) say what is done on
/// it; to all of them applies: every call is idempotent, carried out twice it changes nothing more. Problems are
/// <see cref="Problem.Unavailable"/> when trying again may help (cluster away, timeout, 5xx), and another case when the
/// cluster refused for good. <c>cluster-unauthorized</c> (Unavailable) is the code for a token that the cluster does not take.
/// </summary>
public interface IClusterHealth
{
    /// <summary>Version, brokers and the settings that the portal depends on, with a sentence for each that is wrong.</summary>
    Task<Outcome<ClusterHealth>> CheckAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>The same of a cluster that is not registered, or not like this.</summary>
    Task<Outcome<ClusterHealth>> CheckAsync(ClusterRegistration candidate, CancellationToken cancellationToken);
}

/// <param name="PulsarName">The cluster's own name (<c>clusterName</c>).</param>
/// <param name="StatisticsInterval">How often its brokers refresh broker-stats.</param>
/// <param name="Warnings">Settings that lose money or open doors, each with what to do.</param>
public sealed record ClusterHealth(
    string Version,
    string PulsarName,
    IReadOnlyList<string> Brokers,
    TimeSpan StatisticsInterval,
    IReadOnlyList<string> Warnings
);
