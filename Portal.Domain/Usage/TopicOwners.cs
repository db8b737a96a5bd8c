namespace Portal.Domain.Usage;

/// <summary>The topics that the portal made, as the collector needs them.</summary>
public interface IMeteredTopics
{
    /// <summary>
    /// Topics of a cluster with one of these addresses that were alive at some time from <paramref name="from"/> to <paramref name="to"/>,
    /// deleted ones included.
    /// </summary>
    Task<IReadOnlyList<TopicLife>> FindAsync(
        string cluster,
        IReadOnlyCollection<string> addresses,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    );
}

/// <param name="Address"><c>persistent://tenant/namespace/topic</c>, without a partition's number.</param>
public sealed record TopicLife(string Address, MeteredTopic Topic, DateTimeOffset CreatedAt, DateTimeOffset? DeletedAt)
{
    public bool IsAliveAt(DateTimeOffset instant) => CreatedAt <= instant && !(DeletedAt <= instant);
}

/// <summary>
/// Joins rows of the statistics to the topics that the portal made. A row is a picture taken at some instant of a
/// window; it counts only when one and the same topic was alive through all of it. So a stale row of a deleted topic is
/// never billed to the one created again under its name, and the young topic's row is read a moment later, whole.
/// </summary>
internal sealed class TopicOwners(IMeteredTopics topics)
{
    public async Task<IReadOnlyList<OwnedRow>> JoinAsync(
        string cluster,
        IReadOnlyCollection<(string Broker, TopicCounters Counters)> rows,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count == 0)
            return [];
        var addresses = rows.Select(row => PartitionAddress.Split(row.Counters.Partition).Topic).Distinct(StringComparer.Ordinal).ToList();
        var lives = await topics.FindAsync(cluster, addresses, from, to, cancellationToken);
        var (before, after) = (AliveAt(lives, from), AliveAt(lives, to));

        var owned = new List<OwnedRow>(rows.Count);
        foreach (var (broker, counters) in rows)
        {
            var (address, number) = PartitionAddress.Split(counters.Partition);
            var (earlier, later) = (before.GetValueOrDefault(address), after.GetValueOrDefault(address));
            if (earlier?.Id != later?.Id)
                continue;
            // A partition beyond those that the portal made was added by the cluster's operator: what it carries is the topic's.
            var known = later is not null && number is null == (later.Partitions == 0);
            owned.Add(known ? new(broker, counters, later) : new(broker, counters, null, PartitionAddress.IsSystem(address)));
        }
        return owned;
    }

    private static Dictionary<string, MeteredTopic> AliveAt(IReadOnlyList<TopicLife> lives, DateTimeOffset instant)
    {
        var byAddress = new Dictionary<string, MeteredTopic>(lives.Count, StringComparer.Ordinal);
        foreach (var life in lives)
            if (life.IsAliveAt(instant))
                byAddress[life.Address] = life.Topic;
        return byAddress;
    }
}
