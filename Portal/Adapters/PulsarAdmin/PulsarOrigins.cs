using System.Globalization;
using System.Net;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Who sent a stored message, from the headers that brokers answer for its entry.</summary>
internal sealed class PulsarOrigins(ClusterConnections clusters) : IMessageOrigins
{
    public Task<Outcome<MessageOrigin?>> FindAsync(TopicAddress topic, MessagePlace place, CancellationToken cancellationToken) =>
        clusters.OnAsync<MessageOrigin?>(
            topic.Cluster,
            async cluster =>
            {
                var (ledger, entry) = (place.Position.Ledger, place.Position.Entry);
                if (ledger < 0 || entry < 0)
                    return Outcome.Of<MessageOrigin?>(null);
                var part = place.Partition is { } number ? topic with { Name = PulsarPath.Partition(topic, number) } : topic;
                var path = string.Create(CultureInfo.InvariantCulture, $"{PulsarPath.Topic(part)}/ledger/{ledger}/entry/{entry}");
                // The headers alone: the payload was read already.
                if (!(await cluster.SendAsync(HttpMethod.Head, path, null, cancellationToken)).TryGet(out var answer, out var problem))
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return Outcome.Of<MessageOrigin?>(null);
                return answer.IsSuccess ? In(answer, place.Position.BatchIndex) : PulsarProblems.Of(cluster.Name, answer);
            }
        );

    /// <summary>Null where the broker names no producer. A batch's number is that of its first message.</summary>
    /// <param name="batchIndex">-1 outside a batch, or where it is not known.</param>
    internal static MessageOrigin? In(PulsarAnswer answer, int batchIndex)
    {
        if (Header(answer, "X-Pulsar-producer-name") is not { Length: > 0 } producer)
            return null;
        var isFirst = Header(answer, "X-Pulsar-num-batch-message") is null || batchIndex == 0;
        return new(
            producer,
            isFirst && long.TryParse(Header(answer, "X-Pulsar-sequence-id"), CultureInfo.InvariantCulture, out var sequence)
                ? sequence
                : null
        );
    }

    private static string? Header(PulsarAnswer answer, string name) =>
        answer.Headers is { } headers && headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
