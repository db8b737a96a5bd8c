using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

internal sealed partial class PulsarClusterAdmin
{
    public Task<Outcome<NamespaceOnCluster?>> ReadAsync(Namespace @namespace, NamespacePolicies wanted, CancellationToken cancellationToken) => OnAsync<NamespaceOnCluster?>(@namespace.Cluster, async cluster =>
    {
        if (!(await PulsarNameAsync(cluster, cancellationToken)).TryGet(out var pulsarName, out var problem)) return problem;
        if (!(await ReadDocumentAsync(cluster, @namespace, cancellationToken)).TryGet(out var document, out problem)) return problem;
        if (document is null) return Outcome.Of<NamespaceOnCluster?>(null);
        var topics = new HashSet<string>(StringComparer.Ordinal);
        // Partitioned topics are in both lists, by their partitions and by themselves; one whose partitions were never made in one only.
        foreach (var path in (string[])[PulsarPath.PersistentTopics(@namespace), PulsarPath.PersistentTopics(@namespace, "partitioned")])
        {
            if (!(await cluster.GetAsync(path, PulsarJson.Default.StringArray, cancellationToken, NotFoundIsNull<string[]>)).TryGet(out var listed, out problem)) return problem;
            foreach (var name in listed ?? [])
                if (!PartitionAddress.IsSystem(PartitionAddress.Split(name).Topic)) topics.Add(PartitionAddress.Split(name).Topic);
        }
        return new NamespaceOnCluster(
            [.. NamespacePolicyPlan.Changes(document, wanted, pulsarName).Select(change => change.Policy)],
            (document.AuthPolicies?.DestinationAuth ?? []).SelectMany(topic => topic.Value, (topic, role) => (Key: (topic.Key, role.Key), Actions: Granted(role.Value)))
                .ToDictionary(grant => grant.Key, grant => grant.Actions),
            (document.AuthPolicies?.NamespaceAuth ?? []).ToDictionary(role => role.Key, role => Granted(role.Value), StringComparer.Ordinal), topics);
    });

    private static GrantedActions Granted(string[] actions) => new(actions.Contains("produce"), actions.Contains("consume"));
}
