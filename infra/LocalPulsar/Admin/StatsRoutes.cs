using System.Text.Json.Nodes;
using LocalPulsar.Metadata;
using LocalPulsar.Security;
using LocalPulsar.Topics;

namespace LocalPulsar.Admin;

/// <summary>Statistics of topics and of the broker. Asking for a topic's loads it; broker-stats loads nothing.</summary>
internal sealed class StatsRoutes(ClusterState state, Broker broker, BrokerStats brokerStats, Access access, string address)
{
    // Summed over partitions; everything else of a partitioned topic is shown as of its first one.
    private static readonly HashSet<string> _notSummed =
    [
        "averageMsgSize",
        "backlogQuotaLimitSize",
        "backlogQuotaLimitTime",
        "oldestBacklogMessageAgeSeconds",
        "producerId",
    ];

    public void Map(Router router)
    {
        router.MapTopic("GET", "/{topic}/stats", StatsAsync);
        router.MapTopic("GET", "/{topic}/partitioned-stats", PartitionedStatsAsync);
        router.MapPersistent("GET", "/{topic}/internalStats", InternalStatsAsync);
        router.Map(
            "GET",
            "admin/v2/broker-stats/topics",
            call =>
            {
                Access.DemandSuperUser(call);
                return Task.FromResult(new Answer(200, "application/json", brokerStats.Buffer));
            }
        );
    }

    private async Task<Answer> StatsAsync(Call call)
    {
        access.DemandTopic(call, "GET_STATS", Grant.Either);
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        return Answer.Json(StatsOf(call, topic));
    }

    private JsonObject StatsOf(Call call, Topic topic) =>
        TopicStats.Of(
            topic,
            address,
            !call.Flag("excludePublishers"),
            !call.Flag("excludeConsumers"),
            call.Flag("getEarliestTimeInBacklog")
        );

    // The ledgers, and how far each cursor has come, of what a broker tells about itself. The open ledger counts in the head, and as
    // nothing in the list.
    private async Task<Answer> InternalStatsAsync(Call call)
    {
        access.DemandTopic(call, "GET_STATS", Grant.Either);
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        lock (topic.Gate)
        {
            var log = topic.Log;
            return Answer.Json(
                new JsonObject
                {
                    ["entriesAddedCounter"] = log.Added,
                    ["numberOfEntries"] = log.Count,
                    ["totalSize"] = log.Size,
                    ["currentLedgerEntries"] = log.Current.Entries,
                    ["currentLedgerSize"] = log.Current.Size,
                    ["ledgers"] = new JsonArray([
                        .. log.Ledgers.Select(ledger =>
                            (JsonNode)
                                new JsonObject
                                {
                                    ["ledgerId"] = ledger.Id,
                                    ["entries"] = ledger == log.Current ? 0 : ledger.Entries,
                                    ["size"] = ledger == log.Current ? 0 : ledger.Size,
                                    ["offloaded"] = false,
                                    ["underReplicated"] = false,
                                }
                        ),
                    ]),
                    ["cursors"] = new JsonObject(
                        topic
                            .Subscriptions.Where(one => one.Durable)
                            .Select(one =>
                                KeyValuePair.Create(
                                    one.Name,
                                    (JsonNode?)
                                        new JsonObject
                                        {
                                            ["markDeletePosition"] = $"{one.Cursor.MarkDeletePosition}",
                                            ["individuallyDeletedMessages"] = one.Cursor.RangesBeyond(),
                                        }
                                )
                            )
                    ),
                }
            );
        }
    }

    private async Task<Answer> PartitionedStatsAsync(Call call)
    {
        access.DemandTopic(call, "GET_STATS", Grant.Either);
        var name = call.Topic;
        if (name.IsPartition)
            throw new RefusalException(412, "Partitioned Topic Name should not contain '-partition-'");
        if (!state.Partitioned.TryGetValue(name.Full, out var partitioned))
            throw new RefusalException(404, $"Partitioned Topic {name} not found");
        var sum = new JsonObject();
        var partitions = new JsonObject();
        for (var i = 0; i < partitioned.Partitions; i++)
        {
            if (await broker.FindAsync(name.Partition(i), call.Cancelled) is not { } topic)
                continue;
            var stats = StatsOf(call, topic);
            Merge(sum, stats);
            partitions[name.Partition(i).Full] = stats;
        }
        sum.Remove("ownerBroker");
        sum.Remove("deduplicationStatus");
        sum["oldestBacklogMessageAgeSeconds"] = 0;
        Anonymize(sum);
        var metadata = new JsonObject { ["partitions"] = partitioned.Partitions, ["deleted"] = false };
        if (partitioned.Properties is { } properties)
            metadata["properties"] = new JsonObject(properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value)));
        sum["metadata"] = metadata;
        sum["partitions"] = call.Query("perPartition") == "false" ? new JsonObject() : partitions;
        return Answer.Json(sum);
    }

    // Added up by their place in the lists, clients are nobody in particular: a broker leaves out who they are, but for
    // a consumer's name.
    private static void Anonymize(JsonObject sum)
    {
        foreach (var publisher in sum["publishers"]?.AsArray() ?? [])
        {
            Without(publisher!, "accessMode", "producerName", "address", "connectedSince", "clientVersion", "metadata");
            publisher!["producerId"] = 0;
        }
        foreach (var (_, subscription) in sum["subscriptions"]?.AsObject() ?? [])
        {
            Without(subscription!, "activeConsumerName");
            foreach (var consumer in subscription!["consumers"]?.AsArray() ?? [])
                Without(consumer!, "appId", "address", "connectedSince", "clientVersion", "metadata");
        }
    }

    private static void Without(JsonNode document, params string[] fields)
    {
        foreach (var field in fields)
            document.AsObject().Remove(field);
    }

    private static void Merge(JsonObject sum, JsonObject part)
    {
        foreach (var (name, value) in part)
        {
            switch (value)
            {
                case JsonObject { } child when name is "subscriptions":
                    sum[name] ??= new JsonObject();
                    foreach (var (subscription, stats) in child)
                    {
                        sum[name]![subscription] ??= new JsonObject();
                        Merge(sum[name]![subscription]!.AsObject(), stats!.AsObject());
                    }
                    break;
                case JsonArray { } items when name is "publishers" or "consumers":
                    sum[name] ??= new JsonArray();
                    for (var i = 0; i < items.Count; i++)
                    {
                        if (sum[name]!.AsArray().Count == i)
                            sum[name]!.AsArray().Add(new JsonObject());
                        Merge(sum[name]![i]!.AsObject(), items[i]!.AsObject());
                    }
                    break;
                // Of a topic 0 is none; of a subscription -1 is, and the least of all.
                case JsonValue time when name is "earliestMsgPublishTimeInBacklogs" && sum[name] is JsonValue first:
                    if (time.GetValue<long>() > 0 && (first.GetValue<long>() == 0 || time.GetValue<long>() < first.GetValue<long>()))
                        sum[name] = time.DeepClone();
                    break;
                case JsonValue time when name is "earliestMsgPublishTimeInBacklog" && sum[name] is JsonValue earlier:
                    sum[name] = Math.Min(time.GetValue<long>(), earlier.GetValue<long>());
                    break;
                case JsonValue number
                    when !_notSummed.Contains(name)
                        && sum[name] is JsonValue added
                        && !name.EndsWith("Timestamp", StringComparison.Ordinal):
                    if (number.TryGetValue<long>(out var whole) && added.TryGetValue<long>(out var wholeBefore))
                        sum[name] = whole + wholeBefore;
                    else if (number.TryGetValue<int>(out var small) && added.TryGetValue<int>(out var smallBefore))
                        sum[name] = small + smallBefore;
                    else if (number.TryGetValue<double>(out var real) && added.TryGetValue<double>(out var realBefore))
                        sum[name] = real + realBefore;
                    break;
                case JsonValue when name.EndsWith("Timestamp", StringComparison.Ordinal):
                    sum[name] = 0; // of no partition more than of another
                    break;
                default:
                    sum[name] ??= value?.DeepClone();
                    break;
            }
        }
    }
}
