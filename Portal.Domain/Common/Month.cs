using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>
/// A UTC calendar month, half-open: <see cref="Start"/> belongs to it, <see cref="End"/> to the next. Written <c>yyyy-MM</c>,
/// of the years 2000 to 2999: what people can ask for has months before and after it.
/// </summary>
public readonly record struct Month(int Year, int Number) : IComparable<Month>
{
    public DateTimeOffset Start => new(Year, Number, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset End => Start.AddMonths(1);

    public Month Next => Of(End);

    public Month Previous => Of(Start.AddTicks(-1));

    /// <summary>For people: <c>November</c>.</summary>
    public string Name => Start.ToString("MMMM", CultureInfo.InvariantCulture);

    /// <summary>For people, with the year: <c>November 2026</c>.</summary>
    public string Title => Start.ToString("MMMM yyyy", CultureInfo.InvariantCulture);

    public static Month Of(DateTimeOffset instant) => new(instant.UtcDateTime.Year, instant.UtcDateTime.Month);

    public static bool TryParse([NotNullWhen(true)] string? text, out Month month)
    {
        month = default;
        if (
            !DateTimeOffset.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            || instant.Year is < 2000 or > 2999
        )
            return false;
        month = Of(instant);
        return true;
    }

    public int CompareTo(Month other) => (Year, Number).CompareTo((other.Year, other.Number));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:0000}-{Number:00}");

    public static bool operator <(Month left, Month right) => left.CompareTo(right) < 0;

    public static bool operator >(Month left, Month right) => left.CompareTo(right) > 0;

    public static bool operator <=(Month left, Month right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Month left, Month right) => left.CompareTo(right) >= 0;
}
