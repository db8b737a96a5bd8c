using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Topics without partitions, and single partitions: create, list, delete, unload, terminate, properties.</summary>
internal sealed class TopicRoutes(ClusterState state, Broker broker, TopicDirectory topics, Access access)
{
    public void Map(Router router)
    {
        router.MapPersistent("GET", "", ListAsync);
        router.MapPersistent("PUT", "/{topic}", CreateAsync);
        router.MapPersistent("DELETE", "/{topic}", DeleteAsync);
        router.MapTopic("PUT", "/{topic}/unload", UnloadAsync);
        router.MapPersistent("POST", "/{topic}/terminate", TerminateAsync);
        router.MapPersistent("GET", "/{topic}/properties", PropertiesAsync);
        router.MapPersistent("PUT", "/{topic}/properties", SetPropertiesAsync);
        router.MapPersistent("DELETE", "/{topic}/properties", RemovePropertyAsync);
    }

    public static RefusalException NotFound(TopicName name) => new(404, $"Topic {name} not found");

    /// <summary>As a broker says it when it would have to load a topic that is missing.</summary>
    public static RefusalException NotLoadable(ClusterState state, TopicName name) =>
        !state.Namespaces.ContainsKey(name.Namespace) ? new(404, "Namespace not found")
        : !name.IsPartition ? NotFound(name)
        : state.Partitioned.ContainsKey(name.Base.Full) ? new(404, "Topic partitions were not yet created")
        : new(404, $"Partitioned Topic not found: {name} has zero partitions");

    private Task<Answer> ListAsync(Call call)
    {
        access.DemandNamespace(call, "GET_TOPICS", Grant.Either);
        NamespaceRoutes.Find(state, call);
        return Task.FromResult(Answer.Json(state.TopicsOf(call.Namespace).ToArray()));
    }

    private async Task<Answer> CreateAsync(Call call)
    {
        var properties = Call.Texts(await call.BodyAsync());
        var name = Valid(call);
        access.DemandNamespaceExists(call);
        access.DemandNamespace(call, "CREATE_TOPIC");
        if (name.IsPartition && !(state.Partitioned.TryGetValue(name.Base.Full, out var whole) && name.PartitionIndex < whole.Partitions))
        {
            throw new RefusalException(
                412,
                state.Partitioned.ContainsKey(name.Base.Full)
                    ? $"Can't create topic {name.Local} with \"-partition-\" followed by a number smaller than number of partition "
                        + $"of partitioned topic {name.Base.Local}"
                    : $"Can't create topic {name.Local} with \"-partition-\" followed by numeric value if there isn't a partitioned "
                        + $"topic {name.Base.Local} created."
            );
        }
        if (topics.Exists(name))
            throw new RefusalException(409, "This topic already exists");
        if (!topics.HasRoom(name, 1))
            throw new RefusalException(409, TopicDirectory.LimitReached);
        await broker.GetOrCreateAsync(name, properties, call.Cancelled);
        return Answer.Done;
    }

    /// <summary>A name with a slash is taken for one of Pulsar 1, which has a cluster in it.</summary>
    public static TopicName Valid(Call call) =>
        call["topic"].Contains('/', StringComparison.Ordinal)
            ? throw new RefusalException(404, $"Cluster does not exist: cluster={call["ns"]}")
            : call.Topic;

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandNamespace(call, "DELETE_TOPIC");
        var name = call.Topic;
        if (state.Partitioned.ContainsKey(name.Full))
            throw new RefusalException(
                409,
                $"{name} is a partitioned topic, instead of calling delete topic, please call delete-partitioned-topic."
            );
        if (await broker.FindAsync(name, call.Cancelled) is not { } topic)
            throw NotFound(name);
        var connected = topic.Producers.Count + topic.ConsumerCount;
        if (connected > 0 && !call.Flag("force"))
            throw new RefusalException(412, $"Topic has {connected} connected producers/consumers");
        await broker.DeleteAsync(name, call.Cancelled);
        if (!name.IsPartition)
        {
            await state.DeleteGrantsAsync(name);
            await state.DeleteSchemaAsync($"{name.Namespace}/{name.Local}");
        }
        return Answer.Done;
    }

    private async Task<Answer> UnloadAsync(Call call)
    {
        access.DemandTopic(call, "UNLOAD");
        var name = call.Topic;
        if (state.Partitioned.TryGetValue(name.Full, out var partitioned))
        {
            for (var i = 0; i < partitioned.Partitions; i++)
                await broker.UnloadAsync(name.Partition(i), call.Cancelled);
            return Answer.Done;
        }
        if (!broker.Exists(name))
            throw NotLoadable(state, name);
        await broker.UnloadAsync(name, call.Cancelled);
        return Answer.Done;
    }

    private async Task<Answer> TerminateAsync(Call call)
    {
        access.DemandTopic(call, "TERMINATE");
        var name = call.Topic;
        if (state.Partitioned.ContainsKey(name.Full))
            throw new RefusalException(405, "Termination of a partitioned topic is not allowed");
        var topic = await broker.FindAsync(name, call.Cancelled) ?? throw NotLoadable(state, name);
        topic.Terminate();
        if (state.Topics.TryGetValue(name.Full, out var record))
            await state.PutTopicAsync(name, record with { Terminated = true });
        lock (topic.Gate)
            return MessageRoutes.Id(topic.Log.LastPosition, -1);
    }

    private async Task<Answer> PropertiesAsync(Call call)
    {
        access.DemandTopic(call, "GET_METADATA", Grant.Either);
        var name = call.Topic;
        if (state.Partitioned.TryGetValue(name.Full, out var partitioned))
            return partitioned.Properties is { } given ? Answer.Json(given) : Answer.Empty;
        await broker.FindAsync(name, call.Cancelled);
        return Answer.Json(state.Topics.GetValueOrDefault(name.Full)?.Properties ?? throw NotFound(name));
    }

    private async Task<Answer> SetPropertiesAsync(Call call)
    {
        access.DemandTopic(call, "UPDATE_METADATA");
        var given = Call.Texts(await call.BodyAsync());
        return await ChangeAsync(
            call,
            properties =>
            {
                foreach (var (key, value) in given)
                    properties[key] = value;
            }
        );
    }

    private Task<Answer> RemovePropertyAsync(Call call)
    {
        access.DemandTopic(call, "DELETE_METADATA");
        return ChangeAsync(call, properties => properties.Remove(call.Query("key") ?? ""));
    }

    private async Task<Answer> ChangeAsync(Call call, Action<Dictionary<string, string>> change)
    {
        var name = call.Topic;
        if (state.Partitioned.TryGetValue(name.Full, out var partitioned))
        {
            var of = new Dictionary<string, string>(partitioned.Properties ?? new Dictionary<string, string>());
            change(of);
            await state.PutPartitionedAsync(name, partitioned with { Properties = of });
            return Answer.Done;
        }
        var record = state.Topics.GetValueOrDefault(name.Full) ?? throw NotFound(name);
        var properties = new Dictionary<string, string>(record.Properties);
        change(properties);
        await state.PutTopicAsync(name, record with { Properties = properties });
        return Answer.Done;
    }
}
