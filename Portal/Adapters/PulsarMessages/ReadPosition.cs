using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// Where reading begins: the earliest, or after a message id. For a topic with partitions several ids with commas say it
/// for each; a partition that is not named begins at its earliest.
/// </summary>
internal sealed class ReadPosition
{
    private readonly SortedDictionary<int, string> _after = [];

    private ReadPosition() { }

    public static Outcome<ReadPosition> Parse(string from, Topic topic)
    {
        var position = new ReadPosition();
        if (from == "earliest") return position;
        foreach (var text in from.Split(','))
        {
            if (!MessageId.TryParse(text, out var id)) return MessageProblems.IdUnknown();
            var partition = Math.Max(id.Partition, 0);
            if (partition >= Math.Max(topic.Partitions, 1) || id.Partition < 0 != (topic.Partitions == 0) || !position._after.TryAdd(partition, text)) return MessageProblems.IdUnknown();
        }
        return position;
    }

    /// <summary>As a reader's <c>messageId</c>; it begins after it.</summary>
    public string Of(int partition) => _after.TryGetValue(partition, out var id) ? id : "earliest";

    /// <summary>A message was given out.</summary>
    public void Pass(int partition, string messageId) => _after[partition] = messageId;

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join(',', _after.Values);
}
