using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>A tenant of a cluster that an organization owns.</summary>
public sealed class Tenant : ClusterResource
{
    private Tenant() { }

    public Tenant(TenantId id, OrganizationId organizationId, TenantName name, string cluster, DateTimeOffset createdAt) =>
        (Id, OrganizationId, Name, Cluster, CreatedAt, State) = (
            id,
            organizationId,
            name.Value,
            cluster,
            createdAt,
            ResourceState.Creating
        );

    public TenantId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Name { get; private set; } = "";

    /// <summary>The portal's name of the cluster.</summary>
    public string Cluster { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The mark on the cluster that the tenant is ours: no token is ever issued for this role.</summary>
    public string AdminRole => $"portal-owner-{Id}";

    public TenantAddress OnCluster => new(Cluster, Name, AdminRole);
}

/// <summary>A namespace of a tenant; <c>default</c> comes with the tenant.</summary>
public sealed class Namespace : ClusterResource
{
    private Namespace() { }

    public Namespace(NamespaceId id, Tenant tenant, NamespaceName name, DateTimeOffset createdAt) =>
        (Id, TenantId, OrganizationId, TenantName, Cluster, Name, CreatedAt, State) = (
            id,
            tenant.Id,
            tenant.OrganizationId,
            tenant.Name,
            tenant.Cluster,
            name.Value,
            createdAt,
            ResourceState.Creating
        );

    public NamespaceId Id { get; private set; }
    public TenantId TenantId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>The tenant's name: names are given once, so this copy never changes.</summary>
    public string TenantName { get; private set; } = "";

    public string Cluster { get; private set; } = "";
    public string Name { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>What the customer wishes, whatever the plan allows now.</summary>
    public NamespaceWishes Wishes { get; private set; } = NamespaceWishes.None;

    /// <summary>
    /// The <see cref="NamespacePolicies.Fingerprint"/> of the policies that were set last; null before. While it differs from
    /// what is wanted, a change of the portal's own is on its way, and what the cluster has is nobody's meddling.
    /// </summary>
    public string? PoliciesLastSet { get; private set; }

    /// <summary>Which fields of its messages the portal masks, and for whom.</summary>
    public NamespaceMasking Masking { get; private set; } = NamespaceMasking.None;

    public void Mask(NamespaceMasking masking) => Masking = masking;

    public void PoliciesSet(NamespacePolicies policies) => PoliciesLastSet = policies.Fingerprint();

    /// <summary>As Pulsar writes it: <c>tenant/namespace</c>.</summary>
    public string Path => $"{TenantName}/{Name}";

    /// <summary>The portal's own role for sending and reading messages in the browser; its tokens live 60 s.</summary>
    public string MessagesRole => $"{MessagesRolePrefix}{Id}";

    public const string MessagesRolePrefix = "portal-m-";

    public NamespaceAddress OnCluster => new(Cluster, TenantName, Name, new(Id, TenantId, OrganizationId));

    public void Wish(NamespaceWishes wishes) => Wishes = wishes;
}

public interface ITenantStore
{
    /// <summary>The next ready namespace of a cluster by id; null at the end.</summary>
    Task<Namespace?> NextReadyAsync(string cluster, NamespaceId? after, CancellationToken cancellationToken);

    /// <summary>
    /// The organization that the name was given to, whether its tenant still lives or not; null when it is free. Letter
    /// case does not make another name.
    /// </summary>
    Task<OrganizationId?> NameOwnerAsync(string name, CancellationToken cancellationToken);

    /// <summary>Gives the name to the organization for ever (unique: of two who claim at once one sees the other's claim).</summary>
    void ClaimName(TenantName name, OrganizationId organization);

    /// <summary>A tenant of the organization that is not deleted.</summary>
    Task<Tenant?> FindAsync(OrganizationId organization, string name, CancellationToken cancellationToken);
    Task<Tenant?> FindAsync(TenantId id, CancellationToken cancellationToken);

    /// <summary>Not deleted, by name; search in the name.</summary>
    Task<PageOf<Tenant>> ListAsync(OrganizationId organization, Scope scope, PageRequest page, CancellationToken cancellationToken);
    Task<int> CountAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken);

    /// <summary>Made since, deleted ones included.</summary>
    Task<int> CountMadeSinceAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>A namespace that is not deleted.</summary>
    Task<Namespace?> FindNamespaceAsync(TenantId tenant, string name, CancellationToken cancellationToken);
    Task<Namespace?> FindNamespaceAsync(NamespaceId id, CancellationToken cancellationToken);

    /// <summary>Not deleted, by name.</summary>
    Task<PageOf<Namespace>> ListNamespacesAsync(TenantId tenant, Scope scope, PageRequest page, CancellationToken cancellationToken);
    Task<int> CountNamespacesAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Names of all tenants that are not deleted on a cluster with their ids and organizations: the meter's filter.</summary>
    Task<IReadOnlyList<Tenant>> ListOfClusterAsync(string cluster, CancellationToken cancellationToken);

    /// <summary>
    /// Names of the clusters on which the organization had tenants at any time since the instant, deleted ones included; clusters that were
    /// removed since are left out.
    /// </summary>
    Task<IReadOnlyList<string>> ClustersAsync(OrganizationId organization, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>
    /// Those of them that hold something that is metered: a topic that was there. A tenant without one has no usage, so nothing
    /// waits for its cluster.
    /// </summary>
    Task<IReadOnlyList<string>> MeteredClustersAsync(
        OrganizationId organization,
        DateTimeOffset since,
        CancellationToken cancellationToken
    );

    /// <summary>Not deleted, failed or for longer than that not there: those that somebody should look at, the oldest first.</summary>
    Task<IReadOnlyList<Tenant>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    );

    /// <summary>The organization's next ready namespaces, by id.</summary>
    Task<IReadOnlyList<Namespace>> ReadyNamespacesAsync(
        OrganizationId organization,
        NamespaceId? after,
        int limit,
        CancellationToken cancellationToken
    );

    void Add(Tenant tenant);
    void Add(Namespace @namespace);
}
