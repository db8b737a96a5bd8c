using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Where a message is in its partition, or in a topic without partitions.</summary>
/// <param name="BatchIndex">-1 outside a batch.</param>
public readonly record struct MessagePosition(long Ledger, long Entry, int BatchIndex);

/// <summary>What a broker has done for one reader.</summary>
/// <param name="Given">Messages that were sent to it, counting those of the entry that it begins inside of or after.</param>
/// <param name="Left">Entries that are still to be sent or confirmed.</param>
public readonly record struct ReaderStanding(long Given, long Left);

/// <summary>A message as a broker keeps it.</summary>
public sealed record StoredMessage(MessagePosition Position, Message Message);

/// <summary>An entry as a broker keeps it.</summary>
/// <param name="BatchSize">0 for a message by itself.</param>
/// <param name="Messages">In their order, with ids as Pulsar's tools write them.</param>
/// <param name="IsExact">
/// Whether this is what a reader would be given. Of a message by itself brokers tell key and properties in Latin letters only,
/// and what is encrypted or in chunks only a client can put together.
/// </param>
public sealed record StoredEntry(MessagePosition Place, int BatchSize, IReadOnlyList<StoredMessage> Messages, bool IsExact);

/// <summary>Where a topic ends, for who reads it to its end. The problems are those of <see cref="ITopicAdmin"/>.</summary>
public interface ITopicEnds
{
    /// <summary>
    /// The last message of each partition at the moment, of as many partitions as the cluster has; one for a topic without.
    /// Null for a partition that holds none.
    /// </summary>
    Task<Outcome<IReadOnlyList<MessagePosition?>>> LastAsync(TopicAddress topic, CancellationToken cancellationToken);

    /// <summary>
    /// The first entry of each partition that was published at a time or later; null where all are, or there is none. Past
    /// the last message it is the place of the next one.
    /// </summary>
    /// <param name="partitions">As many as <see cref="LastAsync"/> found.</param>
    Task<Outcome<IReadOnlyList<MessagePosition?>>> SinceAsync(
        TopicAddress topic,
        int partitions,
        DateTimeOffset since,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// What a reader was given. The last entry of a topic need not be a message (the mark of a transaction), so silence
    /// after the last message has to be asked about. Null when the broker knows no such reader.
    /// </summary>
    /// <param name="partition">Null for a topic without partitions.</param>
    Task<Outcome<ReaderStanding?>> ReaderAsync(TopicAddress topic, int? partition, string reader, CancellationToken cancellationToken);

    /// <summary>
    /// The first entry behind a place that holds messages, or what is behind it in its own entry, as the broker keeps it. No
    /// reader takes part, so nothing is metered. Null where nothing is there that readers may have.
    /// </summary>
    /// <param name="partition">Null for a topic without partitions.</param>
    /// <param name="after">Null for the earliest.</param>
    Task<Outcome<StoredEntry?>> NextAsync(TopicAddress topic, int? partition, MessagePosition? after, CancellationToken cancellationToken);
}
