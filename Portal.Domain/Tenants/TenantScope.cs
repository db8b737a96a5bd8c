using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>Whether the place that a role is to hold in exists.</summary>
internal static class TenantScope
{
    /// <summary>A place that is not there; null when it is.</summary>
    public static async Task<Problem?> MissingAsync(
        IPortalSession session,
        OrganizationId organization,
        Scope scope,
        CancellationToken cancellationToken
    )
    {
        if (scope.Tenant is null)
            return null;
        if (await session.Tenants.FindAsync(organization, scope.Tenant, cancellationToken) is not { } tenant)
            return TenantProblems.NoTenant;
        return
            scope.Namespace is null || await session.Tenants.FindNamespaceAsync(tenant.Id, scope.Namespace, cancellationToken) is not null
            ? null
            : TenantProblems.NoNamespace;
    }
}
