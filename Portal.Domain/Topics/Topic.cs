using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>A topic that the portal made. Created again under its name it is another topic with another id.</summary>
public sealed class Topic : ClusterResource
{
    private Topic() { }

    public Topic(
        TopicId id,
        Namespace @namespace,
        TopicName name,
        bool persistent,
        int partitions,
        DateTimeOffset createdAt,
        TopicStart? start = null,
        string? beside = null
    ) =>
        (
            Id,
            NamespaceId,
            TenantId,
            OrganizationId,
            Cluster,
            TenantName,
            NamespaceName,
            Name,
            Persistent,
            Partitions,
            CreatedAt,
            StartsWith,
            Beside,
            State,
            Address
        ) = (
            id,
            @namespace.Id,
            @namespace.TenantId,
            @namespace.OrganizationId,
            @namespace.Cluster,
            @namespace.TenantName,
            @namespace.Name,
            name.Value,
            persistent,
            partitions,
            createdAt,
            start,
            beside,
            ResourceState.Creating,
            $"{(persistent ? "persistent" : "non-persistent")}://{@namespace.Path}/{name.Value}"
        );

    public TopicId Id { get; private set; }
    public NamespaceId NamespaceId { get; private set; }
    public TenantId TenantId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Cluster { get; private set; } = "";
    public string TenantName { get; private set; } = "";
    public string NamespaceName { get; private set; } = "";
    public string Name { get; private set; } = "";

    /// <summary>
    /// As Pulsar writes it: <c>persistent://tenant/namespace/name</c>. Unique among the topics of a cluster that are not deleted.
    /// </summary>
    public string Address { get; private set; } = "";

    public TopicAddress OnCluster =>
        new(new(Cluster, TenantName, NamespaceName, new(NamespaceId, TenantId, OrganizationId)), Name, Persistent, Partitions);

    public bool Persistent { get; private set; }

    /// <summary>0 = not partitioned; the partitions meter then counts one.</summary>
    public int Partitions { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>What it is given on its cluster before it is ready; null for nothing, and once it has it.</summary>
    public TopicStart? StartsWith { get; private set; }

    /// <summary>
    /// The topic of the namespace whose consumers put here what they retry or give up on: a key that consumes that one covers
    /// this one too. By name, as clients find it. Null for a topic of its own.
    /// </summary>
    public string? Beside { get; private set; }

    /// <summary>It is on its cluster, with all that it begins with.</summary>
    public void Begun(DateTimeOffset at)
    {
        StartsWith = null;
        Ready(at);
    }

    /// <summary>Here the partitions meter stops, which runs from <see cref="ClusterResource.ReadyAt"/>.</summary>
    public DateTimeOffset? DeleteRequestedAt { get; private set; }

    /// <summary>
    /// As if it had been ready since then: its partitions are metered from there. For the sample company, which has a past.
    /// </summary>
    public void HasBeenThereSince(DateTimeOffset at)
    {
        if (State != ResourceState.Ready)
            throw new InvalidOperationException($"{Address} is {State}: only what is ready has a past.");
        (CreatedAt, ReadyAt) = (at, at);
    }

    public override void Delete(DateTimeOffset at)
    {
        DeleteRequestedAt ??= at;
        base.Delete(at);
    }

    public override void Keep(Problem problem)
    {
        DeleteRequestedAt = null;
        base.Keep(problem);
    }

    /// <summary>It is gone from the cluster without the portal's doing: the meter stops, and people are told.</summary>
    public void Lost(Problem problem, DateTimeOffset at)
    {
        DeleteRequestedAt ??= at;
        Fail(problem);
    }

    /// <summary>It was there and is gone; created again it is another topic.</summary>
    public bool IsLost => State == ResourceState.Failed && ReadyAt is not null;
}

public interface ITopicStore
{
    /// <summary>A topic that is not deleted.</summary>
    Task<Topic?> FindAsync(NamespaceId @namespace, string name, bool? persistent, CancellationToken cancellationToken);
    Task<Topic?> FindAsync(TopicId id, CancellationToken cancellationToken);

    /// <summary>Not deleted, by name; search in the name.</summary>
    Task<PageOf<Topic>> ListAsync(NamespaceId @namespace, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Not deleted, of a tenant or of a whole organization, by address.</summary>
    Task<PageOf<Topic>> ListOfOrganizationAsync(
        OrganizationId organization,
        Scope scope,
        TenantId? tenant,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Not deleted, made for the retries and dead letters of any of these topics of the namespace.</summary>
    Task<IReadOnlyList<Topic>> BesideAsync(NamespaceId @namespace, IReadOnlyCollection<string> names, CancellationToken cancellationToken);

    Task<int> CountAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>What the partitions meter counts of the organization now: a topic without partitions is one.</summary>
    Task<int> CountPartitionsAsync(OrganizationId organization, CancellationToken cancellationToken);

    Task<int> CountOfOrganizationAsync(OrganizationId organization, Scope scope, CancellationToken cancellationToken);

    /// <summary>Not deleted, inside the scope, of each of the tenants; those without any are absent.</summary>
    Task<IReadOnlyDictionary<TenantId, int>> CountByTenantAsync(
        OrganizationId organization,
        Scope scope,
        IReadOnlyCollection<TenantId> tenants,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Topics of a cluster with one of these addresses that were alive at the instant, deleted ones included: how a
    /// reading finds the topic that it belongs to.
    /// </summary>
    Task<IReadOnlyList<Topic>> AliveAtAsync(
        string cluster,
        IReadOnlyCollection<string> addresses,
        DateTimeOffset at,
        CancellationToken cancellationToken
    );

    /// <summary>Not deleted, failed or for longer than that not there: those that somebody should look at, the oldest first.</summary>
    Task<IReadOnlyList<Topic>> UnreadyAsync(
        OrganizationId organization,
        Scope scope,
        DateTimeOffset before,
        int most,
        CancellationToken cancellationToken
    );

    Task<IReadOnlyList<Topic>> FindManyAsync(IReadOnlyCollection<TopicId> ids, CancellationToken cancellationToken);

    /// <summary>Ends a topic that the cluster lost, so that its address is free for another one in the same transaction.</summary>
    Task RetireAsync(Topic lost, DateTimeOffset at, CancellationToken cancellationToken);

    void Add(Topic topic);
}
