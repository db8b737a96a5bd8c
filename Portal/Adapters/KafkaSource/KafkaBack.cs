using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <inheritdoc cref="IKafkaBack"/>
internal sealed class KafkaBack(KafkaReach reach, TimeProvider clock) : IKafkaBack
{
    public async Task<Outcome<bool?>> MayWriteAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken)
    {
        if (await KafkaPartitions.RefuseAsync(reach, connection, cancellationToken) is { } refused)
            return refused;
        await using var session = new KafkaSession(reach, connection);
        var asked = await session.AskAsync("see topics", admin => KafkaLook.DescribeTopicsAsync(admin, [topic]), cancellationToken);
        return asked.Map<bool?>(found =>
            found is [{ Error.IsError: false, AuthorizedOperations: { } allowed }] ? allowed.Contains(AclOperation.Write) : null
        );
    }

    public Task<Outcome<IKafkaWriter>> OpenAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        CancellationToken cancellationToken
    ) =>
        Task.Run<Outcome<IKafkaWriter>>(
            async () =>
            {
                if (await KafkaPartitions.RefuseAsync(reach, connection, cancellationToken) is { } refused)
                    return refused;
                var trouble = new KafkaLastError();
                var producer = KafkaGate.Through(reach, new ProducerBuilder<byte[]?, byte[]?>(
                        new ProducerConfig(KafkaClients.ConfigOf(connection))
                        {
                            EnableIdempotence = true,
                            // What fails ends the producer: nothing behind it is written, so that the last that is there tells what is
                            // missing.
                            EnableGaplessGuarantee = true,
                            Acks = Acks.All,
                            LingerMs = 5,
                            MessageTimeoutMs = 30_000,
                            MessageMaxBytes = 64 * 1024 * 1024,
                            ReconnectBackoffMaxMs = 2_000,
                        }
                    ).SetErrorHandler((_, error) => trouble.Note(error)).SetLogHandler((_, _) => { }).Build(), connection.BootstrapServers);
                return Outcome.Of<IKafkaWriter>(new KafkaWriter(producer, trouble, partition, clock));
            },
            cancellationToken
        );

    public async Task<Outcome<Done>> CommitAsync(
        KafkaConnection connection,
        string group,
        IReadOnlyDictionary<KafkaPartition, long> offsets,
        CancellationToken cancellationToken
    )
    {
        if (offsets.Count == 0)
            return new Done();
        if (await KafkaPartitions.RefuseAsync(reach, connection, cancellationToken) is { } refused)
            return refused;
        await using var session = new KafkaSession(reach, connection);
        var asked = await session.AskAsync<Error?>(
            "set a group's positions",
            async admin =>
            {
                var wanted = new ConsumerGroupTopicPartitionOffsets(
                    group,
                    [.. offsets.Select(one => new TopicPartitionOffset(one.Key.Topic, one.Key.Number, one.Value))]
                );
                try
                {
                    await admin.AlterConsumerGroupOffsetsAsync([wanted], new() { RequestTimeout = KafkaSession.CallLimit });
                    return null;
                }
                catch (AlterConsumerGroupOffsetsException partly)
                {
                    var result = partly.Results[0];
                    return result.Error.IsError ? result.Error : result.Partitions.Find(one => one.Error.IsError)?.Error ?? partly.Error;
                }
            },
            cancellationToken
        );
        if (!asked.TryGet(out var error, out var problem))
            return problem is Problem.Forbidden ? Denied(connection, group) : problem;
        return error?.Code switch
        {
            null => new Done(),
            // What Kafka says where somebody reads with the group depends on how its members joined.
            ErrorCode.NonEmptyGroup or ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress =>
                new Problem.Conflict(
                    "group-has-members",
                    $"The group {group} has members in Kafka, so its positions can't be set. Stop its consumers in Kafka, then try again."
                ),
            ErrorCode.GroupAuthorizationFailed or ErrorCode.TopicAuthorizationFailed => Denied(connection, group),
            _ => session.Trouble.Of(error, "set a group's positions"),
        };
    }

    private static Problem.Conflict Denied(KafkaConnection connection, string group) =>
        new(
            "kafka-commit-denied",
            $"Kafka doesn't let this user set the positions of the group {group}. Grant it READ on the group and on its topics: "
                + $"{KafkaAccess.CommitCommand(connection.BootstrapServers, connection.User, group)}"
        );
}

internal sealed class KafkaWriter(
    IProducer<byte[]?, byte[]?> producer,
    KafkaLastError trouble,
    KafkaPartition partition,
    TimeProvider clock
) : IKafkaWriter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    public Task<Outcome<long>> WriteAsync(IReadOnlyList<BackRecord> records, CancellationToken cancellationToken) =>
        Task.Run(() => Write(records, cancellationToken), cancellationToken);

    public async ValueTask DisposeAsync() => await Task.Run(producer.Dispose);

    private Outcome<long> Write(IReadOnlyList<BackRecord> records, CancellationToken cancellationToken)
    {
        var delivered = new ConcurrentQueue<DeliveryReport<byte[]?, byte[]?>>();
        var (sent, began) = (0, clock.GetTimestamp());
        foreach (var record in records)
        {
            var message = new Message<byte[]?, byte[]?>
            {
                Key = record.Key,
                Value = record.Value,
                Headers = new Headers(),
            };
            foreach (var header in record.Headers)
                message.Headers.Add(header.Name, header.Value);
            if (record.Timestamp > 0)
                message.Timestamp = new(record.Timestamp, TimestampType.CreateTime);
            while (true)
            {
                try
                {
                    producer.Produce(new TopicPartition(partition.Topic, partition.Number), message, delivered.Enqueue);
                    sent++;
                    break;
                }
                catch (ProduceException<byte[]?, byte[]?> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(50));
                }
                catch (ProduceException<byte[]?, byte[]?> refused)
                {
                    producer.Flush(TimeSpan.FromSeconds(10));
                    return Problems(refused.Error, record);
                }
            }
        }
        while (delivered.Count < sent)
        {
            cancellationToken.ThrowIfCancellationRequested();
            producer.Poll(TimeSpan.FromMilliseconds(50));
            if (clock.GetElapsedTime(began) > Patience)
                return trouble.Last is { } error ? KafkaReadProblems.Of(error, partition) : KafkaReadProblems.Away;
        }
        if (delivered.FirstOrDefault(report => report.Error.IsError) is { } failed)
            return Problems(failed.Error, null);
        return delivered.Max(report => report.Offset.Value) + 1;
    }

    private Problem Problems(Error error, BackRecord? record) =>
        error.Code switch
        {
            ErrorCode.MsgSizeTooLarge => new Problem.Conflict(
                "record-too-large",
                $"Kafka takes no message of {(record is null ? "this size" : ByteSize.Text(record.Bytes))} in {partition.Topic}. "
                    + "Raise max.message.bytes of the topic, then copy back again."
            ),
            ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new Problem.Conflict(
                "kafka-write-denied",
                $"Kafka doesn't let this user write to {partition.Topic}. Grant it WRITE on the topic, then copy back again."
            ),
            ErrorCode.InvalidRecord => new Problem.Conflict(
                "kafka-record-refused",
                $"Kafka refused a message for {partition.Topic} ({error.Code}). A compacted topic takes no messages without a key."
            ),
            _ => KafkaReadProblems.Of(trouble.Last ?? error, partition),
        };
}
