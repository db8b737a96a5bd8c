using Portal.Domain.Common;

namespace Portal.Domain.Sample;

/// <summary>
/// How busy the sample company is in an hour: the day's curve of a shop, quieter weekends, growth from month to month, and
/// noise that is the same every time. Whole numbers only, so that every machine makes the same figures.
/// </summary>
internal static class SampleTraffic
{
    /// <summary>Percent of the day's average, by hour of the day in UTC.</summary>
    private static readonly int[] OfHour =
    [
        35,
        28,
        24,
        22,
        24,
        32,
        52,
        78,
        105,
        124,
        136,
        142,
        146,
        140,
        134,
        132,
        138,
        152,
        168,
        172,
        158,
        126,
        88,
        54,
    ];

    /// <summary>Percent of the running month, by how many months ago it was.</summary>
    private static readonly int[] OfMonth = [100, 91, 83];

    /// <summary>Bytes that came into one partition in the hour that holds the instant.</summary>
    public static long BytesIn(SampleTopic topic, int number, DateTimeOffset at, Month running)
    {
        var weekday = at.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 78 : 104;
        var noise = 80 + Noise(topic, number, MonthsAgo(at, running), (at.Day - 1) * 24 + at.Hour, 41);
        return PerPartition(topic, topic.BytesPerDay)
            / 24
            * OfHour[at.Hour]
            / 100
            * weekday
            / 100
            * noise
            / 100
            * OfMonth[MonthsAgo(at, running)]
            / 100;
    }

    /// <summary>Bytes kept in one partition; retention takes off as much as comes in, so it moves once a day only.</summary>
    public static long Kept(SampleTopic topic, int number, DateTimeOffset at, Month running)
    {
        var noise = 94 + Noise(topic, number, MonthsAgo(at, running), 10_000 + at.Day, 13);
        return PerPartition(topic, topic.KeptBytes) * noise / 100 * OfMonth[MonthsAgo(at, running)] / 100;
    }

    private static long PerPartition(SampleTopic topic, long bytes) => bytes / Math.Max(1, topic.Partitions);

    private static int MonthsAgo(DateTimeOffset at, Month running) => (running.Year - at.Year) * 12 + running.Number - at.Month;

    /// <summary>
    /// From 0 up to, not including, the bound. SplitMix64 over what it is about: no generator whose state a restart would lose.
    /// </summary>
    private static int Noise(SampleTopic topic, int number, int monthsAgo, int moment, int below)
    {
        var state = 0x9E3779B97F4A7C15UL;
        foreach (var character in topic.Name)
            state = Mixed(state ^ character);
        foreach (var part in (ReadOnlySpan<int>)[number, monthsAgo, moment])
            state = Mixed(state ^ (uint)part);
        return (int)(state % (uint)below);
    }

    private static ulong Mixed(ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15UL;
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EBUL;
            return state ^ (state >> 31);
        }
    }
}
