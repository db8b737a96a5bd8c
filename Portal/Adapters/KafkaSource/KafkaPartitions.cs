using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// Partitions read with consumers that are assigned, never subscribed: no group has members by them and nothing is
/// committed. librdkafka waits in threads of its own; its calls run off the caller's.
/// </summary>
internal sealed class KafkaPartitions(KafkaReach reach, TimeProvider clock) : IKafkaPartitions
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // The client wants a name even where no group is joined.
    private const string NoGroup = "portal-migration";

    public Task<Outcome<KafkaOffsets>> OffsetsAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        CancellationToken cancellationToken
    ) =>
        Task.Run<Outcome<KafkaOffsets>>(
            async () =>
            {
                if (await RefuseAsync(reach, connection, cancellationToken) is { } refused)
                    return refused;
                var trouble = new KafkaLastError();
                using var consumer = Consumer(connection, trouble);
                try
                {
                    var offsets = consumer.QueryWatermarkOffsets(new(partition.Topic, partition.Number), Patience);
                    return new KafkaOffsets(offsets.Low.Value, offsets.High.Value);
                }
                catch (KafkaException exception)
                {
                    return KafkaReadProblems.Of(trouble.Last ?? exception.Error, partition);
                }
            },
            cancellationToken
        );

    public async Task<Outcome<bool?>> IsCompactedAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken)
    {
        if (await RefuseAsync(reach, connection, cancellationToken) is { } refused)
            return refused;
        var trouble = new KafkaLastError();
        using var admin = KafkaGate.Through(
            reach,
            new AdminClientBuilder(new AdminClientConfig(KafkaClients.ConfigOf(connection)))
                .SetErrorHandler((_, error) => trouble.Note(error))
                .SetLogHandler((_, _) => { })
                .Build(),
            connection.BootstrapServers
        );
        try
        {
            var read = await admin
                .DescribeConfigsAsync(
                    [new ConfigResource { Type = ResourceType.Topic, Name = topic }],
                    new DescribeConfigsOptions { RequestTimeout = Patience }
                )
                .WaitAsync(2 * Patience, clock, cancellationToken);
            return read[0].Entries.TryGetValue("cleanup.policy", out var policy)
                ? policy.Value.Contains("compact", StringComparison.Ordinal)
                : Outcome.Of<bool?>(null);
        }
        catch (KafkaException exception)
            when (exception.Error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed
                || exception is DescribeConfigsException { Results: [{ Error.Code: ErrorCode.TopicAuthorizationFailed }] }
            )
        {
            return Outcome.Of<bool?>(null);
        }
        catch (KafkaException exception)
        {
            return KafkaReadProblems.Of(
                trouble.Last ?? (exception as DescribeConfigsException)?.Results[0].Error ?? exception.Error,
                new(topic, 0)
            );
        }
        catch (TimeoutException)
        {
            return KafkaReadProblems.Away;
        }
    }

    public Task<Outcome<IKafkaReader>> OpenAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        long offset,
        CancellationToken cancellationToken
    ) =>
        Task.Run(
            async () =>
            {
                if (await RefuseAsync(reach, connection, cancellationToken) is { } refused)
                    return refused;
                var trouble = new KafkaLastError();
                var consumer = Consumer(connection, trouble);
                consumer.Assign(new TopicPartitionOffset(partition.Topic, partition.Number, offset));
                return Outcome.Of<IKafkaReader>(new KafkaReader(consumer, trouble, partition, offset, clock));
            },
            cancellationToken
        );

    /// <summary>
    /// Null when every server may be reached. Names may lead elsewhere than when the connection was tried, and a cluster may
    /// advertise other brokers since: both are looked at before a client is sent there, so that there is a sentence. That the
    /// client goes nowhere else afterwards is <see cref="KafkaGate"/>'s.
    /// </summary>
    internal static async Task<Problem?> RefuseAsync(KafkaReach reach, KafkaConnection connection, CancellationToken cancellationToken)
    {
        if (reach == KafkaReach.Anywhere)
            return null;
        if (!KafkaHost.ParseAll(connection.BootstrapServers).TryGet(out var hosts, out var problem))
            return problem;
        if (await reach.RefuseAsync(hosts, cancellationToken) is { } refused)
            return refused;
        await using var session = new KafkaSession(reach, connection);
        var asked = await KafkaCluster.BrokersAsync(session, cancellationToken);
        return asked.Problem ?? await reach.RefuseAsync(asked.Value, cancellationToken);
    }

    private IConsumer<byte[]?, byte[]?> Consumer(KafkaConnection connection, KafkaLastError trouble)
    {
        var config = new ConsumerConfig(KafkaClients.ConfigOf(connection))
        {
            GroupId = NoGroup,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            IsolationLevel = IsolationLevel.ReadCommitted,
            EnablePartitionEof = true,
            // An offset that is gone is said, not jumped over.
            AutoOffsetReset = AutoOffsetReset.Error,
            // What waits unread in memory, of each reader.
            // Dozens of readers share the memory of one process.
            QueuedMaxMessagesKbytes = 4 * 1024,
            // What fits in the queue is read faster than the second that a client would let pass after it was full.
            FetchQueueBackoffMs = 20,
            QueuedMinMessages = 10_000,
            FetchMaxBytes = 4 * 1024 * 1024,
            MaxPartitionFetchBytes = 2 * 1024 * 1024,
            SocketTimeoutMs = 15_000,
            ReconnectBackoffMaxMs = 2_000,
        };
        var builder = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetKeyDeserializer(Plain.Bytes)
            .SetValueDeserializer(Plain.Bytes)
            .SetErrorHandler((_, error) => trouble.Note(error))
            .SetLogHandler((_, _) => { });
        return KafkaGate.Through(reach, builder.Build(), connection.BootstrapServers);
    }

    private sealed class Plain : IDeserializer<byte[]?>
    {
        public static readonly Plain Bytes = new();

        public byte[]? Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) => isNull ? null : data.ToArray();
    }
}

/// <summary>The last error that a client told of and that nothing good came after.</summary>
internal sealed class KafkaLastError
{
    private volatile Error? _last;

    public Error? Last => _last;

    public void Note(Error error)
    {
        if (KafkaReadProblems.IsTelling(error))
            _last = error;
    }

    public void Clear() => _last = null;
}

internal sealed class KafkaReader(
    IConsumer<byte[]?, byte[]?> consumer,
    KafkaLastError trouble,
    KafkaPartition partition,
    long offset,
    TimeProvider clock
) : IKafkaReader
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _next = offset;

    public async Task<Outcome<KafkaBatch>> ReadAsync(int bytes, TimeSpan wait, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(bytes, wait, cancellationToken), cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        // Closing would say goodbye to a group that was never joined; it may wait for brokers that are away.
        await Task.Run(consumer.Dispose);
        _turn.Dispose();
    }

    private Outcome<KafkaBatch> Read(int bytes, TimeSpan wait, CancellationToken cancellationToken)
    {
        var records = new List<KafkaRecord>();
        var (began, weight, atEnd) = (clock.GetTimestamp(), 0, false);
        try
        {
            while (weight < bytes && !atEnd && !cancellationToken.IsCancellationRequested)
            {
                // What is there is taken; only for the first record it is worth to wait.
                var read = consumer.Consume(records.Count > 0 ? TimeSpan.FromMilliseconds(5) : Slice);
                if (read is null)
                {
                    if (records.Count > 0 || clock.GetElapsedTime(began) >= wait)
                        break;
                    continue;
                }
                trouble.Clear();
                if (read.IsPartitionEOF)
                {
                    _next = Math.Max(_next, read.Offset.Value);
                    atEnd = true;
                    continue;
                }
                var record = Of(read);
                records.Add(record);
                weight += record.Bytes;
                _next = record.Offset + 1;
            }
        }
        catch (ConsumeException exception)
        {
            return KafkaReadProblems.Of(exception.Error, partition);
        }
        catch (KafkaException exception)
        {
            return KafkaReadProblems.Of(exception.Error, partition);
        }
        if (records.Count == 0 && !atEnd && trouble.Last is { } error)
            return KafkaReadProblems.Of(error, partition);
        // Known from the last fetch; nobody is asked.
        var end = atEnd ? _next : Math.Max(_next, consumer.GetWatermarkOffsets(new(partition.Topic, partition.Number)).High.Value);
        return new KafkaBatch(records, _next, atEnd, end);
    }

    private static KafkaRecord Of(ConsumeResult<byte[]?, byte[]?> read)
    {
        var message = read.Message;
        IReadOnlyList<KafkaHeader> headers = message.Headers is { Count: > 0 } there
            ? [.. there.Select(header => new KafkaHeader(header.Key, header.GetValueBytes()))]
            : [];
        return new(
            read.Offset.Value,
            message.Timestamp.Type == TimestampType.NotAvailable ? 0 : message.Timestamp.UnixTimestampMs,
            message.Key,
            message.Value,
            headers
        );
    }
}
