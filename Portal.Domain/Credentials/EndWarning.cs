namespace Portal.Domain.Credentials;

/// <summary>When people are told that a key ends by itself: once two weeks before, and once two days before.</summary>
public static class EndWarning
{
    public const int FirstDays = 14;
    public const int LastDays = 2;

    public static TimeSpan Ahead { get; } = TimeSpan.FromDays(FirstDays);

    /// <summary>
    /// The warning that is due, in days before the end; null for none. A key that was never meant to live longer than a
    /// warning reaches is not warned of: whoever made it for a week knows.
    /// </summary>
    /// <param name="warned">The last one given.</param>
    public static int? Due(DateTimeOffset createdAt, DateTimeOffset? expiresAt, int? warned, DateTimeOffset now)
    {
        if (expiresAt is not { } end || end <= now)
            return null;
        var days =
            end - now <= TimeSpan.FromDays(LastDays) ? LastDays
            : end - now <= Ahead ? FirstDays
            : (int?)null;
        return days is { } due && !(warned <= due) && end - createdAt > TimeSpan.FromDays(due) ? due : null;
    }
}
