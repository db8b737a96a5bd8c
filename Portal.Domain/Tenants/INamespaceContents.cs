using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>One page of a look for connected clients.</summary>
/// <param name="InUse">Conflict <c>topic-in-use</c>, or what kept the cluster from answering; null when no client was found.</param>
/// <param name="Next">Where the next page begins; null after the last.</param>
public sealed record ClientsLook(Problem? InUse, string? Next);

/// <summary>What keeps a namespace from being removed.</summary>
/// <param name="Name">For people: <c>topic orders</c>.</param>
/// <param name="Why">Null when that is not known.</param>
/// <param name="IsGoing">Its deletion goes on in another line, so that waiting helps.</param>
public sealed record LeftOver(string Name, string? Why, bool IsGoing = false);

/// <summary>
/// What lies in namespaces. Tenants are deleted with everything in them and know nothing of it: the features above say
/// here what is there, whether it is in use, and how it goes.
/// </summary>
public interface INamespaceContents
{
    Task<int> CountTopicsAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>Asks the cluster for clients of one page of what lies in the tenant.</summary>
    Task<ClientsLook> LookForClientsAsync(Tenant tenant, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Asks the cluster for clients of one page of what lies in the namespace.</summary>
    Task<ClientsLook> LookForClientsAsync(Namespace @namespace, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Begins to delete all of it, each by work of its own.</summary>
    Task StartDeletingAsync(IPortalSession session, Namespace @namespace, bool force, CancellationToken cancellationToken);

    /// <summary>Something that is there still; null when the namespace is empty.</summary>
    Task<LeftOver?> FirstLeftAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken);

    /// <summary>The namespace is gone from the cluster: ends what went with it.</summary>
    Task EndAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken);
}
