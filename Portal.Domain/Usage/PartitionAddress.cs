using System.Text.RegularExpressions;

namespace Portal.Domain.Usage;

/// <summary>Names in a broker's statistics: <c>persistent://tenant/namespace/topic[-partition-N]</c>.</summary>
public static partial class PartitionAddress
{
    private static readonly HashSet<string> SystemTopics = new(StringComparer.Ordinal)
    {
        "__change_events",
        "__transaction_buffer_snapshot",
        "__transaction_buffer_snapshot_segments",
        "__transaction_buffer_snapshot_indexes",
    };

    /// <summary>The topic's address and the partition's number; null for a topic without partitions.</summary>
    public static (string Topic, int? Partition) Split(string partition)
    {
        if (Suffix().Match(partition) is not { Success: true } match)
            return (partition, null);
        return int.TryParse(match.Groups[1].ValueSpan, System.Globalization.NumberStyles.None, null, out var number)
            ? (partition[..match.Index], number)
            : (partition, null);
    }

    /// <summary>The partitions of a topic as brokers list them; the topic itself when it has none.</summary>
    public static IEnumerable<string> Of(string topic, int partitions) =>
        partitions == 0 ? [topic] : Enumerable.Range(0, partitions).Select(number => $"{topic}-partition-{number}");

    /// <summary>The tenant of a name, or empty for what is not a topic's name.</summary>
    public static ReadOnlySpan<char> Tenant(ReadOnlySpan<char> partition)
    {
        var start = partition.IndexOf("://");
        if (start < 0)
            return [];
        var rest = partition[(start + 3)..];
        var end = rest.IndexOf('/');
        return end < 0 ? [] : rest[..end];
    }

    /// <summary>
    /// Pulsar's own topics in a customer's namespace, by exact name: anything else that begins with <c>__</c> is an
    /// ordinary topic, and not billing those would give a customer free traffic.
    /// </summary>
    public static bool IsSystem(string topic)
    {
        var name = topic[(topic.LastIndexOf('/') + 1)..];
        return SystemTopics.Contains(name) || name.EndsWith("__transaction_pending_ack", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"-partition-([0-9]+)\z")]
    private static partial Regex Suffix();
}
