using System.Globalization;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Ui;
using Portal.Ui.Charts;

namespace Portal.Features.Usage;

/// <summary>
/// Write and read over time, in the unit that suits the largest value. What is not metered yet is a gap, not a zero, and
/// so is the time before there was an organization.
/// </summary>
/// <param name="Unit">What the values are in: <c>KiB per hour</c>.</param>
/// <param name="OpenFrom">The first label whose time is not metered to its end.</param>
public sealed record TrafficChart(
    string Unit,
    IReadOnlyList<string> Labels,
    IReadOnlyList<ChartSeries> Series,
    IReadOnlyList<ChartGap> Gaps,
    int? OpenFrom
)
{
    private static readonly Meter[] Meters = [Meter.Write, Meter.Read];

    public bool IsEmpty => Series.All(series => series.Values.All(value => value is null));

    /// <param name="report">Of all meters by hour or day, as the range says; only traffic is drawn.</param>
    /// <param name="zone">In which labels are read; days are always UTC.</param>
    public static TrafficChart Of(UsageRange range, UsageReport report, ViewerZone zone) =>
        Of(
            range,
            report,
            Meters.ToDictionary(
                meter => meter,
                IReadOnlyList<UsageItem> (meter) => [.. report.Items.Items.Where(item => item.Slice.Meter == meter)]
            ),
            zone
        );

    public static TrafficChart Of(
        UsageRange range,
        UsageReport report,
        IReadOnlyDictionary<Meter, IReadOnlyList<UsageItem>> traffic,
        ViewerZone zone
    )
    {
        var (from, step) = (report.From, range.Hourly ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1));
        var slots = UsageSlots.Count(report, step);
        var largest = traffic.Values.SelectMany(items => items).Select(item => item.Quantity).DefaultIfEmpty(0).Max();
        var (divisor, unit) = ByteSize.Humanize((long)largest) is var (_, name) ? (Divisor(name), name) : (1, "B");
        return new(
            $"{unit} per {(range.Hourly ? "hour" : "day")}",
            [.. Enumerable.Range(0, slots).Select(slot => Label(range, from + slot * step, zone))],
            [
                .. traffic.Select(
                    (pair, index) =>
                        new ChartSeries(
                            PriceWords.Title(pair.Key),
                            index + 1,
                            UsageSlots.Values(report, pair.Value, step, item => item.Quantity / divisor)
                        )
                ),
            ],
            [.. report.Gaps.Select(gap => new ChartGap(Slot(gap.Gap.From), Slot(gap.Gap.To), "not metered, not charged")).Distinct()],
            UsageSlots.OpenFrom(report, step)
        );

        int Slot(DateTimeOffset at) => Math.Clamp((int)((at - from) / step), 0, slots - 1);
    }

    private static string Label(UsageRange range, DateTimeOffset at, ViewerZone zone) =>
        range.Hourly ? zone.In(at).ToString("HH:mm", CultureInfo.InvariantCulture) : DateWords.DayOfYear(at.ToUniversalTime());

    private static long Divisor(string unit) =>
        unit switch
        {
            "TiB" => ByteSize.TiB,
            "GiB" => ByteSize.GiB,
            "MiB" => ByteSize.MiB,
            "KiB" => ByteSize.KiB,
            _ => 1,
        };
}
