using System.Globalization;
using LocalStripe.Payments;

namespace LocalStripe.Checkout;

/// <summary>What a person chose or typed on a page that takes a card: a card, or a sentence why not.</summary>
internal sealed record CardChoice(TestCard? Card, int ExpiresMonth, int ExpiresYear, string? Problem)
{
    public static CardChoice Read(IFormCollection form, DateTimeOffset now)
    {
        var typed = form["number"].ToString().Trim();
        var year = now.Year + 3;
        if (typed.Length == 0)
        {
            return TestCards.All.FirstOrDefault(card => card.Key == form["card"]) is { } chosen
                ? new CardChoice(chosen, 12, year, null)
                : Refused("Choose one of the test cards, or type the number of one.");
        }

        if (TestCards.ByNumber(typed) is not { } found)
            return Refused(
                "Only Stripe's published test card numbers work here, such as 4242 4242 4242 4242. Never type the number of a real card."
            );
        if (form["expiry"].ToString().Trim() is not { Length: > 0 } expiry)
            return new CardChoice(found, 12, year, null);
        if (
            !DateTime.TryParseExact(
                expiry.Replace(" ", "", StringComparison.Ordinal),
                ["MM/yy", "M/yy", "MM/yyyy", "MMyy"],
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var month
            )
        )
            return Refused("The expiry date is month and year, such as 12/34.");
        return month.AddMonths(1) <= now.UtcDateTime
            ? Refused("The expiry date has passed: any date in the future works.")
            : new CardChoice(found, month.Month, month.Year, null);
    }

    private static CardChoice Refused(string problem) => new(null, 0, 0, problem);
}
