namespace Portal.Tests.Domain.Usage;

/// <summary>Days of an ordinary cluster's life; <c>./dev bench metering</c> runs months of it.</summary>
public sealed class SimulatedMonthsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(3, 30, Traits = ["tier", "thorough"])]
    public void In_ordinary_life_nothing_is_billed_too_much_and_next_to_nothing_is_lost(int seed, int days)
    {
        var months = SimulatedMonths.Run(seed, TimeSpan.FromDays(days));
        output.WriteLine(
            $"{months.Written} of {months.Sent} bytes in, {months.Recovered} recovered, {months.Read} of {months.Delivered} out, "
                + $"{months.Gaps} gaps"
        );
        Assert.Empty(months.TooMuch);
        Assert.True(months.Written > months.Sent * 98 / 100, $"{months.Written} of {months.Sent}");
        Assert.True(months.Recovered > 0);
    }
}
