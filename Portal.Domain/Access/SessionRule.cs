namespace Portal.Domain.Access;

/// <summary>When a sign-in ends by itself: <c>Portal:SignIn:EndAfterIdleMinutes</c> and <c>EndAfterMinutes</c>.</summary>
public sealed record SessionRule
{
    public static SessionRule Default { get; } = new();

    /// <summary>Without a visit.</summary>
    public TimeSpan LongestIdle { get; init; } = TimeSpan.FromDays(14);

    /// <summary>In any case.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(30);

    /// <summary>When a sign-in ends that is seen at an instant and not again.</summary>
    public DateTimeOffset ExpiryOf(DateTimeOffset createdAt, DateTimeOffset seenAt)
    {
        var (idle, whole) = (seenAt + LongestIdle, createdAt + Longest);
        return idle < whole ? idle : whole;
    }
}
