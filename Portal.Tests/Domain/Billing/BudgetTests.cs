using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Tests.Domain.Billing;

public sealed class BudgetTests
{
    private static readonly Month November = new(2026, 11);
    private static readonly DateTimeOffset Tenth = new(2026, 11, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly Budget _budget = new(new OrganizationId(Guid.CreateVersion7()), new(Usd(100), [100, 50, 80], true), "elena", Tenth);

    [Fact]
    public void Each_share_is_told_once_a_month_and_several_at_once_are_one_alert()
    {
        Assert.Null(Tell(49.99m));
        Assert.Equal(50, Tell(50)?.Percent);
        Assert.Null(Tell(79.99m));
        Assert.Equal(100, Tell(100)?.Percent);
        Assert.Null(Tell(120));
        Assert.Equal(80, _budget.Tell(November.Next, Usd(99.99m), null, November.End.AddDays(3))?.Percent);
    }

    [Fact]
    public void What_usage_takes_back_and_gains_again_is_not_told_twice()
    {
        Assert.Equal(80, Tell(85)?.Percent);
        Assert.Null(Tell(40));
        Assert.Null(Tell(85));
    }

    [Fact]
    public void A_month_that_heads_over_the_budget_is_told_once_and_not_on_its_first_day()
    {
        Assert.Null(_budget.Tell(November, Usd(10), Forecast(120, 300), November.Start.AddHours(23)));
        Assert.Null(Tell(20, Forecast(99, 300)));
        var alert = Tell(20, Forecast(101, 300));
        Assert.Equal((null, Usd(20)), (alert!.Percent, alert.Spent));
        Assert.Null(Tell(21, Forecast(101, 300)));
    }

    [Fact]
    public void Who_hears_that_the_month_is_over_the_budget_does_not_hear_that_it_heads_there()
    {
        Assert.Equal(100, Tell(101, Forecast(300, 300))?.Percent);
        Assert.Null(Tell(99, Forecast(300, 300)));
    }

    [Fact]
    public void What_is_reached_when_the_budget_is_set_is_known_and_what_comes_after_is_told()
    {
        Assert.Equal(50, Tell(60)?.Percent);
        _budget.Change(new(Usd(70), [50, 80, 100], true), "elena", Tenth);
        _budget.Begin(November, Usd(60), Forecast(1000, 1000), Tenth);
        Assert.Null(Tell(60, Forecast(1000, 1000)));
        Assert.Equal(100, Tell(70)?.Percent);
        _budget.Change(new(Usd(200), [50, 80], false), "elena", Tenth);
        _budget.Begin(November, Usd(70), null, Tenth);
        Assert.Equal(50, Tell(100)?.Percent);
        Assert.Null(Tell(120, Forecast(1000, 1000)));
    }

    [Theory]
    [InlineData(90, 89.99, Publishing.Open)]
    [InlineData(90, 90, Publishing.Slowed)]
    [InlineData(90, 99.99, Publishing.Slowed)]
    [InlineData(90, 100, Publishing.Blocked)]
    [InlineData(90, 1_000_000, Publishing.Blocked)]
    [InlineData(100, 99.99, Publishing.Open)]
    [InlineData(100, 100, Publishing.Blocked)]
    [InlineData(null, 1_000_000, Publishing.Open)]
    public void A_hard_cap_slows_publishing_down_and_blocks_it(int? slowsAt, decimal spent, Publishing publishing) =>
        Assert.Equal(publishing, new Budget(default, new(Usd(100), [], false, slowsAt), "elena", Tenth).PublishingAt(Usd(spent)));

    [Fact]
    public void Another_currency_is_compared_with_nothing()
    {
        Assert.True(Currency.TryParse("eur", out var eur));
        Assert.Null(_budget.Tell(November, new Money(1_000_000, eur), null, Tenth));
        Assert.Equal(0, _budget.PercentOf(new Money(1_000_000, eur)));
        // Nobody is stopped by a price list that was changed.
        Assert.Equal(
            Publishing.Open,
            new Budget(default, new(Usd(1), [], false, 50), "elena", Tenth).PublishingAt(new Money(1_000_000, eur))
        );
    }

    [Fact]
    public void A_share_is_rounded_down_and_never_overflows()
    {
        Assert.Equal(99, _budget.PercentOf(Usd(99.99m)));
        Assert.Equal(
            int.MaxValue,
            new Budget(default, new(new Money(1, Currency.Usd), [], false), "elena", Tenth).PercentOf(
                new Money(long.MaxValue, Currency.Usd)
            )
        );
    }

    private BudgetAlert? Tell(decimal spent, Forecast? forecast = null) => _budget.Tell(November, Usd(spent), forecast, Tenth);

    private static Money Usd(decimal major) => Money.Round(major, Currency.Usd);

    private static Forecast Forecast(decimal low, decimal high) => new(Usd(low), Usd(high));
}
