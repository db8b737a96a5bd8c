using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Features.Topics;

/// <summary>Why a page of messages ends, for people.</summary>
public static class ReadEndText
{
    public static string Of(ReadEnd end) => end switch
    {
        ReadEnd.Topic => "End of the topic.",
        ReadEnd.Limit => "",
        ReadEnd.Size => $"This page is full at {ByteSize.Text(MessagesRead.LargestPage)}.",
        ReadEnd.Time => string.Create(CultureInfo.InvariantCulture, $"Stopped after {MessagesRead.Patience.TotalSeconds:0} s, before the end of the topic: the cluster is slow. Continue to read on."),
        ReadEnd.Connection => "The connection to the cluster broke before the end of the topic. Continue to read on.",
    };
}
