using System.Globalization;

namespace Portal.Ui;

/// <summary>
/// Dates as pages write them, everywhere the same. An instant is shown as it is given: whoever calls has put it into the
/// viewer's zone, or into UTC and says so.
/// </summary>
public static class DateWords
{
    /// <summary><c>Nov 29, 2026</c></summary>
    public static string Day(DateTimeOffset at) => Text(at, "MMM d, yyyy");

    /// <summary><c>Nov 29</c>, where the year is plain.</summary>
    public static string DayOfYear(DateTimeOffset at) => Text(at, "MMM d");

    /// <summary><c>November 29</c></summary>
    public static string LongDayOfYear(DateTimeOffset at) => Text(at, "MMMM d");

    /// <summary><c>Nov 29, 14:05</c></summary>
    public static string Minute(DateTimeOffset at) => Text(at, "MMM d, HH:mm");

    /// <summary><c>Nov 29, 2026, 14:05:09</c></summary>
    public static string Second(DateTimeOffset at) => Text(at, "MMM d, yyyy, HH:mm:ss");

    private static string Text(DateTimeOffset at, string format) => at.ToString(format, CultureInfo.InvariantCulture);
}
