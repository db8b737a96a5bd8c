using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>
/// Instants as scripts write them: ISO 8601, UTC unless they say otherwise, of years that the portal can have to do with.
/// </summary>
public static class IsoInstant
{
    // What a general parser takes besides, such as 11/12/2026 or 13:00, means another day to somebody else.
    private static readonly string[] Shapes =
    [
        .. from time in new[] { "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFFF" }
        from zone in new[] { "", "K" }
        select time + zone,
        "yyyy-MM-dd",
    ];

    /// <summary>Null for nothing; Invalid <c>instant-malformed</c> for what is none.</summary>
    public static Outcome<DateTimeOffset?> Read(string? text, string field)
    {
        if (string.IsNullOrEmpty(text))
            return Outcome.Of<DateTimeOffset?>(null);
        if (
            !DateTimeOffset.TryParseExact(
                text.Replace('t', 'T').Replace('z', 'Z'),
                Shapes,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var instant
            ) || instant.Year is < 2000 or > 9000
        )
            return new Problem.Invalid("instant-malformed", $"{field} is an instant in ISO 8601, for example 2026-11-01T00:00:00Z.", field);
        return instant.ToUniversalTime();
    }
}
