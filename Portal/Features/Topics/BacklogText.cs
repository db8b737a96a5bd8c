using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

/// <summary>
/// A backlog in words. Brokers count entries, and a batch of messages is one: how many messages it holds is an estimate
/// from what consumers were given lately, and said to be one.
/// </summary>
public static class BacklogText
{
    public const string Unit = "Counted in entries, as brokers store them. Messages that a producer sent as a batch are one entry.";

    /// <summary><c>385 B, about 25 messages</c>.</summary>
    public static string Size(SubscriptionStats one) => one.Backlog == 0 ? "" : ByteSize.Text(one.BacklogBytes) + Messages(one);

    /// <summary>What goes with the subscription, as a sentence.</summary>
    public static string Lost(SubscriptionStats one) => one.Backlog == 0
        ? "It has no backlog."
        : $"Its backlog of {Counted.Of(one.Backlog, "entry", "entries")} ({Size(one)}) is no longer kept for it.";

    private static string Messages(SubscriptionStats one) =>
        one.EstimatedMessages is { } messages && messages > one.Backlog ? $", about {Counted.Of(messages, "message")}" : "";
}
