using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Domain.Sample;

/// <summary>
/// Writes the sample company's past into the usage ledger, beside the collector that meters the same topics live. The
/// samples are those of a broker that is called <see cref="Broker"/> and never was: the readings of real brokers and where
/// the cluster's metering stands are left alone, so the next poll goes on as if nothing had been written.
/// </summary>
/// <remarks>
/// How far it has come is a reading of that broker on the first partition, written with the samples: its count of messages
/// is the instant, in seconds since 1970. It is closed and nobody's, so no comparison counts it, and as young as the company,
/// so retention leaves it alone for two months. A step that is repeated, or taken by two at once, writes nothing twice.
/// </remarks>
public sealed class SampleUsage(ICollectorLedger ledger, TimeProvider clock)
{
    /// <summary>Shown with every sample of the past.</summary>
    public const string Broker = "sample";

    /// <summary>A step's length: some 2,800 deltas, so that nobody waits long for SQLite's one writer.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromDays(1);

    /// <summary>
    /// Writes the next day. The instant up to which the past is written now; <see cref="SamplePast.MeteredTo"/> when it is all there.
    /// </summary>
    /// <param name="topics">All of <see cref="SampleCompany.Topics"/>, of one cluster, as they were made.</param>
    /// <exception cref="ArgumentException">Topics are missing.</exception>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was written.</exception>
    public async Task<DateTimeOffset> AdvanceAsync(
        SamplePast past,
        IReadOnlyList<Topic> topics,
        Lease? lease,
        CancellationToken cancellationToken
    )
    {
        var made = topics.ToDictionary(topic => topic.Address, StringComparer.Ordinal);
        if (SampleCompany.Topics.FirstOrDefault(topic => !made.ContainsKey(topic.Address)) is { } missing)
            throw new ArgumentException($"The topic {missing.Address} of the sample company is missing.", nameof(topics));
        var cluster = made[SampleCompany.Topics[0].Address].Cluster;
        // A cluster that was never polled has nothing yet that a step could begin from.
        await ledger.BeginAsync(cluster, clock.Now(), cancellationToken);
        var partitions = SampleCompany.Topics.SelectMany(topic => PartitionAddress.Of(topic.Address, topic.Partitions)).ToList();
        var written = await ledger.AdvanceAsync(
            cluster,
            lease,
            PartitionSlice.Of(partitions),
            (_, last) =>
            {
                var mark = last.FirstOrDefault(reading => reading.Broker == Broker && reading.Partition == partitions[0]);
                return Next(past, made, partitions[0], mark is null ? past.Start : WrittenTo(mark));
            },
            cancellationToken
        );
        return written.Readings is [var now] ? WrittenTo(now) : past.MeteredTo;
    }

    /// <summary>What closed after the instant and not later than a step behind it; nothing when the past is all there.</summary>
    private static PollResult Next(SamplePast past, Dictionary<string, Topic> made, string first, DateTimeOffset from)
    {
        if (from >= past.MeteredTo)
            return new([], [], [], TrafficApart.None);
        var to = from + Step < past.MeteredTo ? from + Step : past.MeteredTo;
        var deltas = new List<MeteredDelta>();
        var gaps = new List<TopicGap>();
        foreach (var topic in SampleCompany.Topics)
        {
            var metered = new MeteredTopic(made[topic.Address].Id, made[topic.Address].OrganizationId, topic.Partitions, Suspended: false);
            foreach (var (number, partition) in PartitionAddress.Of(topic.Address, topic.Partitions).Index())
            foreach (var hour in past.Hours(topic, number).SkipWhile(hour => hour.ClosedAt <= from).TakeWhile(hour => hour.ClosedAt <= to))
                deltas.AddRange(Deltas(hour, metered, partition));
            if (past.Gap.To > from && past.Gap.To <= to)
                gaps.Add(new(metered, past.Gap.From, past.Gap.To, Broker, GapCause.BrokerSilent));
        }
        return new(deltas, gaps, [Mark(past, first, to)], TrafficApart.None);
    }

    private static Reading Mark(SamplePast past, string partition, DateTimeOffset writtenTo) =>
        new(
            Broker,
            new TopicCounters(partition, writtenTo.WholeSeconds(), 0, 0, 0, 0),
            null,
            null,
            past.AskedAt,
            Live: false,
            Suspended: false,
            StorageSince: null,
            Until: past.AskedAt
        );

    private static DateTimeOffset WrittenTo(Reading mark) => DateTimeOffset.FromUnixTimeSeconds(mark.Counters.MessagesIn);

    private static IEnumerable<MeteredDelta> Deltas(SampleHour hour, MeteredTopic topic, string partition)
    {
        yield return new(
            Meter.Write,
            topic,
            Broker,
            partition,
            hour.OpenedAt,
            hour.ClosedAt,
            hour.InFrom,
            hour.InTo,
            hour.InTo - hour.InFrom
        );
        yield return new(
            Meter.Read,
            topic,
            Broker,
            partition,
            hour.OpenedAt,
            hour.ClosedAt,
            hour.OutFrom,
            hour.OutTo,
            hour.OutTo - hour.OutFrom
        );
        var seconds = hour.ClosedAt.WholeSeconds() - hour.OpenedAt.WholeSeconds();
        if (hour.Kept > 0)
            yield return new(
                Meter.Storage,
                topic,
                Broker,
                partition,
                hour.OpenedAt,
                hour.ClosedAt,
                hour.Kept,
                hour.Kept,
                (Int128)hour.Kept * seconds
            );
    }
}
