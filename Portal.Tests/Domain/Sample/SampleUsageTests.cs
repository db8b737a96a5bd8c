using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Sample;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Sample;

/// <summary>The sample company's past in the usage ledger, beside the collector that meters the same topics.</summary>
public sealed class SampleUsageTests : IAsyncLifetime
{
    private SampleWorld _world = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _world = await SampleWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    private string First => SampleCompany.Topics[0].Address + "-partition-0";

    private TopicCounters Row(long bytes, long storage = 0) => new(First, 1, bytes, 1, 2 * bytes, storage);

    [Fact]
    public async Task Every_hour_of_two_months_and_of_the_running_one_has_usage_and_hours_lead_to_samples()
    {
        await _world.WritePastAsync();
        await _world.PollAsync();
        var query = new UsageQuery(_world.Id, _world.Past.Start, _world.Clock.Now(), UsageInterval.Hour, false, false, false, Meter.Write);
        var slices = new List<UsageSlice>();
        for (string? after = null; ; )
        {
            var page = await _world.Ledger.SlicesAsync(query, new(1000, after), Now);
            slices.AddRange(page.Items);
            if ((after = page.Next) is null)
                break;
        }
        // Of all hours up to the running one, the broker was away in two whole ones.
        var hours = (int)(_world.Clock.Now().HourStart() - _world.Past.Start).TotalHours;
        Assert.Equal(hours - 2, slices.Count);
        Assert.Equal(
            await _world.TotalAsync(Meter.Write, _world.Past.Start, _world.Clock.Now()),
            slices.Aggregate((Int128)0, (sum, slice) => sum + slice.Quantity)
        );

        var topic = _world.Topics[0];
        var hour = _world.Past.Closed[1].Start.AddHours(60);
        var samples = (await _world.Ledger.SamplesAsync(_world.Id, Meter.Write, topic.Id, hour, hour.AddHours(1), new(100), Now)).Items;
        Assert.Equal(topic.Partitions, samples.Count);
        Assert.All(
            samples,
            sample => Assert.Equal((SampleUsage.Broker, sample.ClosedValue - sample.OpenedValue), (sample.Broker, sample.Quantity))
        );
        var ofHour = (
            await _world.Ledger.SlicesAsync(
                new(_world.Id, hour, hour.AddHours(1), UsageInterval.Hour, false, false, true, Meter.Write, null, [topic.Id]),
                new(),
                Now
            )
        ).Items;
        Assert.Equal(Assert.Single(ofHour).Quantity, samples.Aggregate((Int128)0, (sum, sample) => sum + sample.Quantity));
    }

    [Fact]
    public async Task The_time_in_which_the_broker_was_away_is_a_gap_of_every_topic()
    {
        await _world.WritePastAsync();
        var gap = Assert.Single(await _world.Ledger.GapsAsync(_world.Id, _world.Past.Start, _world.Clock.Now(), 100, Now));
        Assert.Equal((_world.Past.Gap.From, _world.Past.Gap.To, GapCause.BrokerSilent), (gap.From, gap.To, gap.Cause));
        Assert.Equal(SampleCompany.Topics.Count, gap.Topics.Count);
        Assert.Equal(0, await _world.TotalAsync(Meter.Write, gap.From.AddSeconds(1), gap.To));
    }

    [Fact]
    public async Task Live_metering_goes_on_as_if_no_past_had_been_written()
    {
        await _world.PollAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _world.Brokers.Show(Row(100, storage: 10));
        var standing = await _world.PollAsync();
        await _world.WritePastAsync();
        var still = Assert.Single(await _world.Collector.StandingAsync(Now));
        Assert.Equal(
            (standing.PolledAt, standing.ListedWholeAt, standing.CompleteTo),
            (still.PolledAt, still.ListedWholeAt, still.CompleteTo)
        );
        Assert.Equal(standing.Brokers, still.Brokers);
        Assert.Equal(standing.Apart, still.Apart);

        var live = _world.Past.AskedAt;
        Assert.Equal(100, await _world.TotalAsync(Meter.Write, live, live.AddHours(1)));
        for (var poll = 1; poll <= 3; poll++)
        {
            _world.Clock.Advance(TimeSpan.FromMinutes(1));
            _world.Brokers.Show(Row(poll < 3 ? 250 : 300, storage: 10));
            await _world.PollAsync();
        }
        Assert.Equal(300, await _world.TotalAsync(Meter.Write, live, live.AddHours(1)));
        Assert.Equal(600, await _world.TotalAsync(Meter.Read, live, live.AddHours(1)));
        Assert.Equal(10 * 180, await _world.TotalAsync(Meter.Storage, live, live.AddHours(1)));
        Assert.Single(await _world.Ledger.GapsAsync(_world.Id, _world.Past.Start, _world.Clock.Now(), 100, Now));
    }

    [Fact]
    public async Task A_topic_that_is_first_seen_after_its_past_was_written_has_no_gap()
    {
        await _world.PollAsync();
        await _world.WritePastAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
        _world.Brokers.Show(Row(70));
        await _world.PollAsync();
        Assert.Equal(70, await _world.TotalAsync(Meter.Write, _world.Past.AskedAt, _world.Past.AskedAt.AddHours(1)));
        Assert.Single(await _world.Ledger.GapsAsync(_world.Id, _world.Past.Start, _world.Clock.Now(), 100, Now));
    }

    [Fact]
    public async Task Repeated_steps_interrupted_ones_and_two_at_once_write_nothing_twice()
    {
        await _world.WritePastAsync();
        var once = await _world.PastAsync();
        await _world.WritePastAsync();
        Assert.Equal(once, await _world.PastAsync());

        await using var other = await SampleWorld.CreateAsync();
        await other.WritePastAsync(steps: 20);
        // Retention goes by in the middle of it.
        while (await other.Retention.CutReadingsAsync(null, other.Clock.Now() - UsageRetention.Default.Readings, Now) > 0) { }
        for (var day = 0; day < 3; day++)
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => other.WritePastAsync(steps: 1))));
        await other.WritePastAsync();
        Assert.Equal(once, await other.PastAsync());
    }

    [Fact]
    public async Task Merging_old_samples_changes_no_sum()
    {
        await _world.WritePastAsync();
        var before = await _world.PastAsync();
        var to = _world.Clock.Now() - UsageRetention.Default.Samples;
        while (await _world.Retention.MergeSamplesAsync(null, to, Now) is not null) { }
        Assert.Equal(before, await _world.PastAsync());
    }

    [Theory]
    [InlineData("2026-11-01T00:00:05Z")]
    [InlineData("2026-03-01T00:59:59Z")]
    [InlineData("2027-01-31T23:00:00Z")]
    public void The_past_is_two_whole_months_and_the_running_one_wherever_in_the_month_it_is_asked_for(string now)
    {
        var past = new SamplePast(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));
        var hours = past.Hours(SampleCompany.Topics[0], 0).ToList();
        Assert.Equal(past.Running.Previous.Previous.Start, past.Start);
        Assert.Equal(past.Start, hours[0].OpenedAt);
        Assert.Equal(past.MeteredTo, hours[^1].ClosedAt);
        Assert.InRange(past.AskedAt - past.MeteredTo, TimeSpan.Zero, TimeSpan.FromMinutes(61));
        Assert.All(hours.Zip(hours.Skip(1)), pair => Assert.Equal(pair.First.ClosedAt, pair.Second.OpenedAt));
        Assert.All(hours, hour => Assert.True(hour.InTo > hour.InFrom && hour.OutTo > hour.OutFrom));
        Assert.Contains(hours, hour => hour.OpenedAt == past.Gap.From && hour.ClosedAt == past.Gap.To);
    }

    [Fact]
    public async Task A_topic_that_was_not_made_is_named()
    {
        var usage = new SampleUsage(_world.Collector, _world.Clock);
        var missing = await Assert.ThrowsAsync<ArgumentException>(() =>
            usage.AdvanceAsync(_world.Past, [.. _world.Topics.Skip(1)], null, Now)
        );
        Assert.Contains(SampleCompany.Topics[0].Address, missing.Message, StringComparison.Ordinal);
    }
}
