using Portal.Domain.Usage;
using Xunit;
using static MeteringSimulation.MeterBench;

namespace Portal.Tests.Domain.Usage;

public sealed class StandingTests
{
    private readonly MeterBench _bench = new();

    [Fact]
    public void Complete_is_the_last_good_poll_less_the_interval_of_the_statistics()
    {
        Assert.Null(_bench.Standing.CompleteTo);
        _bench.Poll(0, ("b1", []));
        Assert.Equal(Start.AddSeconds(-60), _bench.Standing.CompleteTo);
    }

    [Fact]
    public void A_broker_that_fails_holds_it_back_for_five_minutes()
    {
        _bench.Poll(0, ("b1", []), ("b2", []));
        for (var second = 60; second <= 300; second += 60)
        {
            _bench.Poll(second, ("b1", []), ("b2", null));
            Assert.Equal(Start.AddSeconds(-60), _bench.Standing.CompleteTo);
        }
        _bench.Poll(360, ("b1", []), ("b2", null));
        Assert.Equal(Start.AddSeconds(300), _bench.Standing.CompleteTo);
    }

    [Fact]
    public void A_broker_that_leaves_the_list_holds_nothing_back()
    {
        _bench.Poll(0, ("b1", []), ("b2", []));
        _bench.Poll(60, ("b1", []));
        Assert.Equal(Start, _bench.Standing.CompleteTo);
    }

    [Fact]
    public void It_never_goes_back()
    {
        _bench.Poll(0, ("b1", []), ("b2", []));
        for (var second = 60; second <= 360; second += 60)
            _bench.Poll(second, ("b1", []), ("b2", null));
        var before = _bench.Standing.CompleteTo;
        _bench.Poll(420, ("b1", null), ("b2", []));
        Assert.Equal(before, _bench.Standing.CompleteTo);
    }

    [Fact]
    public void When_every_broker_is_away_it_waits()
    {
        _bench.Poll(0, ("b1", []));
        for (var second = 60; second <= 1200; second += 60)
            _bench.Poll(second, ("b1", null));
        Assert.Equal(Start.AddSeconds(-60), _bench.Standing.CompleteTo);
    }

    [Fact]
    public void A_new_broker_holds_it_back_until_its_first_answer()
    {
        _bench.Poll(0, ("b1", []));
        _bench.Poll(60, ("b1", []), ("b2", null));
        _bench.Poll(120, ("b1", []), ("b2", null));
        Assert.Equal(Start, _bench.Standing.CompleteTo);
        _bench.Poll(180, ("b1", []), ("b2", []));
        Assert.Equal(Start.AddSeconds(120), _bench.Standing.CompleteTo);
    }
}
