using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>Where a tenant lives, as a cluster is told: values alone, no row of the database.</summary>
/// <param name="Cluster">The portal's name of the cluster.</param>
/// <param name="OwnerRole">The mark on the cluster that the tenant is ours.</param>
public sealed record TenantAddress(string Cluster, string Name, string OwnerRole);

/// <param name="Marks">What the namespace carries on the cluster, so that it is known again.</param>
public sealed record NamespaceAddress(string Cluster, string Tenant, string Name, NamespaceMarks Marks)
{
    /// <summary><c>tenant/namespace</c>.</summary>
    public string Path => $"{Tenant}/{Name}";
}

public sealed record NamespaceMarks(NamespaceId Namespace, TenantId Tenant, OrganizationId Organization);
