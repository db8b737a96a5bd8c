using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Topics without partitions, and single partitions: create, list, delete, unload, terminate, truncate, properties.</summary>
internal sealed class TopicRoutes(ClusterState state, Broker broker, TopicDirectory topics, Access access)
{
    public void Map(Router router)
    {
        router.MapTopic("GET", "", ListAsync);
        router.MapTopic("PUT", "/{topic}", CreateAsync);
        router.MapTopic("DELETE", "/{topic}", DeleteAsync);
        router.MapTopic("PUT", "/{topic}/unload", UnloadAsync);
        router.MapTopic("POST", "/{topic}/terminate", TerminateAsync);
        router.MapTopic("DELETE", "/{topic}/truncate", TruncateAsync);
        router.MapTopic("POST", "/{topic}/trim", TrimAsync);
        router.MapTopic("GET", "/{topic}/properties", PropertiesAsync);
        router.MapTopic("PUT", "/{topic}/properties", SetPropertiesAsync);
        router.MapTopic("DELETE", "/{topic}/properties", RemovePropertyAsync);
    }

    public static RefusalException NotFound(TopicName name) => new(404, $"Topic {name} not found");

    /// <summary>As a broker says it when it would have to load a topic that is missing.</summary>
    public static RefusalException NotLoadable(ClusterState state, TopicName name) => !name.IsPartition ? NotFound(name)
        : state.Partitioned.ContainsKey(name.Base.Full) ? new(404, "Topic partitions were not yet created")
        : new(404, $"Partitioned Topic not found: {name} has zero partitions");

    private Task<Answer> ListAsync(Call call)
    {
        access.DemandNamespace(call, "GET_TOPICS", Grant.Either);
        NamespaceRoutes.Find(state, call);
        var names = call["domain"] == "persistent" ? state.TopicsOf(call.Namespace)
            : broker.Loaded.Where(t => !t.Name.Persistent && t.Name.Namespace == call.Namespace).Select(t => t.Name.Full);
        return Task.FromResult(Answer.Json(names.ToArray()));
    }

    private async Task<Answer> CreateAsync(Call call)
    {
        var properties = Call.Texts(await call.BodyAsync());
        var name = Valid(call);
        access.DemandNamespaceExists(call);
        access.DemandTopicPolicy(call, "PARTITION", "WRITE");
        if (name.IsPartition && !(state.Partitioned.TryGetValue(name.Base.Full, out var whole) && name.PartitionIndex < whole.Partitions))
        {
            throw new RefusalException(412, $"Can't create topic {name.Local} with \"-partition-\" followed by numeric value if there isn't a partitioned topic {name.Base.Local} created.");
        }
        if (topics.Exists(name))
            throw new RefusalException(409, "This topic already exists");
        if (!topics.HasRoom(name, 1))
            throw new RefusalException(409, TopicDirectory.LimitReached);
        await broker.GetOrCreateAsync(name, properties, call.Cancelled);
        return Answer.Done;
    }

    /// <summary>A name with a slash is none.</summary>
    public static TopicName Valid(Call call) =>
        call["topic"].Contains('/', StringComparison.Ordinal) ? throw new RefusalException(412, "Topic name is not valid") : call.Topic;

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandTopicPolicy(call, "PARTITION", "WRITE");
        var name = call.Topic;
        if (state.Partitioned.ContainsKey(name.Full))
            throw new RefusalException(409, $"{name} is a partitioned topic, instead of calling delete topic, please call delete-partitioned-topic.");
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

    private async Task<Answer> TruncateAsync(Call call)
    {
        access.DemandTopic(call, "COMPACT");
        foreach (var topic in await PartsAsync(call))
        {
            lock (topic.Gate)
            {
                foreach (var subscription in topic.Subscriptions)
                    subscription.AcknowledgeUpTo(topic.Log.End - 1);
                topic.Log.Truncate();
            }
        }
        return Answer.Done;
    }

    private async Task<Answer> TrimAsync(Call call)
    {
        access.DemandTopic(call, "TRIM_TOPIC");
        foreach (var topic in await PartsAsync(call))
            topic.CheckRetention();
        return Answer.Empty;
    }

    private async Task<List<Topic>> PartsAsync(Call call)
    {
        var name = call.Topic;
        var names = state.Partitioned.TryGetValue(name.Full, out var partitioned) ? Enumerable.Range(0, partitioned.Partitions).Select(name.Partition) : [name];
        var parts = new List<Topic>();
        foreach (var part in names)
            parts.Add(await broker.FindAsync(part, call.Cancelled) ?? throw NotLoadable(state, part));
        return parts;
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
        return await ChangeAsync(call, properties =>
        {
            foreach (var (key, value) in given)
                properties[key] = value;
        });
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
