using System.Text.Json.Nodes;

namespace LocalPulsar.Topics;

/// <summary>
/// What <c>GET /admin/v2/broker-stats/topics</c> answers: the topics loaded at the last refresh with their counters then.
/// A reader never sees the present, as on a broker: a topic deleted since is still there, one loaded since is not.
/// </summary>
internal sealed class BrokerStats(Broker broker)
{
    private volatile byte[] _buffer = "{}"u8.ToArray();

    public ReadOnlyMemory<byte> Buffer => _buffer;

    public void Clear() => _buffer = "{}"u8.ToArray();

    public void Refresh(TimeSpan since)
    {
        var namespaces = new JsonObject();
        foreach (var topic in broker.Loaded)
        {
            topic.Tick(since.TotalSeconds);
            if (topic.Policies is not { } policies)
                continue;
            var bundles = Child(namespaces, topic.Name.Namespace);
            var bundle = Child(bundles, NamespaceBundles.Of(topic.Name.Full, policies.Bundles));
            Child(bundle, "persistent");
            Child(bundle, topic.Name.Domain)[topic.Name.Full] = Of(topic);
        }
        _buffer = System.Text.Encoding.UTF8.GetBytes(namespaces.ToJsonString());
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is not JsonObject child)
            parent[name] = child = [];
        return child;
    }

    private static JsonObject Of(Topic topic)
    {
        lock (topic.Gate)
        {
            var persistent = topic.Name.Persistent;
            var stats = new JsonObject
            {
                ["publishers"] = new JsonArray([.. topic.Producers.Select(p => (JsonNode)Publisher(p))]),
                ["replication"] = new JsonObject(),
                ["subscriptions"] = new JsonObject(
                    topic.Subscriptions.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)Subscription(s, persistent)))
                ),
                ["producerCount"] = topic.Producers.Count,
                ["averageMsgSize"] = Round(topic.In.AverageSize),
                ["msgRateIn"] = Round(topic.In.MessageRate),
                ["msgRateOut"] = Round(topic.Out.MessageRate),
                ["msgInCount"] = topic.In.Messages,
                ["bytesInCount"] = topic.In.Bytes,
                ["msgOutCount"] = topic.Out.Messages,
                ["bytesOutCount"] = topic.Out.Bytes,
                ["msgThroughputIn"] = Round(topic.In.ByteRate),
                ["msgThroughputOut"] = Round(topic.Out.ByteRate),
            };
            if (persistent)
            {
                stats["storageSize"] = topic.Log.Size;
                stats["backlogSize"] = TopicStats.BacklogSize(topic);
                stats["pendingAddEntriesCount"] = topic.PendingWrites;
            }
            stats["filteredEntriesCount"] = 0;
            return stats;
        }
    }

    private static JsonObject Publisher(Producer producer) =>
        new()
        {
            ["msgRateIn"] = Round(producer.In.MessageRate),
            ["msgThroughputIn"] = Round(producer.In.ByteRate),
            ["averageMsgSize"] = Round(producer.In.AverageSize),
            ["address"] = producer.Address,
            ["producerId"] = producer.Id,
            ["producerName"] = producer.Name,
            ["connectedSince"] = TopicStats.Since(producer.Since),
            ["clientVersion"] = LocalPulsarServer.ClientVersion,
            ["metadata"] = new JsonObject(),
        };

    private static JsonObject Subscription(Subscription s, bool persistent)
    {
        var stats = new JsonObject
        {
            ["consumers"] = new JsonArray([.. s.Consumers.Select(c => (JsonNode)Consumer(c, s.IsIndividual))]),
            ["msgBacklog"] = persistent ? s.Cursor.Backlog : 0,
            ["msgRateExpired"] = Round(s.Expired.MessageRate),
            ["msgRateOut"] = Round(s.Out.MessageRate),
            ["messageAckRate"] = Round(s.Acks.MessageRate),
            ["msgThroughputOut"] = Round(s.Out.ByteRate),
            ["msgRateRedeliver"] = Round(s.Redelivered.MessageRate),
        };
        if (persistent)
        {
            stats["numberOfEntriesSinceFirstNotAckedMessage"] = Math.Max(1, s.ReadOffset - s.Cursor.MarkDelete);
            stats["totalNonContiguousDeletedMessagesRange"] = s.Cursor.Beyond;
        }
        stats["type"] = Topics.Subscription.Wire(s.Type);
        if (s.Type is not null)
        {
            foreach (
                var filter in (string[])
                    ["filterProcessedMsgCount", "filterAcceptedMsgCount", "filterRejectedMsgCount", "filterRescheduledMsgCount"]
            )
                stats[filter] = 0;
        }
        if (persistent && s.IsIndividual)
        {
            stats["blockedSubscriptionOnUnackedMsgs"] = false;
            stats["unackedMessages"] = s.Unacked;
        }
        if (!persistent)
            stats["msgDropRate"] = Round(s.Dropped.MessageRate);
        return stats;
    }

    private static JsonObject Consumer(Consumer consumer, bool individual)
    {
        var stats = new JsonObject
        {
            ["address"] = consumer.Address,
            ["consumerName"] = consumer.Name,
            ["availablePermits"] = consumer.Permits,
            ["connectedSince"] = TopicStats.Since(consumer.Since),
            ["msgRateOut"] = Round(consumer.Out.MessageRate),
            ["msgThroughputOut"] = Round(consumer.Out.ByteRate),
            ["msgRateRedeliver"] = Round(consumer.Redelivered.MessageRate),
            ["avgMessagesPerEntry"] = 1,
            ["messageAckRate"] = Round(consumer.Acks.MessageRate),
        };
        if (individual)
        {
            stats["unackedMessages"] = consumer.Pending.Count;
            stats["blockedConsumerOnUnackedMsgs"] = false;
        }
        stats["clientVersion"] = LocalPulsarServer.ClientVersion;
        stats["metadata"] = new JsonObject();
        return stats;
    }

    private static double Round(double value) => Math.Round(value, 3);
}
