using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Partitioned topics: create, grow, read, delete.</summary>
internal sealed class PartitionRoutes(ClusterState state, Broker broker, TopicDirectory topics, Access access)
{
    public void Map(Router router)
    {
        router.MapPersistent("GET", "/partitioned", ListAsync);
        router.MapTopic("PUT", "/{topic}/partitions", CreateAsync);
        router.MapTopic("GET", "/{topic}/partitions", GetAsync);
        router.MapPersistent("POST", "/{topic}/partitions", GrowAsync);
        router.MapTopic("DELETE", "/{topic}/partitions", DeleteAsync);
        router.MapPersistent("POST", "/{topic}/createMissedPartitions", CreateMissedAsync);
        router.MapPersistent("POST", "/{topic}/terminate/partitions", TerminateAsync);
    }

    private Task<Answer> ListAsync(Call call)
    {
        access.DemandNamespace(call, "GET_TOPICS", Grant.Either);
        NamespaceRoutes.Find(state, call);
        var prefix = $"persistent://{call.Namespace}/";
        return Task.FromResult(
            Answer.Json(
                state
                    .Partitioned.Keys.Where(full => full.StartsWith(prefix, StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal)
                    .ToArray()
            )
        );
    }

    private async Task<Answer> CreateAsync(Call call)
    {
        var (partitions, properties) = await ReadAsync(call);
        var name = TopicRoutes.Valid(call);
        access.DemandNamespaceExists(call);
        if (name.Persistent)
            access.DemandTopicPolicy(call, "PARTITION", "WRITE");
        else
            access.DemandNamespace(call, "CREATE_TOPIC");
        if (name.Local.Contains("-partition-", StringComparison.Ordinal))
            throw new RefusalException(412, "Partitioned Topic Name should not contain '-partition-'");
        if (partitions <= 0)
            throw new RefusalException(406, "Number of partitions should be more than 0");
        if (topics.Exists(name))
            throw new RefusalException(409, "This topic already exists");
        if (!topics.HasRoom(name, partitions))
            throw new RefusalException(412, TopicDirectory.LimitReached);
        await topics.CreatePartitionedAsync(name, new PartitionedTopic(partitions, properties), call.Cancelled);
        return Answer.Done;
    }

    private async Task<Answer> GetAsync(Call call)
    {
        access.DemandTopic(call, "LOOKUP", Grant.Either);
        var name = call.Topic;
        if (!state.Namespaces.TryGetValue(call.Namespace, out var policies))
            throw new RefusalException(404, "Namespace not found");
        if (!state.Partitioned.TryGetValue(name.Full, out var found))
        {
            if (!broker.Exists(name))
            {
                if (!call.Flag("checkAllowAutoCreation") || !policies.AutoTopicCreation)
                    throw TopicRoutes.NotFound(name);
                if (policies.AutoPartitions > 0 && !name.IsPartition)
                    await topics.CreatePartitionedAsync(name, new PartitionedTopic(policies.AutoPartitions, null), call.Cancelled);
            }
            found = state.Partitioned.GetValueOrDefault(name.Full) ?? new PartitionedTopic(0, null);
        }
        var metadata = new JsonObject { ["partitions"] = found.Partitions, ["deleted"] = false };
        if (found.Properties is { } properties)
            metadata["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        return Answer.Json(metadata);
    }

    private async Task<Answer> GrowAsync(Call call)
    {
        var (partitions, _) = await ReadAsync(call);
        access.DemandTopicPolicy(call, "PARTITION", "WRITE");
        var name = call.Topic;
        if (!state.Partitioned.TryGetValue(name.Full, out var before))
            throw new RefusalException(409, $"Topic {name} is not the partitioned topic.");
        if (partitions < before.Partitions)
            throw new RefusalException(
                422,
                $"Desired partitions {partitions} can't be less than the current partitions {before.Partitions}."
            );
        // The limit on topics does not hold here.
        await topics.GrowAsync(name, partitions, call.Cancelled);
        return Answer.Done;
    }

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandNamespace(call, "DELETE_TOPIC");
        var name = call.Topic;
        if (!state.Partitioned.TryGetValue(name.Full, out var partitioned))
        {
            throw broker.Exists(name)
                ? new RefusalException(
                    409,
                    $"{name} is a non-partitioned topic. Instead of calling delete-partitioned-topic please call delete."
                )
                : new RefusalException(404, $"Topic {name} not found.");
        }
        var parts = Enumerable.Range(0, partitioned.Partitions).Select(name.Partition).ToList();
        if (!call.Flag("force") && parts.Exists(part => broker.FindLoaded(part) is { HasClients: true }))
            throw new RefusalException(412, "Topic has active producers/subscriptions");
        // The metadata first: clients that reconnect meanwhile find no partitioned topic any more.
        await state.DeletePartitionedAsync(name);
        foreach (var part in parts)
            await broker.DeleteAsync(part, call.Cancelled);
        await state.DeleteGrantsAsync(name);
        await state.DeleteSchemaAsync($"{name.Namespace}/{name.Local}");
        return Answer.Done;
    }

    private async Task<Answer> CreateMissedAsync(Call call)
    {
        access.DemandNamespace(call, "CREATE_TOPIC");
        if (!state.Partitioned.TryGetValue(call.Topic.Full, out var partitioned))
            throw new RefusalException(404, $"Topic {call.Topic} does not exist");
        await topics.CreatePartitionsAsync(call.Topic, partitioned.Partitions, call.Cancelled);
        return Answer.Done;
    }

    private async Task<Answer> TerminateAsync(Call call)
    {
        access.DemandTopic(call, "TERMINATE");
        if (!state.Partitioned.TryGetValue(call.Topic.Full, out var partitioned))
            throw new RefusalException(
                405,
                "Termination of a non-partitioned topic is not allowed using partitioned-terminate, please use terminate commands"
            );
        var last = new JsonObject();
        for (var i = 0; i < partitioned.Partitions; i++)
        {
            var name = call.Topic.Partition(i);
            var topic = await broker.FindAsync(name, call.Cancelled) ?? throw TopicRoutes.NotFound(name);
            topic.Terminate();
            await state.PutTopicAsync(name, state.Topics[name.Full] with { Terminated = true });
            lock (topic.Gate)
                last[$"{i}"] = MessageRoutes.IdDocument(topic.Log.LastPosition, -1);
        }
        return Answer.Json(last);
    }

    private static async Task<(int Partitions, IReadOnlyDictionary<string, string>? Properties)> ReadAsync(Call call)
    {
        if (call.Http.Request.ContentType?.Contains("partitioned-topic-metadata", StringComparison.Ordinal) != true)
            return (checked((int)Math.Clamp(await call.IntegerAsync(), -1, int.MaxValue)), null);
        var body = await call.ObjectAsync();
        return ((int)PolicyBodies.Number(body, "partitions", 0), Call.Texts(body["properties"]));
    }
}
