using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Features.Topics;

/// <summary>Why a page of messages ends, for people.</summary>
public static class ReadEndText
{
    public static string Of(ReadEnd end) =>
        end switch
        {
            ReadEnd.Topic => "End of the topic.",
            ReadEnd.Limit => "",
            ReadEnd.Size => $"This page is full at {ByteSize.Text(MessagesRead.LargestPage)}.",
            ReadEnd.Time => string.Create(
                CultureInfo.InvariantCulture,
                $"Stopped after {MessagesRead.Patience.TotalSeconds:0} s, before the end of the topic: the cluster is slow. "
                    + $"Continue to read on."
            ),
            ReadEnd.Connection => "The connection to the cluster broke before the end of the topic. Continue to read on.",
        };

    /// <summary>What of a page the meter counts.</summary>
    public static string Metered(MessagesRead page, int partitions) =>
        page switch
        {
            { Scanned: > 0 } when page.Fetched == page.Scanned =>
                "Portal fetched these messages one by one, so they don't count toward data out.",
            { Fetched: > 0 } => string.Create(
                CultureInfo.InvariantCulture,
                $"{page.Scanned - page.Fetched:N0} of {page.Scanned:N0} messages count toward data out, with up to four more of "
                    + $"each partition that Pulsar sends along."
            ),
            _ when partitions > 1 =>
                "Reading counts toward data out, with up to four more messages of each partition that Pulsar sends along.",
            _ => "Reading counts toward data out, with up to two more messages that Pulsar sends along.",
        };
}
