using Portal.Domain.Common;

namespace Portal.Domain.Sample;

/// <summary>
/// The sample company's past, as seen from the instant at which it was asked for: two whole months, and the running one up
/// to the last whole hour. The broker was away for three hours three days ago.
/// </summary>
public sealed record SamplePast(DateTimeOffset AskedAt)
{
    /// <summary>The samples close a minute before the hour, so that what came in during an hour is metered in that hour.</summary>
    private static readonly TimeSpan InHour = TimeSpan.FromMinutes(59);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public Month Running => Month.Of(AskedAt);

    /// <summary>The older one first.</summary>
    public IReadOnlyList<Month> Closed => [Running.Previous.Previous, Running.Previous];

    /// <summary>When the company began: the start of its first month.</summary>
    public DateTimeOffset Start => Closed[0].Start;

    /// <summary>The last sample of the past.</summary>
    public DateTimeOffset MeteredTo => AskedAt.HourStart() - Hour + InHour;

    /// <summary>From the last sample before the broker was away to the first one after.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Gap =>
        (AskedAt.DayStart().AddDays(-3) + 2 * Hour + InHour, AskedAt.DayStart().AddDays(-3) + 5 * Hour + InHour);

    /// <summary>
    /// All samples of a partition, oldest first. The counters run on from sample to sample and begin again after the gap, as
    /// a broker's do that was restarted.
    /// </summary>
    /// <param name="number">Of the partition, from 0.</param>
    internal IEnumerable<SampleHour> Hours(SampleTopic topic, int number)
    {
        var (opened, bytesIn, bytesOut) = (Start, 0L, 0L);
        for (var closed = Start + InHour; closed <= MeteredTo; closed += Hour)
        {
            if (closed > Gap.From && closed < Gap.To)
                continue;
            var afterGap = closed == Gap.To;
            if (afterGap)
                (bytesIn, bytesOut) = (0, 0);
            var came = SampleTraffic.BytesIn(topic, number, closed, Running);
            var hour = new SampleHour(
                opened,
                closed,
                bytesIn,
                bytesIn + came,
                bytesOut,
                bytesOut + came * topic.Readers,
                afterGap ? 0 : SampleTraffic.Kept(topic, number, closed, Running)
            );
            (opened, bytesIn, bytesOut) = (closed, hour.InTo, hour.OutTo);
            yield return hour;
        }
    }
}

/// <summary>One sample of a partition: counters at both ends, in bytes.</summary>
/// <param name="Kept">Bytes kept all the time from the one to the other; 0 when nobody knows.</param>
internal sealed record SampleHour(
    DateTimeOffset OpenedAt,
    DateTimeOffset ClosedAt,
    long InFrom,
    long InTo,
    long OutFrom,
    long OutTo,
    long Kept
);
