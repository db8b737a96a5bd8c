using Portal.Domain.Common;

namespace Portal.Tests.Domain.Common;

public sealed class MonthTests
{
    [Theory]
    [InlineData("2026-11", true)]
    [InlineData("2999-12", true)]
    [InlineData("9999-12", false)]
    [InlineData("0001-01", false)]
    [InlineData("2026-13", false)]
    [InlineData("2026-1", false)]
    public void A_month_that_is_asked_for_has_months_before_and_after_it(string text, bool isMonth)
    {
        Assert.Equal(isMonth, Month.TryParse(text, out var month));
        if (isMonth)
            Assert.Equal(text, $"{month.Next.Previous}");
    }
}
