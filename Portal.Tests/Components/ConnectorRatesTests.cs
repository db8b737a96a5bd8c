using Portal.Domain.Connectors;
using Portal.Features.Connectors;
using Portal.Ui;

namespace Portal.Tests.Components;

public sealed class ConnectorRatesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly ConnectorRates _rates = new();

    [Fact]
    public void A_rate_is_what_was_counted_between_two_looks()
    {
        See(0, (100, 90));
        See(5, (150, 100));
        See(10, (150, 140));
        Assert.Equal(new double?[] { 10, 0 }, _rates.Series(ConnectorKind.Sink)[0].Values);
        Assert.Equal(new double?[] { 2, 8 }, _rates.Series(ConnectorKind.Sink)[1].Values);
        Assert.Equal(["12:00:05", "12:00:10"], _rates.Labels(ViewerZone.Utc));
    }

    [Fact]
    public void An_instance_that_started_anew_counts_from_zero()
    {
        See(0, (100, 100), (50, 50));
        See(5, (20, 20), (60, 60));
        See(10, (20, 20), (60, 60));
        Assert.Equal(6, _rates.Series(ConnectorKind.Sink)[0].Values[0]);
    }

    [Fact]
    public void Where_nobody_answered_the_line_breaks_and_the_rest_is_no_burst()
    {
        See(0, (0, 0));
        See(5, (50, 50));
        _rates.Missed(Noon.AddSeconds(10));
        See(15, (1_000, 1_000));
        See(20, (1_010, 1_010));
        Assert.Equal(new double?[] { 10, null, 2 }, _rates.Series(ConnectorKind.Source)[0].Values);
    }

    [Fact]
    public void Only_the_last_five_minutes_are_kept()
    {
        for (var look = 0; look < 100; look++)
            See(look * 5, (look * 10, look * 10));
        Assert.Equal(ConnectorRates.Most, _rates.Series(ConnectorKind.Sink)[0].Values.Count);
        Assert.Equal((2, 2), _rates.Now);
    }

    private void See(int second, params (long Received, long Delivered)[] instances) =>
        _rates.Saw(
            new([
                .. instances.Select(
                    (one, number) => new ConnectorInstance(number, true, 0, one.Received, one.Delivered, 0, null, null, null)
                ),
            ]),
            Noon.AddSeconds(second)
        );
}
