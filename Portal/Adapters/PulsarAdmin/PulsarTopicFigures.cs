using System.Runtime.CompilerServices;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>What each broker says of its topics beside their counters, from the same statistics.</summary>
internal sealed class PulsarTopicFigures(ClusterConnections clusters, TimeProvider clock) : ITopicFigures
{
    public async IAsyncEnumerable<TopicFigures> ReadAsync(
        string cluster,
        string broker,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem))
            throw new BrokerSilentException(problem.Message);
        await foreach (var row in BrokerStatsStream.ReadAsync(connection, broker, new TopicFiguresParser(), clock, cancellationToken))
            yield return row;
    }
}
