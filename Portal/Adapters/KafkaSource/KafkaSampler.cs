using Confluent.Kafka;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>Reads a few messages and keeps what they look like. It joins no group and commits nothing.</summary>
internal sealed class KafkaSampler(KafkaReach reach, KafkaConnection connection)
{
    private const int PerPlace = 30,
        PlacesPerPartition = 3,
        PartitionsPerTopic = 3;
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan TimesWithin = TimeSpan.FromSeconds(3);

    /// <summary>By topic. A topic that gave nothing in time has none.</summary>
    /// <param name="partitions">Those that hold something, with first and end offset.</param>
    public async Task<IReadOnlyDictionary<string, TopicSample>> SampleAsync(
        IReadOnlyList<(TopicPartition Partition, long Begin, long End)> partitions,
        CancellationToken cancellationToken
    )
    {
        var wanted = partitions
            .GroupBy(one => one.Partition.Topic)
            .SelectMany(topic => topic.OrderByDescending(one => one.End - one.Begin).Take(PartitionsPerTopic))
            .Select(one => (one.Partition, Places: Places(one.Begin, one.End)))
            .ToList();
        var sums = new Dictionary<string, SampleSum>(StringComparer.Ordinal);
        var began = Environment.TickCount64;
        for (var place = 0; place < PlacesPerPartition; place++)
        {
            var left = Within - TimeSpan.FromMilliseconds(Environment.TickCount64 - began);
            if (left <= TimeSpan.Zero)
                break;
            await ReadAsync(
                wanted.Where(one => place < one.Places.Count).ToDictionary(one => one.Partition, one => one.Places[place]),
                left,
                message =>
                {
                    if (!sums.TryGetValue(message.Topic, out var sum))
                        sums[message.Topic] = sum = new();
                    sum.Add(message.Message);
                },
                cancellationToken
            );
        }
        return sums.ToDictionary(one => one.Key, one => one.Value.ToSample(), StringComparer.Ordinal);
    }

    /// <summary>When the latest message before any of these positions was written; null when none of them is there any more.</summary>
    public async Task<DateTimeOffset?> TimeBeforeAsync(
        IReadOnlyDictionary<TopicPartition, long> positions,
        IReadOnlyDictionary<TopicPartition, long> ends,
        CancellationToken cancellationToken
    )
    {
        // Those that were read farthest tell as much as all of them.
        var wanted = positions
            .Where(one => one.Value > 0 && ends.TryGetValue(one.Key, out var end) && one.Value <= end)
            .OrderByDescending(one => one.Value)
            .Take(PartitionsPerTopic)
            .ToDictionary(one => one.Key, one => (one.Value - 1, 1));
        long latest = -1;
        await ReadAsync(
            wanted,
            TimesWithin,
            message =>
            {
                if (message.Offset.Value < positions[message.TopicPartition])
                    latest = Math.Max(latest, message.Message.Timestamp.UnixTimestampMs);
            },
            cancellationToken
        );
        return latest > 0
            ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(latest, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()))
            : null;
    }

    private async Task ReadAsync(
        Dictionary<TopicPartition, (long Offset, int Messages)> from,
        TimeSpan within,
        Action<ConsumeResult<byte[]?, byte[]?>> see,
        CancellationToken cancellationToken
    )
    {
        if (from.Count == 0)
            return;
        // The client blocks; it gets a thread of its own.
        await Task.Factory.StartNew(
            () => Read(from, within, see, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>
    /// What lies together is alike, so a large partition is looked at early, late, and at its end; a small one is read whole.
    /// </summary>
    private static IReadOnlyList<(long Offset, int Messages)> Places(long begin, long end) =>
        end - begin <= PerPlace * PlacesPerPartition
            ? [(begin, PerPlace * PlacesPerPartition)]
            : [(end - PerPlace, PerPlace), (begin + (end - begin) / 4, PerPlace), (begin + (end - begin) / 2, PerPlace)];

    private void Read(
        Dictionary<TopicPartition, (long Offset, int Messages)> from,
        TimeSpan within,
        Action<ConsumeResult<byte[]?, byte[]?>> see,
        CancellationToken cancellationToken
    )
    {
        var config = new ConsumerConfig(KafkaSession.Bounded(KafkaClients.ConfigOf(connection)))
        {
            // Asked for by the library; nobody joins it.
            GroupId = "portal-migration-look",
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            EnablePartitionEof = true,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            FetchMaxBytes = 4 * 1024 * 1024,
            MaxPartitionFetchBytes = 64 * 1024,
            QueuedMaxMessagesKbytes = 1024,
            QueuedMinMessages = 1,
        };
        using var consumer = KafkaGate.Through(
            reach,
            new ConsumerBuilder<byte[]?, byte[]?>(config).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build(),
            connection.BootstrapServers
        );
        var left = from.ToDictionary(one => one.Key, one => one.Value.Messages);
        consumer.Assign(from.Select(one => new TopicPartitionOffset(one.Key, one.Value.Offset)));
        var until = Environment.TickCount64 + (long)within.TotalMilliseconds;
        while (left.Count > 0 && Environment.TickCount64 < until && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not { } got)
                    continue;
                if (!left.TryGetValue(got.TopicPartition, out var more))
                    continue;
                if (!got.IsPartitionEOF)
                {
                    see(got);
                    left[got.TopicPartition] = --more;
                }
                if (!got.IsPartitionEOF && more > 0)
                    continue;
                left.Remove(got.TopicPartition);
                consumer.IncrementalUnassign([got.TopicPartition]);
            }
            catch (ConsumeException refused)
            {
                // One partition's trouble takes no sample from the others.
                if (refused.ConsumerRecord is { } record && left.Remove(record.TopicPartition))
                    continue;
                return;
            }
        }
    }

    private sealed class SampleSum
    {
        private readonly FormatGuess _keys = new(),
            _values = new();
        private int _messages,
            _nullKeys,
            _tombstones,
            _withHeaders;
        private long _bytes,
            _largest;

        public void Add(Message<byte[]?, byte[]?> message)
        {
            long size = (message.Key?.Length ?? 0) + (message.Value?.Length ?? 0);
            if (message.Headers is { Count: > 0 } headers)
            {
                _withHeaders++;
                foreach (var header in headers)
                    size += header.Key.Length + (header.GetValueBytes()?.Length ?? 0);
            }
            _messages++;
            _bytes += size;
            _largest = Math.Max(_largest, size);
            if (message.Key is null)
                _nullKeys++;
            else
                _keys.See(message.Key);
            if (message.Value is null)
                _tombstones++;
            else
                _values.See(message.Value);
        }

        public TopicSample ToSample() =>
            new(_messages, _bytes, _largest, _keys.Format, _values.Format, _values.SchemaIds, _nullKeys, _tombstones, _withHeaders);
    }
}
