using System.Globalization;
using System.Text.RegularExpressions;
using Bunit;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Usage;
using Portal.Ui;
using Portal.Ui.Charts;

namespace Portal.Tests.Components;

public sealed partial class ChartTests : BunitContext
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(8.6, 10, 4)]
    [InlineData(5.1, 6, 3)]
    [InlineData(0.0037, 0.004, 4)]
    [InlineData(1234, 1500, 3)]
    [InlineData(0, 1, 1)]
    public void A_scale_is_round_and_holds_the_greatest_value(double most, double top, int lines)
    {
        var scale = ChartScale.For(most);

        Assert.Equal(top, scale.Top, 9);
        Assert.Equal(lines, scale.Count);
    }

    [Fact]
    public void A_gap_breaks_the_line_in_two()
    {
        var chart = Render<AreaChart>(parameters =>
            parameters
                .Add(one => one.Name, "GiB per hour")
                .Add(one => one.Labels, ["1", "2", "3", "4", "5"])
                .Add(one => one.Series, [new ChartSeries("write", 1, [1, 2, null, 3, 4])])
                .Add(one => one.Gaps, [new ChartGap(2, 3, "not metered")])
        );

        Assert.Equal(2, chart.FindAll(".only-wide polyline").Count);
        Assert.Contains("write not metered", chart.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Stacked_bars_stand_on_each_other()
    {
        var chart = Render<StackedBars>(parameters =>
            parameters
                .Add(one => one.Name, "Cost per day")
                .Add(one => one.Labels, ["1 Nov"])
                .Add(one => one.Series, [new ChartSeries("write", 1, [3]), new ChartSeries("read", 2, [1])])
        );

        var bars = chart
            .FindAll(".only-wide rect[rx='1.5']")
            .Select(bar => (Y: double.Parse(bar.GetAttribute("y")!), Tall: double.Parse(bar.GetAttribute("height")!)))
            .ToList();
        Assert.Equal(bars[0].Y, bars[1].Y + bars[1].Tall, 1);
    }

    [Fact]
    public void What_is_still_being_counted_is_dashed_and_says_so()
    {
        var chart = Render<AreaChart>(parameters =>
            parameters
                .Add(one => one.Name, "KiB per hour")
                .Add(one => one.Labels, ["09:00", "10:00", "11:00"])
                .Add(one => one.OpenFrom, 2)
                .Add(one => one.Series, [new ChartSeries("Data in", 1, [1, 2, 0.5])])
        );

        var lines = chart.FindAll(".only-wide polyline");
        Assert.Equal([null, "3 3"], lines.Select(line => line.GetAttribute("stroke-dasharray")));
        // The dashes go on where the line ended.
        Assert.Equal(lines[0].GetAttribute("points")!.Split(' ')[^1], lines[1].GetAttribute("points")!.Split(' ')[0]);
        Assert.Contains("11:00, so far\nData in 0.5", chart.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("10:00, so far", chart.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void One_point_is_a_dot_and_no_ramp()
    {
        var chart = Render<AreaChart>(parameters =>
            parameters
                .Add(one => one.Name, "KiB per hour")
                .Add(one => one.Labels, ["09:00", "10:00"])
                .Add(one => one.OpenFrom, 1)
                .Add(one => one.Series, [new ChartSeries("Data in", 1, [null, 4])])
        );

        Assert.Single(chart.FindAll(".only-wide circle"));
        Assert.Empty(chart.FindAll("polyline, polygon"));
    }

    /// <summary>A chart that says zero where there was no organization yet draws a climb that nobody made.</summary>
    [Theory]
    [InlineData(0, "0 0 7 0")]
    [InlineData(90, "- - 7 0")]
    [InlineData(121, "- - 7 0")]
    public void Before_there_was_an_organization_there_is_nothing_and_not_zero(int minutesLater, string expected)
    {
        var report = Report(Nine.AddMinutes(minutesLater), Nine.AddHours(3.5), Item(Meter.Write, 2, 7), Item(Meter.Storage, 1, 500));
        var chart = TrafficChart.Of(UsageRange.Of("24h"), report, ViewerZone.Utc);
        Assert.Equal(
            expected,
            string.Join(' ', chart.Series[0].Values.Select(value => value?.ToString(CultureInfo.InvariantCulture) ?? "-"))
        );
        Assert.Equal(("B per hour", 3), (chart.Unit, chart.OpenFrom));
    }

    [Fact]
    public void Nothing_metered_is_an_empty_chart_and_hours_are_read_in_the_viewers_zone()
    {
        var chart = TrafficChart.Of(UsageRange.Of("24h"), Report(Nine, null), ViewerZone.Of("Asia/Kolkata"));
        Assert.True(chart.IsEmpty);
        Assert.Null(chart.OpenFrom);
        Assert.Equal(["14:30", "15:30", "16:30", "17:30"], chart.Labels);
        Assert.False(TrafficChart.Of(UsageRange.Of("24h"), Report(Nine, Nine.AddHours(1)), ViewerZone.Utc).IsEmpty);
    }

    [Fact]
    public void Days_add_up_what_their_meters_cost_and_the_last_one_is_open()
    {
        var report = Report(
            Nine,
            Nine.AddHours(3.5),
            Item(Meter.Write, 0, 1, 0.25m),
            Item(Meter.Storage, 0, 1, 0.5m),
            Item(Meter.Write, 2, 1, 2m)
        );
        Assert.Equal([0.75, 0, 2, 0], UsageSlots.Values(report, report.Items.Items, TimeSpan.FromHours(1), item => item.Amount));
        Assert.Equal(0, UsageSlots.OpenFrom(report with { CompleteTo = Nine.AddHours(-2) }, TimeSpan.FromHours(1)));
        Assert.Null(UsageSlots.OpenFrom(report with { CompleteTo = report.To }, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_sparkline_is_a_picture_with_a_sentence()
    {
        var line = Sparkline([0, 1, 4, 2]);
        var svg = line.Find("svg");
        Assert.Equal(("img", "Data in over the last 24 hours: 7 B."), (svg.GetAttribute("role"), svg.GetAttribute("aria-label")));
        Assert.Equal(["22", "17", "2", "12"], Points(line.Find("polyline").GetAttribute("points")!).Select(point => point.Y));
        Assert.Contains("var(--s1)", line.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sparkline_of_nothing_is_its_ground_and_of_one_point_a_dot()
    {
        foreach (var nothing in new double?[][] { [], [null, null, null] })
        {
            var empty = Sparkline(nothing);
            Assert.Single(empty.FindAll("line.rule"));
            Assert.Empty(empty.FindAll("circle, polyline, polygon"));
        }
        Assert.Equal(("48", "2"), (Sparkline([5]).Find("circle").GetAttribute("cx"), Sparkline([5]).Find("circle").GetAttribute("cy")));
        Assert.Equal("94", Sparkline([null, null, 5]).Find("circle").GetAttribute("cx"));
        Assert.Equal("22", Sparkline([0]).Find("circle").GetAttribute("cy"));
    }

    [Fact]
    public void A_sparkline_that_never_changes_is_level_at_the_top_and_one_of_zeros_on_the_ground()
    {
        Assert.All(Points(Sparkline([3, 3, 3]).Find("polyline").GetAttribute("points")!), point => Assert.Equal("2", point.Y));
        Assert.All(Points(Sparkline([0, 0, 0]).Find("polyline").GetAttribute("points")!), point => Assert.Equal("22", point.Y));
        Assert.DoesNotContain("NaN", Sparkline([0, 0]).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sparkline_breaks_at_gaps_and_dashes_what_is_still_being_counted()
    {
        var line = Sparkline([1, 2, null, 4, 3], openFrom: 4);
        Assert.Equal([null, "3 3"], line.FindAll("polyline").Select(part => part.GetAttribute("stroke-dasharray")));
    }

    private IRenderedComponent<Sparkline> Sparkline(double?[] values, int? openFrom = null) =>
        Render<Sparkline>(parameters =>
            parameters
                .Add(one => one.Name, "Data in over the last 24 hours: 7 B.")
                .Add(one => one.Values, values)
                .Add(one => one.OpenFrom, openFrom)
        );

    private static IEnumerable<(string X, string Y)> Points(string points) =>
        Point().Matches(points).Select(match => (match.Groups[1].Value, match.Groups[2].Value));

    private static UsageItem Item(Meter meter, int hour, decimal quantity, decimal amount = 0) =>
        new(
            new(meter, Nine.AddHours(hour), Nine.AddHours(hour + 1), null, null, null, null, null, null, false, (Int128)quantity),
            quantity,
            amount
        );

    private static UsageReport Report(DateTimeOffset since, DateTimeOffset? completeTo, params UsageItem[] items) =>
        new(Nine, Nine.AddHours(4), Currency.Usd, new(items, null), completeTo, [], since);

    [GeneratedRegex(@"([\d.]+),([\d.]+)")]
    private static partial Regex Point();
}
