using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;

namespace Portal.Domain.Usage;

/// <summary>
/// Joins rows of the statistics to the topics that the portal made. A row is a picture taken at some instant of a
/// window; it counts only when one and the same topic was alive through all of it. So a stale row of a deleted topic is
/// never billed to the one created again under its name, and the young topic's row is read a moment later, whole.
/// </summary>
internal sealed class TopicOwners(IPortalDatabase database)
{
    private readonly Dictionary<OrganizationId, bool> _suspended = [];

    public async Task<IReadOnlyList<OwnedRow>> JoinAsync(
        string cluster, IReadOnlyCollection<(string Broker, TopicCounters Counters)> rows, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var addresses = rows.Select(row => PartitionAddress.Split(row.Counters.Partition).Topic).Distinct(StringComparer.Ordinal).ToList();
        var (before, after) = await database.ReadAsync(async session =>
        {
            var earlier = await session.Topics.AliveAtAsync(cluster, addresses, from, cancellationToken);
            var later = await session.Topics.AliveAtAsync(cluster, addresses, to, cancellationToken);
            foreach (var organization in later.Select(topic => topic.OrganizationId).Distinct())
                if (!_suspended.ContainsKey(organization))
                    _suspended[organization] = (await session.Organizations.FindAsync(organization, cancellationToken))?.State == OrganizationState.Suspended;
            return (ByAddress(earlier), ByAddress(later));
        }, cancellationToken);

        var owned = new List<OwnedRow>(rows.Count);
        foreach (var (broker, counters) in rows)
        {
            var (address, number) = PartitionAddress.Split(counters.Partition);
            var (earlier, later) = (before.GetValueOrDefault(address), after.GetValueOrDefault(address));
            if (earlier?.Id != later?.Id) continue;
            var known = later is not null && (number is null ? later.Partitions == 0 : number < later.Partitions);
            owned.Add(known
                ? new(broker, counters, Metered(later!))
                : new(broker, counters, null, PartitionAddress.IsSystem(address)));
        }
        return owned;
    }

    private MeteredTopic Metered(Topic topic) => new(topic.Id, topic.OrganizationId, topic.Partitions, _suspended[topic.OrganizationId]);

    private static Dictionary<string, Topic> ByAddress(IReadOnlyList<Topic> topics)
    {
        var byAddress = new Dictionary<string, Topic>(topics.Count, StringComparer.Ordinal);
        foreach (var topic in topics) byAddress[topic.Address] = topic;
        return byAddress;
    }
}
