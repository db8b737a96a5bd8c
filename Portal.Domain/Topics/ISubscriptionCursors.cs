using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>How far a durable subscription has come in one partition, or in a topic without.</summary>
/// <param name="Mark">Everything up to it is acknowledged.</param>
/// <param name="Ranges">What is acknowledged behind the mark: after the first, up to the second.</param>
public sealed record SubscriptionCursor(
    string Subscription,
    MessagePosition Mark,
    IReadOnlyList<(MessagePosition After, MessagePosition UpTo)> Ranges
)
{
    /// <summary>Whether the entry of a message is acknowledged.</summary>
    public bool IsThrough(MessagePosition message) =>
        IsUpTo(message, Mark) || Ranges.Any(range => !IsUpTo(message, range.After) && IsUpTo(message, range.UpTo));

    private static bool IsUpTo(MessagePosition message, MessagePosition mark) =>
        (message.Ledger, message.Entry).CompareTo((mark.Ledger, mark.Entry)) <= 0;
}

/// <summary>
/// What subscriptions have acknowledged. It moves nothing and is not metered; the problems are those of <see cref="ITopicAdmin"/>.
/// </summary>
public interface ISubscriptionCursors
{
    /// <summary>Of every durable subscription that there is now, by name.</summary>
    /// <param name="partition">Null for a topic without.</param>
    Task<Outcome<IReadOnlyList<SubscriptionCursor>>> ReadAsync(TopicAddress topic, int? partition, CancellationToken cancellationToken);
}
