using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Tenants;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Namespaces with their policies, marks and state.</summary>
internal sealed class PulsarNamespaces(ClusterConnections clusters, PulsarGrants grants) : INamespaceAdmin, INamespaceState
{
    private const string NamespaceMark = "portal.namespace";
    private const string TenantMark = "portal.tenant";
    private const string OrganizationMark = "portal.organization";

    public Task<Outcome<Done>> EnsureAsync(NamespaceAddress @namespace, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            @namespace.Cluster,
            async cluster =>
            {
                var body = PulsarJson.Bytes(new NewNamespaceDocument(Marks(@namespace)));
                if (
                    !(await cluster.SendAsync(HttpMethod.Put, PulsarPath.Namespace(@namespace), body, cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                return answer.Status switch
                {
                    HttpStatusCode.NotFound => PulsarProblems.TenantMissing(cluster.Name, @namespace.Tenant),
                    // Whose it is, the marks say before anything of it is set.
                    HttpStatusCode.Conflict => Outcome.Done,
                    _ => cluster.Done(answer),
                };
            }
        );

    public Task<Outcome<Done>> AdmitPortalAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) =>
        grants.AdmitAsync(@namespace, role, cancellationToken);

    public Task<Outcome<Done>> SetPoliciesAsync(
        NamespaceAddress @namespace,
        NamespacePolicies policies,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync(
            @namespace.Cluster,
            async cluster =>
                (await cluster.PulsarNameAsync(cancellationToken)).TryGet(out var pulsarName, out var problem)
                    ? await SetPoliciesAsync(cluster, pulsarName, @namespace, policies, cancellationToken)
                    : problem
        );

    private static async Task<Outcome<Done>> SetPoliciesAsync(
        ClusterConnection cluster,
        string pulsarName,
        NamespaceAddress @namespace,
        NamespacePolicies policies,
        CancellationToken cancellationToken
    )
    {
        if (!(await ReadDocumentAsync(cluster, @namespace, cancellationToken)).TryGet(out var there, out var problem))
            return problem;
        if (there is null)
            return PulsarProblems.NamespaceMissing(@namespace.Path);

        // Without a mark it was made by hand in a tenant of ours; with another's it is another namespace.
        var mark = there.Properties?.GetValueOrDefault(NamespaceMark);
        if (mark is not null && mark != @namespace.Marks.Namespace.ToString())
            return PulsarProblems.NamespaceNotOurs(@namespace.Path);
        List<PolicyChange> changes = [.. NamespacePolicyPlan.Changes(there, policies, pulsarName)];
        if (mark is null)
            changes.Insert(0, new(HttpMethod.Put, "properties", PulsarJson.Bytes(Marks(@namespace))));
        foreach (var change in changes)
        {
            var path = PulsarPath.Namespace(@namespace, change.Policy);
            if (!(await cluster.SendAsync(change.Method, path, change.Body, cancellationToken)).TryGet(out var answer, out problem))
                return problem;
            if (answer.Status == HttpStatusCode.NotFound)
                return PulsarProblems.NamespaceMissing(@namespace.Path);
            if (!answer.IsSuccess)
                return PulsarProblems.Of(cluster.Name, answer);
        }
        return Outcome.Done;
    }

    private static Dictionary<string, string> Marks(NamespaceAddress @namespace) =>
        new()
        {
            [NamespaceMark] = @namespace.Marks.Namespace.ToString(),
            [TenantMark] = @namespace.Marks.Tenant.ToString(),
            [OrganizationMark] = @namespace.Marks.Organization.ToString(),
        };

    public Task<Outcome<Done>> DeleteAsync(NamespaceAddress @namespace, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            @namespace.Cluster,
            async cluster =>
            {
                if (!(await ReadDocumentAsync(cluster, @namespace, cancellationToken)).TryGet(out var there, out var problem))
                    return problem;
                if (there is null)
                    return Outcome.Done;
                if (there.Properties?.GetValueOrDefault(NamespaceMark) is { } mark && mark != @namespace.Marks.Namespace.ToString())
                    return PulsarProblems.NamespaceNotOurs(@namespace.Path);
                if (
                    !(await cluster.SendAsync(HttpMethod.Delete, PulsarPath.Namespace(@namespace), null, cancellationToken)).TryGet(
                        out var answer,
                        out problem
                    )
                )
                    return problem;
                return answer.Status switch
                {
                    HttpStatusCode.NotFound => Outcome.Done,
                    HttpStatusCode.Conflict => PulsarProblems.NamespaceNotEmpty(@namespace.Path),
                    _ => cluster.Done(answer),
                };
            }
        );

    public Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(NamespaceAddress @namespace, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            @namespace.Cluster,
            async cluster =>
            {
                if (!(await cluster.PulsarNameAsync(cancellationToken)).TryGet(out var pulsarName, out var problem))
                    return problem;
                return (await ReadDocumentAsync(cluster, @namespace, cancellationToken)).Map(document =>
                    document is null ? null : NamespacePolicyPlan.Read(document, pulsarName)
                );
            }
        );

    private static Task<Outcome<PoliciesDocument?>> ReadDocumentAsync(
        ClusterConnection cluster,
        NamespaceAddress @namespace,
        CancellationToken cancellationToken
    ) =>
        cluster.GetAsync(
            PulsarPath.Namespace(@namespace),
            PulsarJson.Default.PoliciesDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<PoliciesDocument>
        );

    public Task<Outcome<NamespaceOnCluster?>> ReadAsync(
        NamespaceAddress @namespace,
        NamespacePolicies wanted,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<NamespaceOnCluster?>(
            @namespace.Cluster,
            async cluster =>
            {
                if (!(await cluster.PulsarNameAsync(cancellationToken)).TryGet(out var pulsarName, out var problem))
                    return problem;
                if (!(await ReadDocumentAsync(cluster, @namespace, cancellationToken)).TryGet(out var document, out problem))
                    return problem;
                if (document is null)
                    return Outcome.Of<NamespaceOnCluster?>(null);
                var topics = new HashSet<string>(StringComparer.Ordinal);
                // Partitioned topics are in both lists, by their partitions and by themselves; one whose partitions were never made in one
                // only.
                foreach (
                    var path in (string[])[PulsarPath.PersistentTopics(@namespace), PulsarPath.PersistentTopics(@namespace, "partitioned")]
                )
                {
                    if (
                        !(
                            await cluster.GetAsync(
                                path,
                                PulsarJson.Default.StringArray,
                                cancellationToken,
                                PulsarAnswer.NotFoundIsNull<string[]>
                            )
                        ).TryGet(out var listed, out problem)
                    )
                        return problem;
                    foreach (var name in listed ?? [])
                        if (!PartitionAddress.IsSystem(PartitionAddress.Split(name).Topic))
                            topics.Add(PartitionAddress.Split(name).Topic);
                }
                return new NamespaceOnCluster(
                    [.. NamespacePolicyPlan.Changes(document, wanted, pulsarName).Select(change => change.Policy)],
                    (document.AuthPolicies?.DestinationAuth ?? [])
                        .SelectMany(topic => topic.Value, (topic, role) => (Key: (topic.Key, role.Key), Actions: Granted(role.Value)))
                        .ToDictionary(grant => grant.Key, grant => grant.Actions),
                    (document.AuthPolicies?.NamespaceAuth ?? []).ToDictionary(
                        role => role.Key,
                        role => Granted(role.Value),
                        StringComparer.Ordinal
                    ),
                    topics
                );
            }
        );

    private static GrantedActions Granted(string[] actions) => new(actions.Contains("produce"), actions.Contains("consume"));
}
