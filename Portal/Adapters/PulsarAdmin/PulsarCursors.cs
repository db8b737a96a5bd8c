using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarAdmin;

/// <inheritdoc cref="ISubscriptionCursors"/>
internal sealed class PulsarCursors(ClusterConnections clusters) : ISubscriptionCursors
{
    public Task<Outcome<IReadOnlyList<SubscriptionCursor>>> ReadAsync(
        TopicAddress topic,
        int? partition,
        CancellationToken cancellationToken
    ) =>
        clusters.OnAsync<IReadOnlyList<SubscriptionCursor>>(
            topic.Cluster,
            async cluster =>
            {
                var part = partition is { } number ? topic with { Name = PulsarPath.Partition(topic, number) } : topic;
                var read = await cluster.GetAsync(
                    $"{PulsarPath.Topic(part)}/internalStats",
                    PulsarJson.Default.InternalStatsDocument,
                    cancellationToken,
                    PulsarAnswer.NotFoundIsNull<InternalStatsDocument>
                );
                if (!read.TryGet(out var stats, out var problem))
                    return problem;
                if (stats is null)
                    return PulsarProblems.TopicMissing(topic.FullName);
                return Outcome.Of<IReadOnlyList<SubscriptionCursor>>([
                    .. from cursor in stats.Cursors ?? []
                    let mark = Position(cursor.Value.MarkDeletePosition)
                    where mark is not null
                    // Brokers write names of cursors down as they come in an address.
                    let name = Uri.UnescapeDataString(cursor.Key)
                    orderby name
                    select new SubscriptionCursor(name, mark.Value, Ranges(cursor.Value.IndividuallyDeletedMessages)),
                ]);
            }
        );

    /// <summary>Written <c>[(10:3..10:5],(10:7..10:8]]</c>.</summary>
    private static List<(MessagePosition, MessagePosition)> Ranges(string? text)
    {
        var ranges = new List<(MessagePosition, MessagePosition)>();
        foreach (
            var range in (text ?? "").Split(['[', ']', '(', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        )
            if (range.Split("..") is [var after, var upTo] && Position(after) is { } first && Position(upTo) is { } last)
                ranges.Add((first, last));
        return ranges;
    }

    private static MessagePosition? Position(string? text) =>
        text?.Split(':') is [var ledger, var entry]
        && long.TryParse(ledger, CultureInfo.InvariantCulture, out var of)
        && long.TryParse(entry, CultureInfo.InvariantCulture, out var at)
            ? new(of, at, -1)
            : null;
}
