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
        ["averageMsgSize", "backlogQuotaLimitSize", "backlogQuotaLimitTime", "oldestBacklogMessageAgeSeconds", "earliestMsgPublishTimeInBacklogs", "producerId"];

    public void Map(Router router)
    {
        router.MapTopic("GET", "/{topic}/stats", StatsAsync);
        router.MapTopic("GET", "/{topic}/partitioned-stats", PartitionedStatsAsync);
        router.MapTopic("GET", "/{topic}/internalStats", InternalStatsAsync);
        router.Map("GET", "admin/v2/broker-stats/topics", call =>
        {
            Access.DemandSuperUser(call);
            return Task.FromResult(new Answer(200, "application/json", brokerStats.Buffer));
        });
    }

    private async Task<Answer> StatsAsync(Call call)
    {
        access.DemandTopic(call, "GET_STATS", Grant.Either);
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        return Answer.Json(TopicStats.Of(topic, address, !call.Flag("excludePublishers"), !call.Flag("excludeConsumers")));
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
            var stats = TopicStats.Of(topic, address, !call.Flag("excludePublishers"), !call.Flag("excludeConsumers"));
            Merge(sum, stats);
            partitions[name.Partition(i).Full] = stats;
        }
        sum.Remove("ownerBroker");
        sum.Remove("deduplicationStatus");
        sum["metadata"] = new JsonObject { ["partitions"] = partitioned.Partitions, ["deleted"] = false };
        sum["partitions"] = call.Query("perPartition") == "false" ? new JsonObject() : partitions;
        return Answer.Json(sum);
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
                case JsonValue number when !_notSummed.Contains(name) && sum[name] is JsonValue before && !name.EndsWith("Timestamp", StringComparison.Ordinal):
                    if (number.TryGetValue<long>(out var whole) && before.TryGetValue<long>(out var wholeBefore))
                        sum[name] = whole + wholeBefore;
                    else if (number.TryGetValue<int>(out var small) && before.TryGetValue<int>(out var smallBefore))
                        sum[name] = small + smallBefore;
                    else if (number.TryGetValue<double>(out var real) && before.TryGetValue<double>(out var realBefore))
                        sum[name] = real + realBefore;
                    break;
                default:
                    sum[name] ??= value?.DeepClone();
                    break;
            }
        }
    }

    private async Task<Answer> InternalStatsAsync(Call call)
    {
        access.DemandTopic(call, "GET_STATS", Grant.Either);
        var topic = await broker.FindAsync(call.Topic, call.Cancelled) ?? throw TopicRoutes.NotLoadable(state, call.Topic);
        lock (topic.Gate)
        {
            var log = topic.Log;
            return Answer.Json(new JsonObject
            {
                ["entriesAddedCounter"] = log.Added,
                ["numberOfEntries"] = log.Count,
                ["totalSize"] = log.Size,
                ["currentLedgerEntries"] = log.Current.Entries,
                ["currentLedgerSize"] = log.Current.Size,
                ["lastLedgerCreatedTimestamp"] = MessageRoutes.Instant(log.Current.Opened),
                ["waitingCursorsCount"] = topic.Subscriptions.Count(s => s.Consumers.Count > 0 && s.Cursor.Backlog == 0),
                ["pendingAddEntriesCount"] = topic.PendingWrites,
                ["lastConfirmedEntry"] = log.LastPosition.ToString(),
                ["state"] = topic.Terminated ? "Terminated" : "LedgerOpened",
                ["ledgers"] = new JsonArray([.. log.Ledgers.Select(ledger => (JsonNode)new JsonObject
                {
                    ["ledgerId"] = ledger.Id,
                    ["entries"] = ledger.Closed is null ? 0 : ledger.Entries,
                    ["size"] = ledger.Closed is null ? 0 : ledger.Size,
                    ["offloaded"] = false,
                    ["underReplicated"] = false,
                })]),
                ["cursors"] = new JsonObject(topic.Subscriptions.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)Cursor(topic, s)))),
                ["schemaLedgers"] = new JsonArray(),
                ["compactedLedger"] = new JsonObject { ["ledgerId"] = -1, ["entries"] = -1, ["size"] = -1, ["offloaded"] = false, ["underReplicated"] = false },
            });
        }
    }

    private static JsonObject Cursor(Topic topic, Subscription s)
    {
        var read = s.ReadOffset < topic.Log.End ? topic.Log[s.ReadOffset].Position : topic.Log.LastPosition with { EntryId = topic.Log.LastPosition.EntryId + 1 };
        return new JsonObject
        {
            ["markDeletePosition"] = s.Cursor.MarkDeletePosition.ToString(),
            ["readPosition"] = read.ToString(),
            ["waitingReadOp"] = s.Consumers.Count > 0 && s.ReadOffset >= topic.Log.End,
            ["pendingReadOps"] = 0,
            ["messagesConsumedCounter"] = topic.Log.Added - s.Cursor.Backlog,
            ["cursorLedger"] = -1,
            ["cursorLedgerLastEntry"] = -1,
            ["individuallyDeletedMessages"] = "[]",
            ["lastLedgerSwitchTimestamp"] = MessageRoutes.Instant(topic.Log.Current.Opened),
            ["state"] = "Open",
            ["active"] = s.Consumers.Count > 0,
            ["numberOfEntriesSinceFirstNotAckedMessage"] = Math.Max(1, s.ReadOffset - s.Cursor.MarkDelete),
            ["totalNonContiguousDeletedMessagesRange"] = s.Cursor.Beyond,
            ["subscriptionHavePendingRead"] = s.Consumers.Count > 0 && s.ReadOffset >= topic.Log.End,
            ["subscriptionHavePendingReplayRead"] = false,
            ["properties"] = new JsonObject(),
        };
    }
}
