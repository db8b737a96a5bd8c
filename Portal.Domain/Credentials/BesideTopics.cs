using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Credentials;

/// <summary>
/// Topics beside a subscription, for retries and dead letters. Clients make no difference between consuming a topic and
/// putting aside what they could not handle, so a key that may do the one is granted the other, whatever else it may.
/// </summary>
public static class BesideTopics
{
    /// <summary>
    /// Those that the key covers only because it consumes the topics that they stand beside, or more widely than it covers others.
    /// </summary>
    /// <param name="topics">All that the key is granted.</param>
    public static IReadOnlySet<TopicId> Of(PulsarKey key, IReadOnlyCollection<Topic> topics)
    {
        if (!key.Permissions.HasFlag(KeyPermissions.Consume))
            return new HashSet<TopicId>();
        var names = topics.Select(topic => topic.Name).ToHashSet(StringComparer.Ordinal);
        return topics
            .Where(topic => topic.Beside is { } consumed && (key.AllTopics || names.Contains(consumed)))
            .Select(topic => topic.Id)
            .ToHashSet();
    }

    internal static async Task<IReadOnlySet<TopicId>> BesideAsync(
        this IPortalSession session,
        PulsarKey key,
        CancellationToken cancellationToken
    )
    {
        if (!key.Permissions.HasFlag(KeyPermissions.Consume))
            return new HashSet<TopicId>();
        var grants = await session.Keys.GrantsAsync(key.Id, cancellationToken);
        return Of(key, await session.Topics.FindManyAsync([.. grants.Select(grant => grant.TopicId)], cancellationToken));
    }
}
