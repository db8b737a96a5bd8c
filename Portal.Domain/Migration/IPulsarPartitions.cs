using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>A message as it lies in Pulsar.</summary>
/// <param name="Sequence">The producer's own number; it only grows.</param>
/// <param name="Key">Null for none. Base64 where <paramref name="KeyIsBinary"/>.</param>
/// <param name="Value">Null is a null value, not an empty one.</param>
/// <param name="EventTime">Milliseconds since 1970; 0 for none.</param>
public sealed record PulsarRecord(
    long Sequence,
    string? Key,
    bool KeyIsBinary,
    byte[]? Value,
    long EventTime,
    IReadOnlyList<KeyValuePair<string, string>> Properties
);

/// <summary>
/// Why nobody but its own clients can read a message: its producer encrypted it, its beginning lies before the place that was
/// read from (one message may be many entries), or it is larger than Portal holds.
/// </summary>
public enum ReadObstacle
{
    None,
    Encrypted,
    Beheaded,
    TooLarge,
}

/// <summary>A message that was read back.</summary>
/// <param name="Producer">Its producer's name.</param>
/// <param name="Position">Of a message that its producer sent in chunks: the last of them.</param>
/// <param name="PublishTime">By its producer's clock, milliseconds since 1970; 0 for none.</param>
/// <param name="Obstacle">Unless none, the record has no value.</param>
public sealed record ReadRecord(
    PulsarRecord Record,
    string Producer,
    MessagePosition Position,
    long PublishTime = 0,
    ReadObstacle Obstacle = ReadObstacle.None
);

/// <summary>One partition of a target topic, as one of a topic's own partitions.</summary>
/// <param name="Role">In whose name Portal writes and reads.</param>
/// <param name="Partition">Null for a topic without partitions.</param>
public sealed record PulsarPartition(TopicAddress Topic, string Role, int? Partition)
{
    public string FullName => Partition is { } number ? $"{Topic.FullName}-partition-{number}" : Topic.FullName;
}

/// <summary>How a writer puts messages together.</summary>
/// <param name="OneKeyPerEntry">Only messages with the same key share an entry, as Key_Shared subscriptions need it.</param>
/// <param name="Compress">zlib.</param>
public sealed record WriterSettings(bool OneKeyPerEntry, bool Compress)
{
    public static WriterSettings Default { get; } = new(OneKeyPerEntry: false, Compress: false);
}

/// <summary>How a write went.</summary>
/// <param name="Refused">The sequence of the one message that is in the way, where it is one: those before it were taken, none behind it
/// was sent.</param>
public readonly record struct WriteResult(Problem? Problem, long? Refused = null)
{
    public bool IsOk => Problem is null;
}

/// <summary>
/// Writes and reads single partitions over Pulsar's binary protocol. Every wait ends; outages are <see cref="Problem.Unavailable"/>.
/// </summary>
public interface IPulsarPartitions
{
    /// <summary>Opens the only writer of this name; while there is another one the problem is <c>copy-elsewhere</c>.</summary>
    Task<Outcome<IPulsarWriter>> WriterAsync(
        PulsarPartition partition,
        string name,
        WriterSettings settings,
        CancellationToken cancellationToken
    );

    /// <param name="after">The last message that is not wanted any more, or its whole entry without a place in a batch; null for the
    /// topic's beginning.</param>
    Task<Outcome<IPulsarReader>> ReaderAsync(PulsarPartition partition, MessagePosition? after, CancellationToken cancellationToken);
}

/// <summary>
/// Whether a broker drops messages that it has already: those whose sequence id is not above the last one of their producer.
/// </summary>
public interface IRepeats
{
    /// <summary>Makes the broker drop them in the topic whatever its namespace says, or leaves it to the namespace again.</summary>
    Task<Outcome<Done>> DropAsync(TopicAddress topic, bool drop, CancellationToken cancellationToken);
}

public interface IPulsarWriter : IAsyncDisposable
{
    /// <summary>What the broker knew as this writer's last sequence when it was opened; -1 for none.</summary>
    long LastSequence { get; }

    /// <summary>The last message that was confirmed with a place; null for none yet.</summary>
    MessagePosition? LastPosition { get; }

    /// <summary>Sends in order; returns when all are on their way. Waits while too much is unconfirmed.</summary>
    Task<WriteResult> WriteAsync(IReadOnlyList<PulsarRecord> records, CancellationToken cancellationToken);

    /// <summary>Returns when everything is confirmed.</summary>
    Task<WriteResult> FlushAsync(CancellationToken cancellationToken);
}

public interface IPulsarReader : IAsyncDisposable
{
    /// <summary>The subscription's name, by which the broker knows it.</summary>
    string Name { get; }

    /// <summary>The last entry that was read, whatever it held; null for none.</summary>
    MessagePosition? Position { get; }

    /// <summary>
    /// When the oldest message was sent of which some chunks have come and others not yet, milliseconds since 1970; null while
    /// there is none. Whoever begins anew behind <see cref="Position"/> then misses its beginning.
    /// </summary>
    long? OpenSince => null;

    /// <summary>The next entry's messages; empty when none came within the wait.</summary>
    Task<Outcome<IReadOnlyList<ReadRecord>>> ReadAsync(TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>
    /// For who waited in vain: whether the broker has given all there is. Silence alone may be a rate limit, and what is left
    /// up to the last entry need not be messages (the marks of transactions).
    /// </summary>
    Task<Outcome<bool>> IsWholeAsync(CancellationToken cancellationToken);

    /// <summary>The last message of the partition at the moment; null when it holds none.</summary>
    Task<Outcome<MessagePosition?>> LastAsync(CancellationToken cancellationToken);
}
