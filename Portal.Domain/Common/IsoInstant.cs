using System.Globalization;

namespace Portal.Domain.Common;

/// <summary>Instants as scripts write them: ISO 8601, UTC unless they say otherwise, of years that the portal can have to do with.</summary>
public static class IsoInstant
{
    /// <summary>Null for nothing; Invalid <c>instant-malformed</c> for what is none.</summary>
    public static Outcome<DateTimeOffset?> Read(string? text, string field)
    {
        if (string.IsNullOrEmpty(text)) return Outcome.Of<DateTimeOffset?>(null);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) || instant.Year is < 2000 or > 9000)
            return new Problem.Invalid("instant-malformed", $"{field} is an instant in ISO 8601, for example 2026-11-01T00:00:00Z.", field);
        return instant.ToUniversalTime();
    }
}
