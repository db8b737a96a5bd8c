using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;

namespace Portal.Domain.Desired;

/// <summary>Reads what a cluster has of a namespace, for the comparison with what should be there. Changes nothing.</summary>
public interface INamespaceState
{
    /// <summary>Null when the cluster has no such namespace. Problems as in <see cref="IClusterHealth"/>.</summary>
    /// <param name="wanted">What its policies should be.</param>
    Task<Outcome<NamespaceOnCluster?>> ReadAsync(
        NamespaceAddress @namespace,
        NamespacePolicies wanted,
        CancellationToken cancellationToken
    );
}

/// <param name="DifferingPolicies">Names of the policies that are not as wanted, as Pulsar's admin API writes them.</param>
/// <param name="TopicGrants">By topic address and role.</param>
/// <param name="NamespaceGrants">By role.</param>
/// <param name="PersistentTopics">Addresses without partition suffix; system topics are left out. Topics that are not persistent exist only
/// while they are loaded and are not listed.</param>
public sealed record NamespaceOnCluster(
    IReadOnlyList<string> DifferingPolicies,
    IReadOnlyDictionary<(string Address, string Role), GrantedActions> TopicGrants,
    IReadOnlyDictionary<string, GrantedActions> NamespaceGrants,
    IReadOnlySet<string> PersistentTopics
);
