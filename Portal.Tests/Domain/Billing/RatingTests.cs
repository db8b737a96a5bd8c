using CsCheck;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>What ratings have to be, whatever the prices; tables that others publish are in <see cref="GoldenRatingTests"/>.</summary>
public sealed class RatingTests
{
    [Theory]
    [
        InlineData("1.23456789", "usd", 123),
        InlineData("1.23556789", "usd", 124),
        InlineData("1.23", "jpy", 1),
        InlineData("1.9556", "jpy", 2),
        InlineData("0.125", "usd", 13)
    ]
    [InlineData("5.124", "kwd", 5120), InlineData("5.125", "kwd", 5130), InlineData("0.004", "kwd", 0)]
    public void Amounts_round_once_half_away_from_zero_as_golden_table_9(string amount, string code, long minor)
    {
        Assert.True(Currency.TryParse(code, out var currency));
        Assert.Equal(minor, Money.Round(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), currency).Minor);
    }

    [Fact]
    public void A_quantity_of_bytes_is_priced_in_the_unit_of_the_price_without_losing_a_byte()
    {
        var price = new MeterPrice(PriceUnit.GiB, PriceModel.PerUnit, 0.101m, [], 1, 0, null, null);
        Assert.Equal(0.505m, Rating.Month(price, 5m * ByteSize.GiB));
        Assert.Equal(0.16m, Rating.Month(price with { Per = PriceUnit.GiBMonth, UnitPrice = 0.16m }, 730m * ByteSize.GiB));
    }

    [Fact]
    public void Maximum_holds_and_minimum_is_made_up_at_the_months_end_only()
    {
        var price = new MeterPrice(PriceUnit.Hour, PriceModel.PerUnit, 1, [], 1, 2, 10, 20);
        Assert.Equal(3, Rating.Rate(price, null, 5, endsMonth: false).Amount);
        Assert.Equal(7, Rating.Rate(price, Before(price, 5), 0, endsMonth: true).Amount);
        Assert.Equal(20, Rating.Month(price, 100));
        Assert.Equal(0, Rating.Rate(price, Before(price, 100), 50, endsMonth: true).Amount);
    }

    [Fact]
    public void The_explanation_says_which_tier_took_how_much()
    {
        var write = PriceBook.Parse(PriceBook.ShippedDocument).Value.Meters[Meter.Write];
        Assert.Equal("10 GiB free, 2.5 GiB at $0.10", Rating.Explain(write, Currency.Usd, null, 12.5m * ByteSize.GiB, endsMonth: true));
        Assert.Equal(
            "2 GiB free, 1 GiB at $0.10; follows 8 GiB earlier this month",
            Rating.Explain(write, Currency.Usd, Before(write, 8m * ByteSize.GiB), 3m * ByteSize.GiB, endsMonth: true)
        );
    }

    [Fact]
    public void A_line_of_an_early_close_reads_right_however_little_it_holds()
    {
        var storage = PriceBook.Parse(PriceBook.ShippedDocument).Value.Meters[Meter.Storage];
        decimal month = PriceUnit.GiBMonth.Size();
        Assert.Equal("less than 0.000000001 GiB-months at $0.16", Rating.Explain(storage, Currency.Usd, null, 700m, endsMonth: false));
        Assert.Equal("1 GiB-month at $0.16", Rating.Explain(storage, Currency.Usd, null, month, endsMonth: false));
        Assert.Equal(
            "1.5 GiB-months at $0.16; follows 1 GiB-month earlier this month",
            Rating.Explain(storage, Currency.Usd, Before(storage, month), 1.5m * month, endsMonth: true)
        );
    }

    [Fact]
    public void Rating_in_one_run_is_rating_in_many() =>
        Gen.Select(Prices, Gen.Long[0, 1_000_000].Array[1, 8])
            .Sample(
                (price, parts) =>
                {
                    var (sum, before) = (0m, (MonthSoFar?)null);
                    for (var i = 0; i < parts.Length; i++)
                    {
                        var rated = Rating.Rate(price, before, parts[i] / 1000m, endsMonth: i == parts.Length - 1);
                        sum += rated.Amount;
                        before = rated.After;
                    }
                    return Math.Abs(sum - Rating.Month(price, parts.Sum() / 1000m)) < 1e-15m;
                }
            );

    [Fact]
    public void Only_a_volume_price_may_fall_with_the_quantity() =>
        Gen.Select(Prices, Gen.Long[0, 1_000_000], Gen.Long[0, 1_000_000])
            .Where((price, _, _) => price.Model != PriceModel.Volume)
            .Sample((price, one, more) => Rating.Month(price, one / 1000m) <= Rating.Month(price, (one + more) / 1000m));

    [Fact]
    public void Shares_of_a_line_add_up_to_its_exact_amount() =>
        Gen.Select(Gen.Long[0, 100_000_000], Gen.Long[1, 1L << 40].Array[1, 50])
            .Sample(
                (amount, parts) =>
                {
                    var exact = amount / 10_000m;
                    var whole = parts.Aggregate((Int128)0, (sum, part) => sum + part);
                    return Math.Abs(parts.Sum(part => Rating.Share(exact, part, whole)) - exact) <= parts.Length * 1e-18m;
                }
            );

    internal static Gen<MeterPrice> Prices { get; } =
        from model in Gen.Enum<PriceModel>()
        from prices in Gen.Int[0, 500].Array[3]
        from fees in Gen.Int[0, 300].Array[3]
        from bounds in Gen.Int[1, 400].Array[2]
        from included in Gen.Int[0, 50]
        from minimum in Gen.Int[0, 40]
        from maximum in Gen.Int[50, 5000]
        select new MeterPrice(
            PriceUnit.Hour,
            model,
            model is PriceModel.PerUnit or PriceModel.Package ? prices[0] / 100m : 0m,
            model is PriceModel.PerUnit or PriceModel.Package
                ? []
                :
                [
                    new(bounds[0], prices[0] / 100m, fees[0] / 100m),
                    new(bounds[0] + bounds[1], prices[1] / 100m, fees[1] / 100m),
                    new(null, prices[2] / 100m, fees[2] / 100m),
                ],
            model == PriceModel.Package ? bounds[0] : 1m,
            included,
            model == PriceModel.Volume ? null : minimum,
            model == PriceModel.Volume ? null : maximum
        );

    private static MonthSoFar Before(MeterPrice price, decimal quantity) => Rating.Rate(price, null, quantity, endsMonth: false).After;
}
