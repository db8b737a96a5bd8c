using System.Globalization;
using System.Text.Json.Nodes;

namespace LocalPulsar.Topics;

/// <summary>A topic as <c>GET …/stats</c> shows it: the same fields under the same names as Pulsar 4.0.</summary>
internal static class TopicStats
{
    public static JsonObject Of(
        Topic topic,
        string broker,
        bool withPublishers = true,
        bool withConsumers = true,
        bool withEarliest = false
    )
    {
        lock (topic.Gate)
        {
            var persistent = topic.Name.Persistent;
            var quota = persistent ? -1 : 0;
            var stats = new JsonObject
            {
                ["msgRateIn"] = topic.In.MessageRate,
                ["msgThroughputIn"] = topic.In.ByteRate,
                ["msgRateOut"] = topic.Out.MessageRate,
                ["msgThroughputOut"] = topic.Out.ByteRate,
                ["bytesInCounter"] = topic.In.Bytes,
                ["msgInCounter"] = topic.In.Messages,
                ["systemTopicBytesInCounter"] = 0,
                ["bytesOutCounter"] = topic.Out.Bytes,
                ["msgOutCounter"] = topic.Out.Messages,
                ["bytesOutInternalCounter"] = 0,
                ["averageMsgSize"] = topic.In.AverageSize,
                ["msgChunkPublished"] = false,
                ["storageSize"] = persistent ? topic.Log.Size : 0,
                ["backlogSize"] = persistent ? BacklogSize(topic) : 0,
                ["backlogQuotaLimitSize"] = topic.Policies?.SizeQuota?.LimitSize ?? quota,
                ["backlogQuotaLimitTime"] = topic.Policies?.AgeQuota?.LimitTime ?? quota,
                ["oldestBacklogMessageAgeSeconds"] = quota,
                ["publishRateLimitedTimes"] = 0,
                ["earliestMsgPublishTimeInBacklogs"] = withEarliest
                    ? topic.Subscriptions.Select(s => Earliest(topic, s)).Where(time => time > 0).DefaultIfEmpty(0).Min()
                    : 0,
                ["offloadedStorageSize"] = 0,
                ["lastOffloadLedgerId"] = 0,
                ["lastOffloadSuccessTimeStamp"] = 0,
                ["lastOffloadFailureTimeStamp"] = 0,
                ["ongoingTxnCount"] = 0,
                ["abortedTxnCount"] = 0,
                ["committedTxnCount"] = 0,
                ["publishers"] = withPublishers ? new JsonArray([.. topic.Producers.Select(p => (JsonNode)Publisher(p))]) : new JsonArray(),
                ["waitingPublishers"] = 0,
                ["subscriptions"] = new JsonObject(
                    topic.Subscriptions.Select(s =>
                        KeyValuePair.Create(s.Name, (JsonNode?)Subscription(topic, s, withConsumers, withEarliest))
                    )
                ),
                ["replication"] = new JsonObject(),
                ["nonContiguousDeletedMessagesRanges"] = 0,
                ["nonContiguousDeletedMessagesRangesSerializedSize"] = 0,
                ["delayedMessageIndexSizeInBytes"] = 0,
                ["compaction"] = new JsonObject
                {
                    ["lastCompactionRemovedEventCount"] = 0,
                    ["lastCompactionSucceedTimestamp"] = 0,
                    ["lastCompactionFailedTimestamp"] = 0,
                    ["lastCompactionDurationTimeInMills"] = 0,
                },
                ["ownerBroker"] = broker,
            };
            if (persistent)
                stats["deduplicationStatus"] = topic.Policies is { Deduplication: true } ? "Enabled" : "Disabled";
            else
                stats["msgDropRate"] = 0;
            return stats;
        }
    }

    public static long BacklogSize(Topic topic) =>
        topic.Subscriptions.Where(s => s.Durable).Select(s => topic.Log.BacklogAfter(s.Cursor.MarkDelete)).DefaultIfEmpty(0).Max();

    public static string Since(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    // What follows the acknowledged beginning is not acknowledged.
    private static long Earliest(Topic topic, Subscription s) => s.Cursor.Backlog > 0 ? topic.Log[s.Cursor.MarkDelete + 1].PublishTime : -1;

    private static JsonObject Publisher(Producer producer) =>
        new()
        {
            ["accessMode"] = "Shared",
            ["msgRateIn"] = producer.In.MessageRate,
            ["msgThroughputIn"] = producer.In.ByteRate,
            ["averageMsgSize"] = producer.In.AverageSize,
            ["chunkedMessageRate"] = 0.0,
            ["producerId"] = producer.Id,
            ["supportsPartialProducer"] = false,
            ["producerName"] = producer.Name,
            ["address"] = producer.Address,
            ["connectedSince"] = Since(producer.Since),
            ["clientVersion"] = LocalPulsarServer.ClientVersion,
            ["metadata"] = new JsonObject(),
        };

    private static JsonObject Subscription(Topic topic, Subscription s, bool withConsumers, bool withEarliest)
    {
        var stats = new JsonObject
        {
            ["msgRateOut"] = s.Out.MessageRate,
            ["msgThroughputOut"] = s.Out.ByteRate,
            ["bytesOutCounter"] = s.Out.Bytes,
            ["msgOutCounter"] = s.Out.Messages,
            ["msgRateRedeliver"] = s.Redelivered.MessageRate,
            ["messageAckRate"] = s.Acks.MessageRate,
            ["chunkedMessageRate"] = 0.0,
            ["msgBacklog"] = s.Cursor.Backlog,
            ["backlogSize"] = topic.Log.BacklogAfter(s.Cursor.MarkDelete),
            ["earliestMsgPublishTimeInBacklog"] = withEarliest ? Earliest(topic, s) : 0,
            ["msgBacklogNoDelayed"] = s.Cursor.Backlog - s.Delayed,
            ["blockedSubscriptionOnUnackedMsgs"] = false,
            ["msgDelayed"] = s.Delayed,
            ["msgInReplay"] = s.InReplay,
            ["unackedMessages"] = s.Unacked,
            ["type"] = Topics.Subscription.Wire(s.Type),
        };
        if (s.Active is { } active)
            stats["activeConsumerName"] = active.Name;
        Add(
            stats,
            new JsonObject
            {
                ["msgRateExpired"] = s.Expired.MessageRate,
                ["totalMsgExpired"] = s.Expired.Messages,
                ["lastExpireTimestamp"] = s.LastExpire,
                ["lastConsumedFlowTimestamp"] = s.LastFlow,
                ["lastConsumedTimestamp"] = s.Consumers.Select(c => c.LastConsumed).DefaultIfEmpty().Max(),
                ["lastAckedTimestamp"] = s.Consumers.Select(c => c.LastAcked).DefaultIfEmpty().Max(),
                ["lastMarkDeleteAdvancedTimestamp"] = s.LastMarkDelete,
                ["consumers"] = withConsumers
                    ? new JsonArray([.. s.Consumers.Select(c => (JsonNode)Consumer(c, s.IsIndividual))])
                    : new JsonArray(),
                ["isDurable"] = s.Durable,
                ["isReplicated"] = false,
                ["allowOutOfOrderDelivery"] = false,
                ["consumersAfterMarkDeletePosition"] = new JsonObject(),
                ["drainingHashesCount"] = 0,
                ["drainingHashesClearedTotal"] = 0,
                ["drainingHashesUnackedMessages"] = 0,
                ["nonContiguousDeletedMessagesRanges"] = s.Cursor.Beyond,
                ["nonContiguousDeletedMessagesRangesSerializedSize"] = 0,
                ["delayedMessageIndexSizeInBytes"] = 0,
                ["subscriptionProperties"] = new JsonObject(s.Properties.Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Value))),
                ["filterProcessedMsgCount"] = 0,
                ["filterAcceptedMsgCount"] = 0,
                ["filterRejectedMsgCount"] = 0,
                ["filterRescheduledMsgCount"] = 0,
                ["dispatchThrottledMsgEventsBySubscriptionLimit"] = 0,
                ["dispatchThrottledBytesEventsBySubscriptionLimit"] = 0,
                ["dispatchThrottledMsgEventsByTopicLimit"] = 0,
                ["dispatchThrottledBytesEventsByTopicLimit"] = 0,
                ["dispatchThrottledMsgEventsByBrokerLimit"] = 0,
                ["dispatchThrottledBytesEventsByBrokerLimit"] = 0,
                ["durable"] = s.Durable,
                ["replicated"] = false,
            }
        );
        return stats;
    }

    private static JsonObject Consumer(Consumer consumer, bool individual) =>
        new()
        {
            ["msgRateOut"] = consumer.Out.MessageRate,
            ["msgThroughputOut"] = consumer.Out.ByteRate,
            ["bytesOutCounter"] = consumer.Out.Bytes,
            ["msgOutCounter"] = consumer.Out.Messages,
            ["msgRateRedeliver"] = consumer.Redelivered.MessageRate,
            ["messageAckRate"] = consumer.Acks.MessageRate,
            ["chunkedMessageRate"] = 0.0,
            ["consumerName"] = consumer.Name,
            ["availablePermits"] = consumer.Permits,
            ["unackedMessages"] = individual ? consumer.Pending.Count : 0,
            ["avgMessagesPerEntry"] = 1,
            ["blockedConsumerOnUnackedMsgs"] = false,
            ["drainingHashesCount"] = 0,
            ["drainingHashesClearedTotal"] = 0,
            ["drainingHashesUnackedMessages"] = 0,
            ["appId"] = Security.Tokens.SuperUser, // the WebSocket service's own role, not its client's
            ["address"] = consumer.Address,
            ["connectedSince"] = Since(consumer.Since),
            ["clientVersion"] = LocalPulsarServer.ClientVersion,
            ["lastAckedTimestamp"] = consumer.LastAcked,
            ["lastConsumedTimestamp"] = consumer.LastConsumed,
            ["lastConsumedFlowTimestamp"] = consumer.LastFlow,
            ["metadata"] = new JsonObject(),
            ["lastAckedTime"] = Admin.MessageRoutes.Instant(consumer.LastAcked),
            ["lastConsumedTime"] = Admin.MessageRoutes.Instant(consumer.LastConsumed),
        };

    private static void Add(JsonObject to, JsonObject more)
    {
        foreach (var (name, value) in more.ToList())
        {
            more.Remove(name);
            to[name] = value;
        }
    }
}
