using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// Where reading begins: the earliest, or after a message id. For a topic with partitions several ids with commas say it
/// for each; a partition that is not named begins at its earliest.
/// </summary>
internal sealed class ReadPosition
{
    public const string Earliest = "earliest";
    public const string Latest = "latest";

    private readonly SortedDictionary<int, MessageId> _after = [];

    private ReadPosition() { }

    /// <param name="partitions">That the topic has on its cluster; 0 for a topic without.</param>
    public static Outcome<ReadPosition> Parse(string from, int partitions)
    {
        var position = new ReadPosition();
        if (from == Earliest)
            return position;
        foreach (var text in from.Split(','))
        {
            if (!MessageId.TryParse(text, out var id))
                return MessageProblems.IdUnknown();
            var partition = Math.Max(id.Partition, 0);
            if (partition >= Math.Max(partitions, 1) || id.Partition < 0 != (partitions == 0) || !position._after.TryAdd(partition, id))
                return MessageProblems.IdUnknown();
        }
        return position;
    }

    /// <summary>Before these entries, of each partition in turn; its earliest where there is none.</summary>
    public static ReadPosition Before(IReadOnlyList<MessagePosition?> entries, bool partitioned)
    {
        var position = new ReadPosition();
        for (var partition = 0; partition < entries.Count; partition++)
            if (entries[partition] is { } entry)
                position._after[partition] = MessageId.Before(entry, partitioned ? partition : -1);
        return position;
    }

    /// <summary>After the last message of each partition; its earliest where there is none.</summary>
    public static ReadPosition Behind(IReadOnlyList<MessagePosition?> last, bool partitioned)
    {
        var position = new ReadPosition();
        for (var partition = 0; partition < last.Count; partition++)
            if (last[partition] is { } message)
                position._after[partition] = MessageId.At(message, partitioned ? partition : -1);
        return position;
    }

    /// <summary>Null for the earliest.</summary>
    public MessageId? After(int partition) => _after.TryGetValue(partition, out var id) ? id : null;

    /// <summary>A message was given out.</summary>
    public void Pass(int partition, MessageId message) => _after[partition] = message;

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => _after.Count == 0 ? Earliest : string.Join(',', _after.Values.Select(id => id.Text));
}
