using System.Net;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Adapters.PulsarAdmin;

internal sealed partial class PulsarClusterAdmin
{
    private const string NamespaceMark = "portal.namespace";
    private const string TenantMark = "portal.tenant";
    private const string OrganizationMark = "portal.organization";

    public Task<Outcome<Done>> EnsureNamespaceAsync(Namespace @namespace, NamespacePolicies policies, Action afterCreation, CancellationToken cancellationToken) =>
        OnAsync(@namespace.Cluster, async cluster =>
        {
            if (!(await PulsarNameAsync(cluster, cancellationToken)).TryGet(out var pulsarName, out var problem)) return problem;
            var body = PulsarJson.Bytes(new NewNamespaceDocument(Marks(@namespace)));
            if (!(await cluster.SendAsync(HttpMethod.Put, PulsarPath.Namespace(@namespace), body, cancellationToken)).TryGet(out var answer, out problem)) return problem;
            if (answer.Status == HttpStatusCode.NotFound) return PulsarProblems.TenantMissing(cluster.Name, @namespace.TenantName);
            if (!answer.IsSuccess && answer.Status != HttpStatusCode.Conflict) return PulsarProblems.Of(cluster.Name, answer);
            afterCreation();
            return await SetPoliciesAsync(cluster, pulsarName, @namespace, policies, cancellationToken);
        });

    public Task<Outcome<Done>> SetPoliciesAsync(Namespace @namespace, NamespacePolicies policies, CancellationToken cancellationToken) => OnAsync(@namespace.Cluster, async cluster =>
        (await PulsarNameAsync(cluster, cancellationToken)).TryGet(out var pulsarName, out var problem)
            ? await SetPoliciesAsync(cluster, pulsarName, @namespace, policies, cancellationToken)
            : problem);

    private static async Task<Outcome<Done>> SetPoliciesAsync(
        ClusterConnection cluster, string pulsarName, Namespace @namespace, NamespacePolicies policies, CancellationToken cancellationToken)
    {
        if (!(await ReadDocumentAsync(cluster, @namespace, cancellationToken)).TryGet(out var there, out var problem)) return problem;
        if (there is null) return PulsarProblems.NamespaceMissing(@namespace.Path);

        // Without a mark it was made by hand in a tenant of ours; with another's it is another namespace.
        var mark = there.Properties?.GetValueOrDefault(NamespaceMark);
        if (mark is not null && mark != @namespace.Id.ToString()) return PulsarProblems.NamespaceNotOurs(@namespace.Path);
        List<PolicyChange> changes = [.. NamespacePolicyPlan.Changes(there, policies, pulsarName)];
        if (mark is null) changes.Insert(0, new(HttpMethod.Put, "properties", PulsarJson.Bytes(Marks(@namespace))));
        foreach (var change in changes)
        {
            var path = PulsarPath.Namespace(@namespace, change.Policy);
            if (!(await cluster.SendAsync(change.Method, path, change.Body, cancellationToken)).TryGet(out var answer, out problem)) return problem;
            if (answer.Status == HttpStatusCode.NotFound) return PulsarProblems.NamespaceMissing(@namespace.Path);
            if (!answer.IsSuccess) return PulsarProblems.Of(cluster.Name, answer);
        }
        return Outcome.Done;
    }

    private static Dictionary<string, string> Marks(Namespace @namespace) => new()
    {
        [NamespaceMark] = @namespace.Id.ToString(), [TenantMark] = @namespace.TenantId.ToString(), [OrganizationMark] = @namespace.OrganizationId.ToString(),
    };

    public Task<Outcome<Done>> DeleteNamespaceAsync(Namespace @namespace, CancellationToken cancellationToken) => OnAsync(@namespace.Cluster, async cluster =>
    {
        if (!(await ReadDocumentAsync(cluster, @namespace, cancellationToken)).TryGet(out var there, out var problem)) return problem;
        if (there is null) return Outcome.Done;
        if (there.Properties?.GetValueOrDefault(NamespaceMark) is { } mark && mark != @namespace.Id.ToString()) return PulsarProblems.NamespaceNotOurs(@namespace.Path);
        if (!(await cluster.SendAsync(HttpMethod.Delete, PulsarPath.Namespace(@namespace), null, cancellationToken)).TryGet(out var answer, out problem)) return problem;
        return answer.Status switch
        {
            HttpStatusCode.NotFound => Outcome.Done,
            HttpStatusCode.Conflict => PulsarProblems.NamespaceNotEmpty(@namespace.Path),
            _ => Done(cluster, answer),
        };
    });

    public Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(Namespace @namespace, CancellationToken cancellationToken) => OnAsync(@namespace.Cluster, async cluster =>
    {
        if (!(await PulsarNameAsync(cluster, cancellationToken)).TryGet(out var pulsarName, out var problem)) return problem;
        return (await ReadDocumentAsync(cluster, @namespace, cancellationToken)).Map(document => document is null ? null : NamespacePolicyPlan.Read(document, pulsarName));
    });

    private static Task<Outcome<PoliciesDocument?>> ReadDocumentAsync(ClusterConnection cluster, Namespace @namespace, CancellationToken cancellationToken) =>
        cluster.GetAsync(PulsarPath.Namespace(@namespace), PulsarJson.Default.PoliciesDocument, cancellationToken, NotFoundIsNull<PoliciesDocument>);
}
