using System.Globalization;
using Portal.Domain.Usage;

namespace Portal.Ui;

/// <summary>How far usage is metered, in words.</summary>
public static class FreshnessWords
{
    /// <param name="verb">What it is: <c>metered</c>, <c>complete</c>.</param>
    public static string Of(Freshness freshness, string verb = "metered") =>
        freshness.MeteredTo is not { } to
            ? "nothing metered yet"
            : string.Join(
                "; ",
                freshness
                    .Behind.Select(one =>
                        one.CompleteTo is { } last ? $"{one.Cluster} to {At(last, to)}" : $"nothing from {one.Cluster} yet"
                    )
                    .Prepend($"{verb} to {At(to, to)}")
            );

    private static string At(DateTimeOffset at, DateTimeOffset beside)
    {
        var time = at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture) + " UTC";
        return at.UtcDateTime.Date == beside.UtcDateTime.Date ? time : $"{DateWords.Day(at.ToUniversalTime())}, {time}";
    }
}
