using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Subscriptions of a topic. On a partitioned topic an operation goes to every partition, or is refused.</summary>
internal sealed class SubscriptionRoutes(ClusterState state, Broker broker, TopicDirectory topics, Access access)
{
    private const string Path = "/{topic}/subscription/{sub}";

    public void Map(Router router)
    {
        router.MapTopic("GET", "/{topic}/subscriptions", ListAsync);
        router.MapTopic("PUT", Path, CreateAsync);
        router.MapTopic("DELETE", Path, DeleteAsync);
        router.MapPersistent(
            "POST",
            $"{Path}/skip/{{n}}",
            call => EachAsync(call, "SKIP", "Skip messages on a partitioned topic is not allowed", (_, s) => s.Skip(call.Integer("n")))
        );
        router.MapPersistent(
            "POST",
            $"{Path}/skip_all",
            call => EachAsync(call, "SKIP", null, (topic, s) => s.AcknowledgeUpTo(topic.Log.End - 1))
        );
        router.MapPersistent(
            "POST",
            $"{Path}/expireMessages/{{seconds}}",
            call => EachAsync(call, "EXPIRE_MESSAGES", null, (topic, s) => Expire(topic, s, call.Number("seconds")))
        );
        router.MapPersistent(
            "POST",
            $"{Path}/resetcursor/{{time}}",
            call => EachAsync(call, "RESET_CURSOR", null, (topic, s) => s.Reset(topic.Log.FirstSince(call.Number("time"))))
        );
        router.MapPersistent("POST", $"{Path}/resetcursor", ResetToPositionAsync);
        router.MapPersistent("POST", $"{Path}/analyzeBacklog", AnalyzeAsync);
    }

    private static RefusalException Missing(string name, TopicName topic) => new(404, $"Subscription {name} not found for topic {topic}");

    private async Task<Answer> ListAsync(Call call)
    {
        access.DemandTopic(call, "GET_SUBSCRIPTIONS", Grant.Consume);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var topic in await PartsAsync(call))
        {
            lock (topic.Gate)
                names.UnionWith(topic.Subscriptions.Select(s => s.Name));
        }
        return Answer.Json(names.ToArray());
    }

    private async Task<Answer> CreateAsync(Call call)
    {
        var body = await call.BodyAsync();
        var start = Start(body);
        access.DemandSubscription(call, "SUBSCRIBE");
        if (!call.Topic.Persistent)
            throw new RefusalException(400, "Create subscription on non-persistent topic can only be done through client");
        var excluded = IsExcluded(body);
        var properties = Call.Texts((body as JsonObject)?["properties"]);
        foreach (var topic in await CreatableAsync(call))
        {
            lock (topic.Gate)
            {
                if (topic.Find(call["sub"]) is not null)
                    throw new RefusalException(409, "Subscription already exists for topic");
            }
            topic.AddSubscription(call["sub"], durable: true, start, excluded, properties);
        }
        return Answer.Done;
    }

    private async Task<IReadOnlyList<Topic>> CreatableAsync(Call call)
    {
        try
        {
            return await topics.ForClientAsync(call.Topic, call.Cancelled);
        }
        catch (TopicRefusalException e) when (e.Kind == RefusalKind.TopicNotFound)
        {
            throw e.Message.Length > 0
                ? new RefusalException(404, e.Message)
                : new RefusalException(412, "Topic does not exist and cannot be auto-created");
        }
    }

    private async Task<Answer> DeleteAsync(Call call)
    {
        access.DemandSubscription(call, "UNSUBSCRIBE");
        var parts = await PartsAsync(call);
        var found = parts.Select(topic => (Topic: topic, Subscription: topic.Find(call["sub"]))).ToList();
        if (found.TrueForAll(p => p.Subscription is null))
            throw state.Partitioned.ContainsKey(call.Topic.Full)
                ? new RefusalException(404, "Subscription not found")
                : Missing(call["sub"], call.Topic);
        if (!call.Flag("force") && found.Exists(p => p.Subscription is { Consumers.Count: > 0 }))
            throw new RefusalException(412, "Subscription has active connected consumers");
        foreach (var (topic, subscription) in found)
        {
            if (subscription is not null)
                topic.RemoveSubscription(subscription);
        }
        return Answer.Done;
    }

    private static void Expire(Topic topic, Subscription subscription, long seconds)
    {
        if (subscription.Cursor.Backlog == 0)
        {
            throw new RefusalException(
                409,
                $"Expire message by timestamp not issued on topic {topic.Name} for subscription {subscription.Name} due to "
                    + "ongoing message expiration"
                    + " not finished or subscription almost catch  up. If it's performed on a partitioned topic operation might "
                    + "succeeded on other partitions, please check stats of individual partition."
            );
        }
        subscription.LastExpire = topic.Now;
        subscription.ExpireBefore(topic.Now - seconds * 1000);
    }

    private async Task<Answer> ResetToPositionAsync(Call call)
    {
        var body = await call.BodyAsync();
        var position = Start(body);
        return await EachAsync(
            call,
            "RESET_CURSOR",
            "Reset-cursor at position is not allowed for partitioned-topic",
            (topic, s) =>
                s.Reset(
                    position == Position.Latest
                        ? topic.Log.End
                        : topic.Log.Floor(IsExcluded(body) ? position : position with { EntryId = position.EntryId - 1 }) + 1
                )
        );
    }

    /// <summary>Behind the position, not with it.</summary>
    private static bool IsExcluded(JsonNode? body) => body is JsonObject given && given["excluded"]?.GetValue<bool>() == true;

    private async Task<Answer> AnalyzeAsync(Call call)
    {
        access.DemandSubscription(call, "CONSUME");
        if (state.Partitioned.ContainsKey(call.Topic.Full))
            throw new RefusalException(
                405,
                "Analyze backlog on a partitioned topic is not allowed, please try do it on specific topic partition"
            );
        var topic = (await PartsAsync(call))[0];
        lock (topic.Gate)
        {
            var cursor = (topic.Find(call["sub"]) ?? throw Missing(call["sub"], topic.Name)).Cursor;
            var backlog = cursor.Backlog;
            var result = new JsonObject
            {
                ["entries"] = backlog,
                ["messages"] = backlog,
                ["filterRejectedEntries"] = 0,
                ["filterAcceptedEntries"] = backlog,
                ["filterRescheduledEntries"] = 0,
                ["filterRejectedMessages"] = 0,
                ["filterAcceptedMessages"] = backlog,
                ["filterRescheduledMessages"] = 0,
                ["aborted"] = false,
            };
            if (backlog > 0)
            {
                result["firstMessageId"] = topic.Log[cursor.MarkDelete + 1].Position.ToString();
                result["lastMessageId"] = topic.Log.LastPosition.ToString();
            }
            return Answer.Json(result);
        }
    }

    private async Task<Answer> EachAsync(Call call, string operation, string? notPartitioned, Action<Topic, Subscription> action)
    {
        access.DemandSubscription(call, operation);
        if (notPartitioned is not null && state.Partitioned.ContainsKey(call.Topic.Full))
            throw new RefusalException(405, notPartitioned);
        RefusalException? refused = null;
        foreach (var topic in await PartsAsync(call))
        {
            try
            {
                lock (topic.Gate)
                    action(topic, topic.Find(call["sub"]) ?? throw Missing(call["sub"], call.Topic));
                topic.Wake();
            }
            catch (RefusalException e)
            {
                // What one partition refuses the others do.
                refused ??= e;
            }
        }
        return refused is null ? Answer.Done : throw refused;
    }

    private async Task<List<Topic>> PartsAsync(Call call)
    {
        var name = call.Topic;
        var names = state.Partitioned.TryGetValue(name.Full, out var partitioned)
            ? Enumerable.Range(0, partitioned.Partitions).Select(name.Partition)
            : [name];
        var parts = new List<Topic>();
        foreach (var part in names)
            parts.Add(await broker.FindAsync(part, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, part));
        return parts;
    }

    // "earliest", "latest", a position, or nothing: the end.
    private static Position Start(JsonNode? body) =>
        body switch
        {
            null => Position.Latest,
            JsonObject position => new Position(PolicyBodies.Number(position, "ledgerId", 0), PolicyBodies.Number(position, "entryId", 0))
                is var at
            && at.Ledger == long.MaxValue
                ? Position.Latest
            : at.Ledger < 0 ? Position.Earliest
            : at,
            JsonValue value when value.TryGetValue<string>(out var word) => word switch
            {
                "earliest" => Position.Earliest,
                "latest" => Position.Latest,
                _ => throw Call.Unreadable(
                    "Cannot construct instance of `org.apache.pulsar.client.impl.ResetCursorData`, problem: "
                        + $"Invalid value {word} for the position. Allowed values are [latest, earliest]"
                ),
            },
            _ => throw Call.Unreadable("Cannot construct instance of `org.apache.pulsar.client.impl.ResetCursorData`"),
        };
}
