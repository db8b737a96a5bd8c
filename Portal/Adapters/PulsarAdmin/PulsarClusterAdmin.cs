using System.Net;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Administers Pulsar 4.0 and 4.2 over the admin API v2 as a super-user. What is there already is read back and
/// compared, so that a call repeated after a crash changes nothing more. Here tenants; namespaces, topics, grants and
/// health have a file each.
/// </summary>
internal sealed partial class PulsarClusterAdmin(ClusterConnections clusters, GrantPacer pacer, TimeProvider clock) : IClusterAdmin, INamespaceState
{
    public Task<Outcome<Done>> EnsureTenantAsync(Tenant tenant, CancellationToken cancellationToken) => OnAsync(tenant.Cluster, async cluster =>
    {
        if (!(await PulsarNameAsync(cluster, cancellationToken)).TryGet(out var pulsarName, out var problem)) return problem;
        var body = PulsarJson.Bytes(new TenantDocument([tenant.AdminRole], [pulsarName]));
        if (!(await cluster.SendAsync(HttpMethod.Put, PulsarPath.Tenant(tenant.Name), body, cancellationToken)).TryGet(out var answer, out problem)) return problem;
        if (answer.Status != HttpStatusCode.Conflict) return Done(cluster, answer);
        if (!(await ReadTenantAsync(cluster, tenant, cancellationToken)).TryGet(out var there, out problem)) return problem;
        return there is null ? PulsarProblems.TenantMissing(cluster.Name, tenant.Name) : IsOurs(there, tenant) ? Outcome.Done : PulsarProblems.TenantNotOurs(tenant.Name);
    });

    public Task<Outcome<Done>> DeleteTenantAsync(Tenant tenant, CancellationToken cancellationToken) => OnAsync(tenant.Cluster, async cluster =>
    {
        if (!(await ReadTenantAsync(cluster, tenant, cancellationToken)).TryGet(out var there, out var problem)) return problem;
        if (there is null) return Outcome.Done;
        if (!IsOurs(there, tenant)) return PulsarProblems.TenantNotOurs(tenant.Name);
        if (!(await cluster.SendAsync(HttpMethod.Delete, PulsarPath.Tenant(tenant.Name), null, cancellationToken)).TryGet(out var answer, out problem)) return problem;
        return answer.Status switch
        {
            HttpStatusCode.NotFound => Outcome.Done,
            HttpStatusCode.Conflict => PulsarProblems.TenantNotEmpty(tenant.Name),
            _ => Done(cluster, answer),
        };
    });

    private static Task<Outcome<TenantDocument?>> ReadTenantAsync(ClusterConnection cluster, Tenant tenant, CancellationToken cancellationToken) => cluster.GetAsync(
        PulsarPath.Tenant(tenant.Name), PulsarJson.Default.TenantDocument, cancellationToken, NotFoundIsNull<TenantDocument>);

    private static bool IsOurs(TenantDocument there, Tenant tenant) => there.AdminRoles?.Contains(tenant.AdminRole, StringComparer.Ordinal) == true;

    private async Task<Outcome<T>> OnAsync<T>(string cluster, Func<ClusterConnection, Task<Outcome<T>>> action) =>
        clusters.Find(cluster).TryGet(out var connection, out var problem) ? await action(connection) : problem;

    private static Outcome<Done> Done(ClusterConnection cluster, PulsarAnswer answer) => answer.IsSuccess ? Outcome.Done : PulsarProblems.Of(cluster.Name, answer);

    internal static Outcome<T?>? NotFoundIsNull<T>(PulsarAnswer answer) where T : class =>
        answer.Status == HttpStatusCode.NotFound ? Outcome.Of<T?>(null) : null;
}
