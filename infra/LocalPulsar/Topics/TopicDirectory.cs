using LocalPulsar.Metadata;

namespace LocalPulsar.Topics;

/// <summary>
/// Topics by name: created, found, grown and deleted under the namespace's rules. Both the admin API and clients come
/// through here. System topics do not count against limits.
/// </summary>
internal sealed class TopicDirectory(ClusterState state, Broker broker)
{
    public const string LimitReached = "Exceed maximum number of topics in namespace.";

    private static readonly HashSet<string> _systemTopics =
    [
        "__change_events",
        "__transaction_buffer_snapshot",
        "__transaction_buffer_snapshot_segments",
        "__transaction_buffer_snapshot_indexes",
    ];

    public bool Exists(TopicName name) => broker.Exists(name) || state.Partitioned.ContainsKey(name.Full);

    /// <summary>Whether a namespace has room for so many topics more; partitions count one each.</summary>
    public bool HasRoom(TopicName name, int more)
    {
        if (!name.Persistent || state.Namespaces.GetValueOrDefault(name.Namespace) is not { MaxTopicsPerNamespace: > 0 and var most })
            return true;
        var present = state.TopicsOf(name.Namespace).Count(full => !_systemTopics.Contains(TopicName.Parse(full).Base.Local));
        return present + more <= most;
    }

    public async Task CreatePartitionedAsync(TopicName name, PartitionedTopic topic, CancellationToken cancellationToken)
    {
        await state.PutPartitionedAsync(name, topic);
        await CreatePartitionsAsync(name, topic.Partitions, cancellationToken);
    }

    public async Task CreatePartitionsAsync(TopicName name, int partitions, CancellationToken cancellationToken)
    {
        for (var i = 0; i < partitions && name.Persistent; i++)
            await broker.GetOrCreateAsync(name.Partition(i), null, cancellationToken);
    }

    /// <summary>Grows a partitioned topic; new partitions get the subscriptions of the first, from the beginning.</summary>
    public async Task GrowAsync(TopicName name, int partitions, CancellationToken cancellationToken)
    {
        var before = state.Partitioned[name.Full];
        await state.PutPartitionedAsync(name, before with { Partitions = partitions });
        var model = await broker.FindAsync(name.Partition(0), cancellationToken);
        for (var i = before.Partitions; i < partitions && name.Persistent; i++)
        {
            var added = await broker.GetOrCreateAsync(name.Partition(i), null, cancellationToken);
            foreach (var subscription in model?.Subscriptions.Where(s => s.Durable).ToList() ?? [])
                added.AddSubscription(subscription.Name, durable: true, Position.Earliest, startExcluded: false, subscription.Properties);
        }
    }

    /// <summary>The topics a client of this name talks to: its partitions, itself, or what auto-creation makes.</summary>
    /// <exception cref="TopicRefusalException">There is none and none may be made.</exception>
    public async Task<IReadOnlyList<Topic>> ForClientAsync(TopicName name, CancellationToken cancellationToken)
    {
        if (!state.Namespaces.TryGetValue(name.Namespace, out var policies))
            throw new TopicRefusalException(RefusalKind.TopicNotFound, "Namespace not found");
        if (state.Partitioned.TryGetValue(name.Full, out var partitioned))
            return await PartitionsAsync(name, partitioned.Partitions, cancellationToken);
        if (await broker.FindAsync(name, cancellationToken) is { } found)
            return [found];
        var partOfOne =
            name.IsPartition && state.Partitioned.TryGetValue(name.Base.Full, out var whole) && name.PartitionIndex < whole.Partitions;
        if (!policies.AutoTopicCreation && !partOfOne)
            throw new TopicRefusalException(RefusalKind.TopicNotFound, "");
        var partitions = name.IsPartition ? 0 : policies.AutoPartitions;
        if (!HasRoom(name, Math.Max(1, partitions)))
            throw new TopicRefusalException(RefusalKind.NotAllowed, LimitReached);
        if (partitions == 0)
            return [await broker.GetOrCreateAsync(name, null, cancellationToken)];
        await CreatePartitionedAsync(name, new PartitionedTopic(partitions, null), cancellationToken);
        return await PartitionsAsync(name, partitions, cancellationToken);
    }

    private async Task<IReadOnlyList<Topic>> PartitionsAsync(TopicName name, int count, CancellationToken cancellationToken)
    {
        var topics = new List<Topic>();
        for (var i = 0; i < count; i++)
            topics.Add(await broker.GetOrCreateAsync(name.Partition(i), null, cancellationToken));
        return topics;
    }
}
