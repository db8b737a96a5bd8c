using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Ui;
using Portal.Ui.Charts;

namespace Portal.Features.Usage;

/// <summary>Write and read over time, in the unit that suits the largest value. What is not metered yet is a gap, not a zero.</summary>
public sealed record TrafficChart(string Title, IReadOnlyList<string> Labels, IReadOnlyList<ChartSeries> Series, IReadOnlyList<ChartGap> Gaps)
{
    public static TrafficChart Of(
        UsageRange range, DateTimeOffset from, DateTimeOffset to, IReadOnlyDictionary<Meter, IReadOnlyList<UsageItem>> traffic, IReadOnlyList<NamedGap> gaps, DateTimeOffset? completeTo)
    {
        var step = range.Hourly ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1);
        var slots = (int)Math.Ceiling((to - from) / step);
        var largest = traffic.Values.SelectMany(items => items).Select(item => item.Quantity).DefaultIfEmpty(0).Max();
        var (divisor, unit) = ByteSize.Humanize((long)largest) is var (_, name) ? (Divisor(name), name) : (1, "B");
        return new(
            $"{unit} per {(range.Hourly ? "hour" : "day")}",
            [.. Enumerable.Range(0, slots).Select(slot => Label(range, from + slot * step))],
            [.. traffic.Select((pair, index) => new ChartSeries(PriceWords.Title(pair.Key), index + 1, Values(pair.Value, from, step, slots, divisor, completeTo)))],
            [.. gaps.Select(gap => new ChartGap(Slot(gap.Gap.From), Slot(gap.Gap.To), "not metered, not charged")).Distinct()]);

        int Slot(DateTimeOffset at) => Math.Clamp((int)((at - from) / step), 0, slots - 1);
    }

    private static double?[] Values(IReadOnlyList<UsageItem> items, DateTimeOffset from, TimeSpan step, int slots, long divisor, DateTimeOffset? completeTo)
    {
        var values = new double?[slots];
        for (var slot = 0; slot < slots; slot++)
            if (completeTo >= from + slot * step) values[slot] = 0;
        foreach (var item in items)
            if ((int)((item.Slice.From - from) / step) is var slot and >= 0 && slot < slots) values[slot] = (double)item.Quantity / divisor;
        return values;
    }

    private static string Label(UsageRange range, DateTimeOffset at) => at.UtcDateTime.ToString(range.Hourly ? "HH:mm" : "d MMM", CultureInfo.InvariantCulture);

    private static long Divisor(string unit) => unit switch
    {
        "TiB" => ByteSize.TiB,
        "GiB" => ByteSize.GiB,
        "MiB" => ByteSize.MiB,
        "KiB" => ByteSize.KiB,
        _ => 1,
    };
}
