using System.Globalization;

namespace Portal.Domain.Billing;

/// <summary>Instants in sentences and descriptions.</summary>
internal static class Instants
{
    /// <summary><c>2026-11-23 14:30 UTC</c>.</summary>
    public static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
