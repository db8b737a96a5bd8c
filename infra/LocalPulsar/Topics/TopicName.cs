using System.Globalization;
using System.Text.RegularExpressions;

namespace LocalPulsar.Topics;

/// <summary>A full topic name, <c>persistent://tenant/namespace/topic</c>; a partition is a topic named <c>…-partition-N</c>.</summary>
internal sealed partial record TopicName(bool Persistent, string Tenant, string NamespaceName, string Local)
{
    private const string PartitionMark = "-partition-";

    public string Namespace { get; } = $"{Tenant}/{NamespaceName}";
    public string Domain => Persistent ? "persistent" : "non-persistent";
    public string Full { get; } = $"{(Persistent ? "persistent" : "non-persistent")}://{Tenant}/{NamespaceName}/{Local}";

    /// <summary>The number of a partition, -1 for any other topic.</summary>
    public int PartitionIndex
    {
        get
        {
            var mark = Local.LastIndexOf(PartitionMark, StringComparison.Ordinal);
            return
                mark > 0
                && int.TryParse(Local.AsSpan(mark + PartitionMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                ? index
                : -1;
        }
    }

    public bool IsPartition => PartitionIndex >= 0;

    /// <summary>The partitioned topic of a partition, else the topic itself.</summary>
    public TopicName Base =>
        IsPartition ? new(Persistent, Tenant, NamespaceName, Local[..Local.LastIndexOf(PartitionMark, StringComparison.Ordinal)]) : this;

    public TopicName Partition(int index) => new(Persistent, Tenant, NamespaceName, $"{Local}{PartitionMark}{index}");

    public static TopicName Parse(string full)
    {
        var scheme = full.IndexOf("://", StringComparison.Ordinal);
        var parts = full[(scheme + 3)..].Split('/', 3);
        return new TopicName(full[..scheme] == "persistent", parts[0], parts[1], parts[2]);
    }

    public bool Equals(TopicName? other) => other is not null && other.Full == Full;

    public override int GetHashCode() => Full.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Full;

    /// <summary>What Pulsar allows as the name of a tenant or namespace.</summary>
    public static bool IsEntityName(string name) => name.Length > 0 && EntityName().IsMatch(name);

    [GeneratedRegex(@"\A[-=:.A-Za-z0-9_]*\z")]
    private static partial Regex EntityName();
}
