using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Deduplication of single topics, as a topic policy: what the namespace says stays the customer's. A cluster without
/// topic policies (405) leaves it as it is, and the copy looks at what is there instead.
/// </summary>
internal sealed class PulsarRepeats(ClusterConnections clusters) : IRepeats
{
    public Task<Outcome<Done>> DropAsync(TopicAddress topic, bool drop, CancellationToken cancellationToken) =>
        clusters.OnAsync<Done>(
            topic.Cluster,
            async cluster =>
            {
                var (method, body) = drop ? (HttpMethod.Post, PulsarJson.Bytes(true)) : (HttpMethod.Delete, null);
                if (
                    !(await cluster.SendAsync(method, PulsarPath.Topic(topic, "deduplicationEnabled"), body, cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return PulsarProblems.TopicMissing(topic.FullName);
                return answer.Status == HttpStatusCode.MethodNotAllowed ? Outcome.Done : cluster.Done(answer);
            }
        );
}
