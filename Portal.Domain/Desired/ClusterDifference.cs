using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Desired;

/// <summary>What a cluster has otherwise than it should. Written <c>policy</c>, <c>grantMissing</c> and so on.</summary>
public enum DifferenceKind
{
    /// <summary>A policy was changed behind the portal's back: set again.</summary>
    Policy,

    /// <summary>A key's grant is gone: given again.</summary>
    GrantMissing,

    /// <summary>A key has a grant that it should not have: taken away.</summary>
    GrantSurplus,

    /// <summary>A role that is not the portal's has a grant: left alone.</summary>
    ForeignGrant,

    /// <summary>A topic was deleted on the cluster: its meter stops, and its page says so.</summary>
    TopicMissing,

    /// <summary>A topic that the portal did not make: left alone, and nobody's bill.</summary>
    UnknownTopic,

    /// <summary>The namespace itself is gone: left alone.</summary>
    NamespaceMissing,
}

/// <summary>A difference between a cluster and what should be on it, as the reconciler saw it.</summary>
public sealed class ClusterDifference
{
    private ClusterDifference() { }

    public ClusterDifference(
        Guid id,
        string cluster,
        OrganizationId organization,
        NamespaceId @namespace,
        string path,
        DifferenceKind kind,
        string subject,
        bool repairs,
        DateTimeOffset at
    ) =>
        (Id, Cluster, OrganizationId, NamespaceId, NamespacePath, Kind, Subject, Repairs, FoundAt, LastSeenAt, TimesSeen) = (
            id,
            cluster,
            organization,
            @namespace,
            path,
            kind,
            subject,
            repairs,
            at,
            at,
            1
        );

    public Guid Id { get; private set; }
    public string Cluster { get; private set; } = "";
    public OrganizationId OrganizationId { get; private set; }
    public NamespaceId NamespaceId { get; private set; }
    public string NamespacePath { get; private set; } = "";
    public DifferenceKind Kind { get; private set; }

    /// <summary>The policy, the topic's address, or the role and the address.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>The portal mends it by itself.</summary>
    public bool Repairs { get; private set; }

    public DateTimeOffset FoundAt { get; private set; }
    public DateTimeOffset LastSeenAt { get; private set; }
    public int TimesSeen { get; private set; }

    /// <summary>When it was seen to be gone; null while it is there.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public void SeenAgain(DateTimeOffset at)
    {
        TimesSeen = EndedAt is null ? TimesSeen + 1 : 1;
        if (EndedAt is not null)
            FoundAt = at;
        (LastSeenAt, EndedAt) = (at, null);
    }

    public void Ended(DateTimeOffset at) => EndedAt ??= at;
}

public interface IDifferenceStore
{
    /// <summary>Of a namespace, ended ones too.</summary>
    Task<IReadOnlyList<ClusterDifference>> OfNamespaceAsync(NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>Those that are there first, then the newest first.</summary>
    Task<PageOf<ClusterDifference>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>Removes those that ended before the instant. How many went.</summary>
    Task<int> CutAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken);

    void Add(ClusterDifference difference);
}

/// <summary>This feature's part of a session.</summary>
public static class DesiredSession
{
    extension(IPortalSession session)
    {
        public IDifferenceStore Differences => session.Store<IDifferenceStore>();
    }
}

/// <summary>Differences between the clusters and what should be on them, for the operator.</summary>
public sealed class ListDifferences(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<ClusterDifference>>> RunAsync(Actor actor, PageRequest page, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "difference.list", ""), cancellationToken);
        return allowed.IsOk
            ? await database.ReadAsync(session => session.Differences.ListAsync(page, cancellationToken), cancellationToken)
            : allowed.Problem;
    }
}
