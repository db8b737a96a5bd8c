using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>Tenants on a cluster. Idempotent, with the problems of <see cref="IClusterHealth"/>.</summary>
public interface ITenantAdmin
{
    /// <summary>
    /// Makes the tenant with its <see cref="TenantAddress.OwnerRole"/>. One that exists without that role is somebody else's: Conflict
    /// <c>tenant-not-ours</c>.
    /// </summary>
    Task<Outcome<Done>> EnsureAsync(TenantAddress tenant, CancellationToken cancellationToken);

    /// <summary>Deletes a tenant that has our mark and no namespaces. One that is absent is deleted.</summary>
    Task<Outcome<Done>> DeleteAsync(TenantAddress tenant, CancellationToken cancellationToken);
}

/// <summary>Namespaces on a cluster. Idempotent, with the problems of <see cref="IClusterHealth"/>.</summary>
public interface INamespaceAdmin
{
    /// <summary>Makes the namespace with its marks; one that is there stays as it is.</summary>
    Task<Outcome<Done>> EnsureAsync(NamespaceAddress @namespace, CancellationToken cancellationToken);

    /// <summary>
    /// Sets the policies of a namespace that is there. NotFound <c>namespace-not-on-cluster</c> when it is gone: it is not made again.
    /// </summary>
    Task<Outcome<Done>> SetPoliciesAsync(NamespaceAddress @namespace, NamespacePolicies policies, CancellationToken cancellationToken);

    /// <summary>The policies in force, or null when the namespace is absent.</summary>
    Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(NamespaceAddress @namespace, CancellationToken cancellationToken);

    /// <summary>
    /// Lets the portal's own role send and read in the whole namespace. It opens the system topics: no customer's key ever
    /// gets as much.
    /// </summary>
    Task<Outcome<Done>> AdmitPortalAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken);

    /// <summary>Conflict <c>namespace-not-empty</c> while it has topics. One that is absent is deleted.</summary>
    Task<Outcome<Done>> DeleteAsync(NamespaceAddress @namespace, CancellationToken cancellationToken);
}
