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
    public static string Lost(SubscriptionStats one) =>
        one.Backlog == 0 ? "It has no backlog." : $"Its backlog of {Entries(one.Backlog)} ({Size(one)}) is no longer kept for it.";

    /// <summary><c>About 1,200 entries are waiting (3.1 MiB).</c></summary>
    public static string Waiting(SubscriptionStats one) =>
        one.Backlog == 0
            ? "Nothing is waiting."
            : $"About {Entries(one.Backlog)} {(one.Backlog == 1 ? "is" : "are")} waiting ({Size(one)}).";

    /// <summary>What clearing does.</summary>
    public static string Cleared(SubscriptionStats one) =>
        one.Backlog == 0
            ? "Nothing is waiting now. Messages that arrive before you confirm are skipped."
            : $"About {Entries(one.Backlog)} waiting ({Size(one)}) will be skipped. A batch counts as one entry. "
                + "Other subscriptions still receive them.";

    /// <summary>What skipping a number does.</summary>
    public static string Skipped(long count, long backlog) =>
        backlog == 0
            ? "Nothing is waiting, so there is nothing to skip."
            : $"The oldest {Entries(count)} of about {Number(backlog)} will be skipped. Other subscriptions still receive them.";

    /// <summary>What expiring does.</summary>
    public static string Expired(long count, long backlog) =>
        count == 0
            ? $"Nothing in the backlog is that old. {Entries(backlog)} {(backlog == 1 ? "stays" : "stay")} waiting."
            : $"About {Entries(count)} of {Number(backlog)} will be skipped.";

    /// <summary>What a rewind does.</summary>
    public static string Rewound(long before, long after) =>
        (after - before) switch
        {
            > 0 and var more => $"About {Entries(more)} will be delivered again.",
            0 => "The backlog stays about as it is.",
            var less => $"This moves the subscription forward: about {Entries(-less)} will be skipped.",
        };

    /// <summary><c>1,200 entries (3.1 MiB)</c>.</summary>
    public static string Sized(long entries, long bytes) => entries == 0 ? "no entries" : $"{Entries(entries)} ({ByteSize.Text(bytes)})";

    /// <summary>What was done, as a sentence.</summary>
    public static string Done(string what, SubscriptionChange change) =>
        (change.After?.Figures.Backlog, change.IsFinished) switch
        {
            (null, _) => $"{what} The cluster didn't answer when we looked again, so the figures here may be old.",
            (_, false) => $"{what} The brokers are still working on it. You can leave this page.",
            ({ } after, _) => $"{what} The backlog went from {Entries(change.Before.Figures.Backlog)} to {Number(after)}.",
        };

    private static string Entries(long count) => Counted.Of(count, "entry", "entries");

    private static string Number(long count) => count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);

    private static string Messages(SubscriptionStats one) =>
        one.EstimatedMessages is { } messages && messages > one.Backlog ? $", about {Counted.Of(messages, "message")}" : "";
}
