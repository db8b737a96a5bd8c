using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>One partition of a customer's Kafka topic.</summary>
public readonly record struct KafkaPartition(string Topic, int Number)
{
    public override string ToString() => $"{Topic}-{Number}";
}

/// <param name="Value">Null is not the same as empty.</param>
public readonly record struct KafkaHeader(string Name, byte[]? Value);

/// <summary>A record as Kafka has it.</summary>
/// <param name="Timestamp">Milliseconds since 1970; 0 or less where the record has none.</param>
/// <param name="Key">Null is not the same as empty.</param>
/// <param name="Value">Null for a tombstone.</param>
public sealed record KafkaRecord(long Offset, long Timestamp, byte[]? Key, byte[]? Value, IReadOnlyList<KafkaHeader> Headers)
{
    /// <summary>What it weighs in memory and on the wire, roughly.</summary>
    public int Bytes =>
        64 + (Key?.Length ?? 0) + (Value?.Length ?? 0) + Headers.Sum(header => header.Name.Length + (header.Value?.Length ?? 0));
}

/// <param name="Next">Where the next read begins: behind the last record, or behind what holds none (marks of transactions, what compaction
/// took).</param>
/// <param name="AtEnd">There is nothing more to be read at the moment.</param>
/// <param name="End">The offset of the next record to be written, as far as is known.</param>
public sealed record KafkaBatch(IReadOnlyList<KafkaRecord> Records, long Next, bool AtEnd, long End);

/// <param name="First">The first offset that Kafka still has.</param>
/// <param name="End">The offset of the next record to be written.</param>
public readonly record struct KafkaOffsets(long First, long End);

/// <summary>
/// Reads partitions of a customer's Kafka: committed records, no group joined and nothing committed. What keeps it from
/// reading is <see cref="Problem.Unavailable"/> where trying again may help.
/// </summary>
public interface IKafkaPartitions
{
    Task<Outcome<KafkaOffsets>> OffsetsAsync(KafkaConnection connection, KafkaPartition partition, CancellationToken cancellationToken);

    /// <summary>
    /// Whether compaction may take records out of the middle of the topic; null when Kafka does not let us see its configuration.
    /// </summary>
    Task<Outcome<bool?>> IsCompactedAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken);

    /// <param name="offset">The first record that is wanted. Conflict <c>kafka-offset-gone</c> comes with the first read when Kafka has no
    /// such offset any more.</param>
    Task<Outcome<IKafkaReader>> OpenAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        long offset,
        CancellationToken cancellationToken
    );
}

public interface IKafkaReader : IAsyncDisposable
{
    /// <summary>Records in the order of their offsets, about as many bytes; none when nothing came within the wait.</summary>
    Task<Outcome<KafkaBatch>> ReadAsync(int bytes, TimeSpan wait, CancellationToken cancellationToken);
}
