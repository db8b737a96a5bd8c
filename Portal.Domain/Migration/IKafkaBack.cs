using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>A message of Pulsar as a record for Kafka, with where it came from.</summary>
/// <param name="Timestamp">Milliseconds since 1970; 0 leaves it to Kafka.</param>
/// <param name="Origin">Stands in the header <see cref="BackForm.Header"/>.</param>
public sealed record BackRecord(byte[]? Key, byte[]? Value, long Timestamp, IReadOnlyList<KafkaHeader> Headers, MessagePosition Origin)
{
    public int Bytes => (Key?.Length ?? 0) + (Value?.Length ?? 0);
}

/// <summary>
/// The one way in which the portal writes to a customer's Kafka: records, and positions of groups. Every wait ends; outages are
/// <see cref="Problem.Unavailable"/>.
/// </summary>
public interface IKafkaBack
{
    /// <summary>Whether the user may write to the topic; null where brokers do not say.</summary>
    Task<Outcome<bool?>> MayWriteAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken);

    /// <summary>An idempotent producer for one partition.</summary>
    Task<Outcome<IKafkaWriter>> OpenAsync(KafkaConnection connection, KafkaPartition partition, CancellationToken cancellationToken);

    /// <summary>Sets what a group reads next. Partitions that aren't named stay as they are.</summary>
    /// <returns>Conflict <c>group-has-members</c> while somebody reads with it, <c>kafka-commit-denied</c> where the user may
    /// not.</returns>
    Task<Outcome<Done>> CommitAsync(
        KafkaConnection connection,
        string group,
        IReadOnlyDictionary<KafkaPartition, long> offsets,
        CancellationToken cancellationToken
    );
}

public interface IKafkaWriter : IAsyncDisposable
{
    /// <summary>Writes in order and returns when all are confirmed.</summary>
    /// <returns>The offset behind the last of them. Conflict <c>record-too-large</c> when Kafka refuses one for its size: those before it
    /// are written.</returns>
    Task<Outcome<long>> WriteAsync(IReadOnlyList<BackRecord> records, CancellationToken cancellationToken);
}
