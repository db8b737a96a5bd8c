using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

internal static class TenantWalks
{
    internal static IAsyncEnumerable<Tenant> AllTenantsAsync(
        this IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    ) => PageWalk.AllAsync(page => session.Tenants.ListAsync(organization, Scope.Whole, page, cancellationToken), cancellationToken);

    internal static IAsyncEnumerable<Namespace> AllNamespacesAsync(
        this IPortalSession session,
        TenantId tenant,
        CancellationToken cancellationToken
    ) => PageWalk.AllAsync(page => session.Tenants.ListNamespacesAsync(tenant, Scope.Whole, page, cancellationToken), cancellationToken);
}
