using Portal.Domain.Connectors;

namespace Portal.Domain.Usage;

/// <summary>What the brokers of one cluster said of its topics at one time; read by many at once, changed by nobody.</summary>
/// <param name="TakenAt">When the brokers were asked; null when none of them answered.</param>
/// <param name="IsComplete">Every broker answered to its end, and there was room for all of it.</param>
public sealed class MetricPicture(DateTimeOffset? takenAt, bool isComplete, ILookup<string, NamespaceFigures> tenants)
{
    internal static readonly MetricPicture None = new(null, false, Array.Empty<NamespaceFigures>().ToLookup(one => ""));

    public DateTimeOffset? TakenAt => takenAt;

    public bool IsComplete => isComplete;

    /// <summary>Of the namespaces of one tenant that have topics, by their names.</summary>
    internal IEnumerable<NamespaceFigures> OfTenant(string tenant) => tenants[tenant];

    /// <summary>Collects what brokers say, up to a bound.</summary>
    /// <param name="tenants">Names of the tenants whose topics are kept.</param>
    /// <param name="room">How many topics and subscriptions together.</param>
    internal sealed class Builder(IReadOnlySet<string> tenants, int room)
    {
        private readonly Dictionary<string, Dictionary<string, TopicFigures>> _namespaces = new(StringComparer.Ordinal);
        private readonly Lock _gate = new();
        private int _left = room;

        internal bool IsFull { get; private set; }

        internal bool Wants(TopicFigures row)
        {
            var tenant = PartitionAddress.Tenant(row.Partition);
            if (tenant.IsEmpty || row.Partition.Count(letter => letter == '/') < 4 || !tenants.Contains(tenant.ToString()))
                return false;
            var (topic, _) = PartitionAddress.Split(row.Partition);
            return !PartitionAddress.IsSystem(topic) && !SweepPreviewWork.IsOfPreview(topic);
        }

        /// <summary>What one broker said, once it has said it to its end.</summary>
        internal void Add(IReadOnlyList<TopicFigures> rows)
        {
            lock (_gate)
            {
                foreach (var row in rows)
                {
                    var place = Namespace(row.Partition);
                    if (!_namespaces.TryGetValue(place, out var topics))
                        _namespaces[place] = topics = new(StringComparer.Ordinal);
                    if (topics.TryGetValue(row.Partition, out var other))
                    {
                        // While a topic moves, two brokers list it: the one that has clients is the one that serves it.
                        if (Weight(row).CompareTo(Weight(other)) > 0)
                            topics[row.Partition] = row;
                    }
                    else if ((_left -= 1 + row.Subscriptions.Count) >= 0)
                        topics[row.Partition] = row;
                    else
                        IsFull = true;
                }
            }
        }

        internal MetricPicture Build(DateTimeOffset takenAt, bool isComplete) =>
            new(
                takenAt,
                isComplete && !IsFull,
                _namespaces
                    .Select(one => new NamespaceFigures(
                        one.Key,
                        [.. one.Value.Values.OrderBy(row => row.Partition, StringComparer.Ordinal)]
                    ))
                    .OrderBy(one => one.Path, StringComparer.Ordinal)
                    .ToLookup(one => one.Path[..one.Path.IndexOf('/', StringComparison.Ordinal)], StringComparer.Ordinal)
            );

        private static string Namespace(string partition)
        {
            var start = partition.IndexOf("://", StringComparison.Ordinal) + 3;
            var end = partition.IndexOf('/', partition.IndexOf('/', start) + 1);
            return partition[start..end];
        }

        private static (int Clients, double Rate, long Count) Weight(TopicFigures row) =>
            (row.Producers + row.Consumers, row.RateIn + row.RateOut, row.MessagesIn + row.MessagesOut);
    }
}

/// <param name="Path"><c>tenant/namespace</c>.</param>
/// <param name="Topics">By name; those that brokers have loaded.</param>
public sealed record NamespaceFigures(string Path, IReadOnlyList<TopicFigures> Topics)
{
    public string Name => Path[(Path.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
