using System.Globalization;

namespace Portal.Ui;

/// <summary>A day as a date field holds it: <c>2026-12-31</c>.</summary>
internal static class TypedDay
{
    /// <summary>The end of that day in UTC; null for an empty field.</summary>
    /// <returns>False for what is no day.</returns>
    internal static bool TryEnd(string text, out DateTimeOffset? end)
    {
        end = null;
        if (string.IsNullOrWhiteSpace(text))
            return true;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year > 9000)
            return false;
        end = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        return true;
    }
}
