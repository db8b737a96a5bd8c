using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>A message as the broker holds it. <paramref name="Size"/> is the payload's, in bytes.</summary>
/// <param name="Key">Null without a key; empty is a key like any other.</param>
public sealed record Message(
    string MessageId,
    string? Key,
    IReadOnlyDictionary<string, string> Properties,
    ReadOnlyMemory<byte> Payload,
    DateTimeOffset PublishTime,
    int Size
)
{
    /// <summary>Bytes of key, properties and payload: clients may put as much into the ones as into the other.</summary>
    public long Weight { get; } = Payload.Length + Bytes(Key) + Properties.Sum(property => Bytes(property.Key) + Bytes(property.Value));

    private static long Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);

    /// <summary>
    /// Whether it was sent without a value (a tombstone: compaction removes its key), which is not the same as an empty one. Its payload is
    /// empty then.
    /// </summary>
    public bool IsNull { get; init; }

    /// <summary>When it happened, as its producer says; null where it says nothing.</summary>
    public DateTimeOffset? EventTime { get; init; }

    /// <summary>Something of it is left out for whoever reads it.</summary>
    public bool IsMasked { get; init; }

    /// <summary>Who sent it; null where nobody asked the cluster for it, or it doesn't tell.</summary>
    public MessageOrigin? Origin { get; init; }

    /// <summary>What the payload says by its topic's schema; null where nobody asked for it, or the topic has none.</summary>
    public DecodedValue? Decoded { get; init; }
}

/// <summary>Who sent a message.</summary>
/// <param name="SequenceId">Its number among that producer's messages; null where it is not known: of messages in a batch brokers tell the
/// first one's alone.</param>
public sealed record MessageOrigin(string Producer, long? SequenceId);

/// <summary>A payload read by the schema that it was written with.</summary>
/// <param name="Version">Of the schema; null where it is not known, or made no difference.</param>
/// <param name="Json">Null where it could not be read: then <paramref name="Reason"/> says why.</param>
public sealed record DecodedValue(string Type, long? Version, string? Json, string? Reason);

public sealed record NewMessage(ReadOnlyMemory<byte> Payload, string? Key, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>When it happened; null where nobody says.</summary>
    public DateTimeOffset? EventTime { get; init; }
}

/// <summary>Why a page of messages ends where it does.</summary>
public enum ReadEnd
{
    /// <summary>The last message that the topic held when the read began has been given.</summary>
    Topic,

    /// <summary>As many messages as were asked for.</summary>
    Limit,

    /// <summary>
    /// <see cref="MessagesRead.LargestPage"/> is full, or <see cref="MessagesRead.LargestScan"/> has been looked through.
    /// </summary>
    Size,

    /// <summary>The cluster was too slow: <see cref="MessagesRead.Patience"/> is over.</summary>
    Time,

    /// <summary>The connection to the cluster broke.</summary>
    Connection,
}

/// <param name="Next">From where to go on; null when the topic's end was reached, and only then.</param>
/// <param name="Scanned">Messages that were looked at, those that the filter passed over among them.</param>
/// <param name="ScannedBytes">Of their payloads.</param>
public sealed record MessagesRead(IReadOnlyList<Message> Items, string? Next, ReadEnd End, int Scanned = 0, long ScannedBytes = 0)
{
    /// <summary>
    /// Where reading stopped, whether the topic's end was reached or not: from there it goes on with what comes later. Null where that is
    /// no place.
    /// </summary>
    public string? Place { get; init; }

    /// <summary>Of the scanned ones, those that were fetched one by one as the broker keeps them: no meter counts these.</summary>
    public int Fetched { get; init; }

    /// <summary>
    /// <see cref="Message.Weight"/> that one page looks through for a filter: the messages are read, and metered, whether they match or
    /// not.
    /// </summary>
    public const long LargestScan = 64 * 1024 * 1024;

    /// <summary>
    /// <see cref="Message.Weight"/> after which a page ends: it and its JSON (up to five times that for a moment) are held in memory,
    /// and a response of this size still arrives over a slow line. The message that fills the page is part of it.
    /// </summary>
    public const int LargestPage = 8 * 1024 * 1024;

    /// <summary>How long a read goes on: proxies and people give up on an answer after 30 to 60 seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
}

/// <summary>Where reading begins, and what is looked for.</summary>
/// <param name="From">
/// <c>earliest</c>, <c>latest</c> for what comes after the read, the next of an earlier page, or a message id of this topic, after
/// which to begin (of a partitioned topic the other partitions then begin at their earliest). Null with <paramref name="Since"/>, or for
/// the earliest.
/// </param>
/// <param name="Since">The first message published then or later; not looked at with <paramref name="From"/>.</param>
/// <param name="Decode">Whether payloads are read by their schemas, which costs the cluster a question for each entry in Avro.</param>
/// <param name="Origins">Whether the cluster is asked who sent each message, one question for each entry.</param>
public sealed record ReadQuery(
    string? From = null,
    DateTimeOffset? Since = null,
    MessageFilter? Filter = null,
    bool Decode = false,
    bool Origins = false
)
{
    /// <summary>
    /// After these to begin, in each partition in turn, at its earliest where it is null; not looked at with <see cref="From"/>.
    /// </summary>
    public IReadOnlyList<MessagePosition?>? After { get; init; }

    /// <summary>The last to read in each partition in turn, nothing of it where it is null; the topic's end unless given.</summary>
    public IReadOnlyList<MessagePosition?>? UpTo { get; init; }
}

/// <summary>
/// Sending and reading for the browser, as the portal's own short-lived role of the namespace. Reading is a reader: it
/// never moves a customer's subscription, and it adds to the read meter.
/// </summary>
public interface IMessageClient
{
    /// <summary>The message's id. OverLimit <c>backlog-full</c> when the quota refuses.</summary>
    Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, NewMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// At most <paramref name="limit"/> messages that match, in the order of the partitions' interleaving by publish time.
    /// Where the topic ends is asked of the cluster when the read begins, never guessed from silence. Invalid
    /// <c>message-id-unknown</c> for a place that is none. Unavailable <c>reads-busy</c> while too much is read at once.
    /// </summary>
    Task<Outcome<MessagesRead>> ReadAsync(
        Namespace @namespace,
        Topic topic,
        ReadQuery query,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Messages of all partitions as they are sent from now on, one at a time. It is one reader of the topic, for as long as it is
    /// open; the broker sends little more than is taken.
    /// </summary>
    /// <returns>Whoever asked disposes it.</returns>
    Task<Outcome<IMessageFeed>> FollowAsync(Namespace @namespace, Topic topic, CancellationToken cancellationToken);

    /// <summary>
    /// Where a message id points to: one as <see cref="Message.MessageId"/> has it, or <c>ledger:entry[:partition[:batch index]]</c>
    /// as Pulsar's tools write it. Invalid <c>message-id-unknown</c> for what is none.
    /// </summary>
    Outcome<MessagePlace> Locate(string messageId);
}

/// <summary>An open reader at the end of a topic.</summary>
public interface IMessageFeed : IAsyncDisposable
{
    /// <summary>The next message, whenever it comes; null when the connection is over.</summary>
    Task<Message?> NextAsync(CancellationToken cancellationToken);
}
