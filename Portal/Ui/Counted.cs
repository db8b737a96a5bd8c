using System.Globalization;

namespace Portal.Ui;

/// <summary>A number and what it counts: <c>1 sample</c>, <c>1,204 samples</c>.</summary>
public static class Counted
{
    /// <param name="many">Where the plural is not the singular and an s.</param>
    public static string Of(long count, string one, string? many = null) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {(count == 1 ? one : many ?? one + "s")}";
}
