namespace Portal.Domain.Common;

/// <summary>Time zones by their IANA ids, as browsers and people give them.</summary>
public static class TimeZones
{
    private static readonly Lazy<IReadOnlyList<string>> Places = new(() =>
        [
            .. TimeZoneInfo
                .GetSystemTimeZones()
                .Select(zone => zone.Id)
                .Where(id => id.Contains('/', StringComparison.Ordinal) && !id.StartsWith("Etc/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ]
    );

    /// <summary>Longer ones are no ids.</summary>
    public const int Longest = 64;

    /// <summary>To choose from, with the one that is chosen already.</summary>
    public static IReadOnlyList<string> Names(string? chosen) =>
        chosen is null || Places.Value.Contains(chosen) ? Places.Value : [chosen, .. Places.Value];

    /// <summary>By its id or its former name; null when it is unknown here.</summary>
    public static TimeZoneInfo? Find(string? id) =>
        id is not { Length: > 0 and <= Longest } ? null
        : TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone
        : FormerZones.OtherName(id) is { } other && TimeZoneInfo.TryFindSystemTimeZoneById(other, out zone) ? zone
        : null;
}
