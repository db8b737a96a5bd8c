using System.Net;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Tenants of Pulsar 4.0 and 4.2 over the admin API v2, as a super-user. As in the whole adapter, what is there already is
/// read back and compared, so that a call repeated after a crash changes nothing more.
/// </summary>
internal sealed class PulsarTenants(ClusterConnections clusters) : ITenantAdmin
{
    public Task<Outcome<Done>> EnsureAsync(TenantAddress tenant, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            tenant.Cluster,
            async cluster =>
            {
                if (!(await cluster.PulsarNameAsync(cancellationToken)).TryGet(out var pulsarName, out var problem))
                    return problem;
                var body = PulsarJson.Bytes(new TenantDocument([tenant.OwnerRole], [pulsarName]));
                if (
                    !(await cluster.SendAsync(HttpMethod.Put, PulsarPath.Tenant(tenant.Name), body, cancellationToken)).TryGet(
                        out var answer,
                        out problem
                    )
                )
                    return problem;
                if (answer.Status != HttpStatusCode.Conflict)
                    return cluster.Done(answer);
                if (!(await ReadTenantAsync(cluster, tenant, cancellationToken)).TryGet(out var there, out problem))
                    return problem;
                return there is null ? PulsarProblems.TenantMissing(cluster.Name, tenant.Name)
                    : IsOurs(there, tenant) ? Outcome.Done
                    : PulsarProblems.TenantNotOurs(tenant.Name);
            }
        );

    public Task<Outcome<Done>> DeleteAsync(TenantAddress tenant, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            tenant.Cluster,
            async cluster =>
            {
                if (!(await ReadTenantAsync(cluster, tenant, cancellationToken)).TryGet(out var there, out var problem))
                    return problem;
                if (there is null)
                    return Outcome.Done;
                if (!IsOurs(there, tenant))
                    return PulsarProblems.TenantNotOurs(tenant.Name);
                if (
                    !(await cluster.SendAsync(HttpMethod.Delete, PulsarPath.Tenant(tenant.Name), null, cancellationToken)).TryGet(
                        out var answer,
                        out problem
                    )
                )
                    return problem;
                return answer.Status switch
                {
                    HttpStatusCode.NotFound => Outcome.Done,
                    HttpStatusCode.Conflict => PulsarProblems.TenantNotEmpty(tenant.Name),
                    _ => cluster.Done(answer),
                };
            }
        );

    private static Task<Outcome<TenantDocument?>> ReadTenantAsync(
        ClusterConnection cluster,
        TenantAddress tenant,
        CancellationToken cancellationToken
    ) =>
        cluster.GetAsync(
            PulsarPath.Tenant(tenant.Name),
            PulsarJson.Default.TenantDocument,
            cancellationToken,
            PulsarAnswer.NotFoundIsNull<TenantDocument>
        );

    private static bool IsOurs(TenantDocument there, TenantAddress tenant) =>
        there.AdminRoles?.Contains(tenant.OwnerRole, StringComparer.Ordinal) == true;
}
