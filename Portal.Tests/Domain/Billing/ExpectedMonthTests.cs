using Portal.Domain.Billing;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

/// <summary>What the landing page's price calculator asks, and what it says.</summary>
public sealed class ExpectedMonthTests
{
    private static readonly PriceBook Shipped = PriceBook.Parse(PriceBook.ShippedDocument).Value;

    [Fact]
    public void A_month_costs_what_an_invoice_would_say()
    {
        var cost = ExpectedMonth.Example.Cost(Shipped);

        // 90 GiB beyond the free ones, 200 GiB, 50 GiB-months, 8,760 partition hours, 730 connector hours.
        Assert.Equal([900L, 800, 800, 1_051, 730], cost.Lines.Select(line => line.Amount.Minor));
        Assert.Equal([Meter.Write, Meter.Read, Meter.Storage, Meter.Partitions, Meter.Connectors], cost.Lines.Select(line => line.Meter));
        Assert.Equal(4_281, cost.Total.Minor);
        Assert.Equal("10 GiB free, 90 GiB at $0.10", cost.Lines[0].Explanation);
    }

    [Theory]
    [InlineData("12.5", 12.5)]
    [InlineData("0", 0)]
    [InlineData("-3", 0)]
    [InlineData("99999999999", 1_048_576)]
    [InlineData("0.005", 0.01)]
    [InlineData("", 100)]
    [InlineData(null, 100)]
    [InlineData("1e9", 100)]
    [InlineData("NaN", 100)]
    [InlineData("1,5", 100)]
    [InlineData("999999999999999999999999999999999999", 100)]
    public void An_address_says_how_much_or_the_example_stands(string? text, double gib) =>
        Assert.Equal((decimal)gib, ExpectedMonth.Read(text, null, null, null, null).DataIn);

    [Theory]
    [InlineData("3", 3)]
    [InlineData("2.2", 3)]
    [InlineData("1000000", 100_000)]
    [InlineData("many", 12)]
    public void Partitions_are_whole(string text, int count) =>
        Assert.Equal(count, ExpectedMonth.Read(null, null, null, text, null).Partitions);

    [Fact]
    public void The_largest_month_that_can_be_asked_about_fits_into_an_amount()
    {
        var most = ExpectedMonth.Read("9999999999", "9999999999", "9999999999", "9999999", "9999999").Cost(Shipped);
        Assert.Equal(most.Lines.Sum(line => line.Amount.Minor), most.Total.Minor);
        Assert.True(most.Total.Minor > 0);
    }

    /// <summary>An estimate is no measurement: three digits of what is small, two decimals of the rest.</summary>
    [Theory]
    [
        InlineData("0.000351184", "0.000351"),
        InlineData("0.5", "0.5"),
        InlineData("0.0496", "0.0496"),
        InlineData("12.34567", "12.35"),
        InlineData("0", "0")
    ]
    public void Estimates_have_few_digits(string expected, string shown)
    {
        decimal month = PriceUnit.GiBMonth.Size();
        var quantity = decimal.Parse(expected, System.Globalization.CultureInfo.InvariantCulture) * month;
        Assert.Equal(
            decimal.Parse(shown, System.Globalization.CultureInfo.InvariantCulture),
            TopicCost.Short(Meter.Storage, quantity) / month
        );
    }
}
