using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>Up to where a subscription has acknowledged in one partition.</summary>
/// <param name="Partition">Null in a topic without partitions.</param>
/// <param name="Entry">-1 where nothing of the ledger is acknowledged.</param>
/// <param name="HasHoles">Messages behind the mark are acknowledged one by one.</param>
public readonly record struct CursorMark(int? Partition, long Ledger, long Entry, bool HasHoles);

/// <summary>
/// What clients have done with a subscription. Brokers forget times and counts when they load a topic anew; the marks stay.
/// </summary>
/// <param name="Consumers">Connected now.</param>
/// <param name="HasDelivered">Clients have asked for messages, or were given some, since the topic was loaded.</param>
/// <param name="AcknowledgedAt">The last acknowledgement of a consumer that is connected; null for none.</param>
/// <param name="Marks">Empty where they were not asked for.</param>
public sealed record SubscriptionProgress(
    int Consumers,
    bool HasDelivered,
    DateTimeOffset? AcknowledgedAt,
    IReadOnlyList<CursorMark> Marks
);

/// <summary>How far clients have come with subscriptions, with the problems of <see cref="ITopicAdmin"/>.</summary>
public interface ISubscriptionProgress
{
    /// <param name="marks">Also ask each partition for the mark, which costs a call each.</param>
    /// <returns>Null when the topic has no such subscription.</returns>
    Task<Outcome<SubscriptionProgress?>> LookAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool marks,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// Whether a subscription that stands inside a batch stays there. Where it doesn't
    /// (<c>acknowledgmentAtBatchIndexLevelEnabled</c> is off, as by default before 4.2), its clients get the batch from its
    /// beginning.
    /// </summary>
    Task<Outcome<bool>> KeepsPlacesInBatchesAsync(string cluster, CancellationToken cancellationToken);
}
