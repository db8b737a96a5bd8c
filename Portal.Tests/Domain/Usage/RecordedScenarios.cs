using Portal.Domain.Common;
using Portal.Domain.Usage;
using Xunit;
using static MeteringSimulation.MeterBench;

namespace Portal.Tests.Domain.Usage;

/// <summary>
/// What real brokers showed (reference: metering-resets, metering-two-brokers-move, -failover), in messages of 1,000 bytes.
/// </summary>
public sealed class RecordedScenarios
{
    private readonly MeterBench _bench = new();

    private static OwnedRow[] Rows(string broker, long messages, long storage = 0, MeteredTopic? topic = null) =>
        [new(broker, Row(messages, storage: storage), topic ?? Orders)];

    [Fact]
    public void The_first_poll_ever_is_the_baseline()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1000)));
        Assert.Equal(0, _bench.Billed());
        _bench.Poll(60, ("b1", Rows("b1", 1010)));
        Assert.Equal(10_000, _bench.Billed());
    }

    [Fact]
    public void A_topic_that_was_not_loaded_at_the_last_poll_is_billed_from_zero()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 7)));
        Assert.Equal(7_000, _bench.Billed());
        Assert.Equal(7_000, _bench.Billed(meter: Meter.Read));
        Assert.Empty(_bench.Ledger.Gaps);
    }

    [Fact]
    public void A_topic_first_seen_after_an_outage_is_only_a_baseline_and_a_gap()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(600, ("b1", Rows("b1", 7)));
        Assert.Equal(0, _bench.Billed());
        var gap = Assert.Single(_bench.Ledger.Gaps);
        Assert.Equal((Start, Start.AddSeconds(600), GapCause.CollectorAway), (gap.From, gap.To, gap.Cause));
    }

    [Fact]
    public void After_an_unload_what_the_new_life_shows_is_billed_and_the_time_is_a_gap()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 1000)));
        _bench.Poll(120, ("b1", Rows("b1", 40)));
        Assert.Equal(1_040_000, _bench.Billed());
        var gap = Assert.Single(_bench.Ledger.Gaps);
        Assert.Equal((Start.AddSeconds(60), Start.AddSeconds(120), GapCause.CounterReset), (gap.From, gap.To, gap.Cause));
    }

    [Fact]
    public void One_fallen_counter_tells_of_a_reset_of_all_four()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", [new("b1", new("persistent://acme/prod/orders", 10, 1000, 500, 50_000, 0), Orders)]));
        // Bytes in grew beyond the old value, messages out fell.
        _bench.Poll(120, ("b1", [new("b1", new("persistent://acme/prod/orders", 12, 1200, 3, 300, 0), Orders)]));
        Assert.Equal(2200, _bench.Billed());
        Assert.Equal(50_300, _bench.Billed(meter: Meter.Read));
    }

    [Fact]
    public void A_move_bills_nothing_of_the_old_brokers_stale_row()
    {
        _bench.Poll(0, ("b1", []), ("b2", []));
        _bench.Poll(60, ("b1", []), ("b2", Rows("b2", 2469)));
        // Moved at 100 s; the old row stays until 155 s, the new one comes at 141 s.
        _bench.Poll(120, ("b1", []), ("b2", Rows("b2", 2469)));
        _bench.Poll(150, ("b1", Rows("b1", 39)), ("b2", Rows("b2", 2469)));
        _bench.Poll(180, ("b1", Rows("b1", 39)), ("b2", []));
        _bench.Poll(240, ("b1", Rows("b1", 98)), ("b2", []));
        Assert.Equal((2469 + 98) * 1000, _bench.Billed());
        var gap = Assert.Single(_bench.Ledger.Gaps);
        Assert.Equal((Start.AddSeconds(120), Start.AddSeconds(150), GapCause.Moved), (gap.From, gap.To, gap.Cause));
    }

    [Fact]
    public void Back_and_forth_within_a_minute_bills_nothing_twice()
    {
        _bench.Poll(0, ("b1", []), ("b2", []));
        _bench.Poll(60, ("b1", Rows("b1", 39)), ("b2", []));
        _bench.Poll(200, ("b1", Rows("b1", 98)), ("b2", []));
        _bench.Poll(217, ("b1", Rows("b1", 98)), ("b2", Rows("b2", 5)));
        // A life of 20 messages on b1 that no snapshot shows; then b2 again, whose row goes on over two lives.
        _bench.Poll(255, ("b1", Rows("b1", 98)), ("b2", Rows("b2", 5)));
        _bench.Poll(276, ("b1", []), ("b2", Rows("b2", 23)));
        _bench.Poll(336, ("b1", []), ("b2", Rows("b2", 81)));
        Assert.Equal((98 + 81) * 1000, _bench.Billed());
    }

    [Fact]
    public void Kill_9_of_the_owner_opens_a_gap_to_the_first_sample_on_the_next_owner()
    {
        _bench.Poll(0, ("b1", []), ("b2", []));
        _bench.Poll(60, ("b1", []), ("b2", Rows("b2", 1362)));
        _bench.Poll(120, ("b1", []), ("b2", null));
        _bench.Poll(Start.AddSeconds(180), ["b1"], [("b1", Rows("b1", 18))]);
        Assert.Equal((1362 + 18) * 1000, _bench.Billed());
        var gap = Assert.Single(_bench.Ledger.Gaps);
        Assert.Equal((Start.AddSeconds(60), Start.AddSeconds(180), GapCause.BrokerGone, "b2"), (gap.From, gap.To, gap.Cause, gap.Broker));
    }

    [Fact]
    public void A_topic_created_again_is_not_billed_for_the_first_ones_counter()
    {
        var again = Topic(2);
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 1000)));
        // Higher than the old counter, yet all of it is the new topic's.
        _bench.Poll(180, ("b1", Rows("b1", 1500, topic: again)));
        Assert.Equal(1_000_000, _bench.Billed());
        Assert.Equal(1_500_000, _bench.Billed(again));
    }

    [Fact]
    public void A_topic_that_the_portal_learns_of_late_begins_with_a_baseline()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", [new("b1", Row(1000), null)]));
        Assert.Equal(2_000_000, _bench.Last.Apart.Unknown);
        _bench.Poll(120, ("b1", Rows("b1", 1200)));
        Assert.Equal(0, _bench.Billed());
        _bench.Poll(180, ("b1", Rows("b1", 1250)));
        Assert.Equal(50_000, _bench.Billed());
    }

    [Fact]
    public void A_final_reading_is_not_billed_again_by_the_older_rows_that_follow_it()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 100)));
        _bench.Final(70, "b1", Row(130));
        Assert.Equal(130_000, _bench.Billed());
        // Pictures from before the reading: lower, and of an earlier life.
        _bench.Poll(120, ("b1", Rows("b1", 110)));
        Assert.Equal(130_000, _bench.Billed());
        _bench.Poll(180, ("b1", Rows("b1", 150)));
        Assert.Equal(150_000, _bench.Billed());
    }

    [Fact]
    public void A_stale_row_of_the_life_before_a_final_reading_is_not_billed()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 1000)));
        // The topic was unloaded; asking for its counters loaded it: all zero.
        _bench.Final(70, "b1", Row(0));
        _bench.Poll(120, ("b1", Rows("b1", 1000)));
        _bench.Poll(180, ("b1", Rows("b1", 5)));
        Assert.Equal(1_005_000, _bench.Billed());
    }

    [Fact]
    public void The_same_poll_again_changes_nothing()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 10, storage: 500)));
        _bench.Poll(120, ("b1", Rows("b1", 20, storage: 700)));
        var text = _bench.Ledger.Content();
        _bench.Poll(120, ("b1", Rows("b1", 20, storage: 700)));
        _bench.Poll(110, ("b1", Rows("b1", 30, storage: 700)));
        Assert.Equal(text, _bench.Ledger.Content());
    }

    [Fact]
    public void Suspended_time_is_never_billed()
    {
        var suspended = Orders with { Suspended = true };
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 10, storage: 100)));
        _bench.Poll(120, ("b1", Rows("b1", 20, storage: 100, topic: suspended)));
        _bench.Poll(180, ("b1", Rows("b1", 30, storage: 100)));
        Assert.Equal(10_000, _bench.Billed());
        Assert.Equal(0, _bench.Billed(meter: Meter.Storage));
        _bench.Poll(240, ("b1", Rows("b1", 31, storage: 100)));
        Assert.Equal(11_000, _bench.Billed());
        Assert.Equal(6_000, _bench.Billed(meter: Meter.Storage));
    }

    [Fact]
    public void Counters_beyond_2_to_the_53_are_exact()
    {
        const long Huge = (1L << 53) + 1;
        _bench.Poll(0, ("b1", [new("b1", Row(1, Huge), Orders)]));
        _bench.Poll(60, ("b1", [new("b1", Row(2, Huge + 2), Orders)]));
        Assert.Equal(2, _bench.Billed());
        _bench.Poll(120, ("b1", [new("b1", Row(3, long.MaxValue), Orders)]));
        Assert.Equal(long.MaxValue - Huge, _bench.Billed());
    }

    [Fact]
    public void What_cannot_be_explained_bills_nothing_and_is_counted()
    {
        _bench.Poll(0, ("b1", []));
        var result = _bench.Poll(
            60,
            ("b1", [new("b1", Row(-1), Orders), new("b1", Row(1, storage: long.MaxValue, partition: "persistent://acme/prod/x"), Topic(3))])
        );
        Assert.Equal(0, _bench.Ledger.Billed(Meter.Write));
        Assert.Equal(2, result.Apart.Rows);
    }

    [Fact]
    public void A_delta_belongs_to_the_hour_of_its_closing_sample_and_keeps_its_span()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 1)));
        _bench.Poll(2 * 3600 + 60, ("b1", Rows("b1", 3)));
        Assert.Equal(2000, _bench.Ledger.InHour(Orders.Id, Meter.Write, Start.AddHours(2)));
        var sample = _bench.Last.Deltas.Single(delta => delta.Meter == Meter.Write);
        Assert.Equal(TimeSpan.FromHours(2), sample.ClosedAt - sample.OpenedAt);
        Assert.Equal(GapCause.CollectorAway, Assert.Single(_bench.Ledger.Gaps).Cause);
    }

    [Fact]
    public void Storage_is_the_left_value_over_the_time_and_the_smallest_of_two_brokers()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1, storage: 1000)), ("b2", []));
        _bench.Poll(60, ("b1", Rows("b1", 1, storage: 1000)), ("b2", Rows("b2", 0, storage: 400)));
        Assert.Equal(60_000, _bench.Billed(meter: Meter.Storage));
        _bench.Poll(120, ("b1", Rows("b1", 1, storage: 1000)), ("b2", Rows("b2", 0, storage: 400)));
        Assert.Equal(60_000 + 24_000, _bench.Billed(meter: Meter.Storage));
    }

    [Fact]
    public void Storage_crosses_at_most_three_intervals_and_nothing_that_no_broker_lists()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1, storage: 10)));
        _bench.Poll(60, ("b1", null));
        _bench.Poll(600, ("b1", Rows("b1", 1, storage: 10)));
        Assert.Equal(10 * 180, _bench.Billed(meter: Meter.Storage));
        _bench.Poll(660, ("b1", []));
        _bench.Poll(720, ("b1", Rows("b1", 1, storage: 10)));
        Assert.Equal(10 * 180, _bench.Billed(meter: Meter.Storage));
    }

    [Fact]
    public void An_idle_partition_writes_nothing_and_its_storage_is_billed_to_the_second()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1, storage: 7)));
        var written = _bench.Ledger.Writes;
        for (var minute = 1; minute <= 90; minute++)
        {
            _bench.Poll(minute * 60, ("b1", Rows("b1", 1, storage: 7)));
            Assert.Equal(7 * 60 * minute, _bench.Billed(meter: Meter.Storage));
        }
        Assert.Equal(written, _bench.Ledger.Writes);
        Assert.Equal(7 * 3600, _bench.Ledger.InHour(Orders.Id, Meter.Storage, Start));
        _bench.Poll(91 * 60, ("b1", Rows("b1", 1, storage: 9)));
        var sample = Assert.Single(_bench.Ledger.Samples);
        Assert.Equal((Start, Start.AddMinutes(91), (Int128)7 * 91 * 60), (sample.OpenedAt, sample.ClosedAt, sample.Quantity));
        Assert.Equal(7 * 31 * 60, _bench.Ledger.InHour(Orders.Id, Meter.Storage, Start.AddHours(1)));
    }

    [Fact]
    public void Traffic_after_an_idle_time_is_opened_by_the_last_poll_that_saw_the_old_counter()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1)));
        for (var minute = 1; minute <= 30; minute++)
            _bench.Poll(minute * 60, ("b1", Rows("b1", 1)));
        var sample = Assert.Single(_bench.Poll(31 * 60, ("b1", Rows("b1", 5))).Deltas, delta => delta.Meter == Meter.Write);
        Assert.Equal((Start.AddMinutes(30), Start.AddMinutes(31), 4000), (sample.OpenedAt, sample.ClosedAt, (int)sample.Quantity));
        Assert.Empty(_bench.Ledger.Gaps);
    }

    [Fact]
    public void What_is_not_listed_any_more_is_closed_once_and_its_storage_ends_where_it_was_last_seen()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1, storage: 7)));
        _bench.Poll(60, ("b1", Rows("b1", 1, storage: 7)));
        Assert.Equal(Start.AddSeconds(60), Assert.Single(_bench.Poll(120, ("b1", [])).Readings).Until);
        Assert.Equal(7 * 60, _bench.Billed(meter: Meter.Storage));
        Assert.True(_bench.Poll(180, ("b1", [])).IsEmpty);
        _bench.Poll(240, ("b1", Rows("b1", 1, storage: 7)));
        Assert.Equal(7 * 60, _bench.Billed(meter: Meter.Storage));
        Assert.Equal(
            (Start.AddSeconds(60), GapCause.CounterReset),
            (Assert.Single(_bench.Ledger.Gaps).From, _bench.Ledger.Gaps.Single().Cause)
        );
    }

    [Fact]
    public void Storage_of_a_deleted_topic_ends_before_its_successors_begins()
    {
        var again = Topic(2);
        _bench.Poll(0, ("b1", Rows("b1", 1, storage: 7)));
        _bench.Poll(60, ("b1", Rows("b1", 1, storage: 7)));
        _bench.Poll(120, ("b1", Rows("b1", 0, storage: 3, topic: again)));
        _bench.Poll(180, ("b1", Rows("b1", 0, storage: 3, topic: again)));
        Assert.Equal((7 * 60, 3 * 60), ((int)_bench.Billed(meter: Meter.Storage), (int)_bench.Billed(again, Meter.Storage)));
    }

    [Fact]
    public void Storage_goes_on_across_a_move_and_is_billed_once()
    {
        _bench.Poll(0, ("b1", Rows("b1", 1, storage: 7)), ("b2", []));
        _bench.Poll(60, ("b1", Rows("b1", 1, storage: 7)), ("b2", []));
        _bench.Poll(120, ("b1", Rows("b1", 1, storage: 7)), ("b2", Rows("b2", 0, storage: 7)));
        _bench.Poll(180, ("b1", []), ("b2", Rows("b2", 0, storage: 7)));
        _bench.Poll(240, ("b1", []), ("b2", Rows("b2", 0, storage: 8)));
        _bench.Poll(300, ("b1", []), ("b2", Rows("b2", 0, storage: 8)));
        Assert.Equal(7 * 240 + 8 * 60, _bench.Billed(meter: Meter.Storage));
    }

    [Fact]
    public void Polls_five_minutes_apart_are_on_time()
    {
        var bench = new MeterBench { Interval = TimeSpan.FromSeconds(300) };
        for (var poll = 0; poll < 5; poll++)
            bench.Poll(poll * 301, ("b1", Rows("b1", poll, storage: 5)));
        Assert.Empty(bench.Ledger.Gaps);
        Assert.Equal(4000, bench.Billed());
        Assert.Equal(5 * 4 * 301, bench.Billed(meter: Meter.Storage));
    }

    [Fact]
    public void A_clock_that_stands_still_bills_nothing_twice()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", Rows("b1", 5)));
        _bench.Poll(60, ("b1", Rows("b1", 9)));
        _bench.Poll(61, ("b1", Rows("b1", 9)));
        Assert.Equal(9_000, _bench.Billed());
    }
}
