using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>A message as the broker holds it. <paramref name="Size"/> is the payload's, in bytes.</summary>
public sealed record Message(
    string MessageId, string? Key, IReadOnlyDictionary<string, string> Properties, ReadOnlyMemory<byte> Payload, DateTimeOffset PublishTime, int Size);

public sealed record NewMessage(ReadOnlyMemory<byte> Payload, string? Key, IReadOnlyDictionary<string, string> Properties);

/// <summary>
/// Sending and reading for the browser, as the portal's own short-lived role of the namespace. Reading is a reader: it
/// never moves a customer's subscription, and it adds to the read meter.
/// </summary>
public interface IMessageClient
{
    /// <summary>The message's id. OverLimit <c>backlog-full</c> when the quota refuses.</summary>
    Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, NewMessage message, CancellationToken cancellationToken);

    /// <summary>
    /// At most <paramref name="limit"/> messages from the earliest, or after the place where an earlier page ended, in the
    /// order of the partitions' interleaving by publish time. Ends when the limit is reached or nothing more came for a
    /// moment; the page has a next one only when the limit was reached.
    /// </summary>
    /// <param name="from">
    /// <c>earliest</c>, the next of an earlier page, or a message id of this topic, after which to begin (of a partitioned
    /// topic the other partitions then begin at their earliest). Else Invalid <c>message-id-unknown</c>.
    /// </param>
    Task<Outcome<PageOf<Message>>> ReadAsync(Namespace @namespace, Topic topic, string from, int limit, CancellationToken cancellationToken);
}
