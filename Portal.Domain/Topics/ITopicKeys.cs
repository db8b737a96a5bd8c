using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// The keys of topics follow them: what becomes of keys when a topic comes, is replaced or goes, in the transaction that settles it.
/// </summary>
public interface ITopicKeys
{
    /// <summary>The topic is on the cluster: keys that name it, or all topics of its namespace, get their grants.</summary>
    Task ReadyAsync(IPortalSession session, Topic topic, CancellationToken cancellationToken);

    /// <summary>Keys that name the lost topic name the one in its place.</summary>
    Task ReplacedAsync(IPortalSession session, TopicId lost, TopicId replacement, CancellationToken cancellationToken);

    /// <summary>The topic is gone from the cluster, and its grants with it.</summary>
    Task DeletedAsync(IPortalSession session, TopicId topic, CancellationToken cancellationToken);

    /// <summary>The namespace is gone from the cluster, and its grants with it: its keys end.</summary>
    Task NamespaceDeletedAsync(IPortalSession session, NamespaceId @namespace, CancellationToken cancellationToken);
}
