namespace Portal.Domain.Common;

/// <summary>Instants of the portal: UTC, whole microseconds, so that both databases keep and compare them exactly.</summary>
public static class Clock
{
    public static DateTimeOffset Now(this TimeProvider clock) => clock.GetUtcNow().TruncateToMicroseconds();

    public static DateTimeOffset TruncateToMicroseconds(this DateTimeOffset instant) =>
        new(instant.UtcTicks - instant.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>The start of the UTC hour that holds the instant.</summary>
    public static DateTimeOffset HourStart(this DateTimeOffset instant) =>
        new(instant.UtcTicks - instant.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);

    /// <summary>The start of the UTC day that holds the instant.</summary>
    public static DateTimeOffset DayStart(this DateTimeOffset instant) =>
        new(instant.UtcTicks - instant.UtcTicks % TimeSpan.TicksPerDay, TimeSpan.Zero);

    /// <summary>Whole seconds since 1970: a time from a to b is their difference, so that times that meet add up exactly.</summary>
    public static long WholeSeconds(this DateTimeOffset instant) => instant.ToUnixTimeSeconds();

    public static long ToUnixMicroseconds(this DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromUnixMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.UtcTicks + microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>A UUIDv7 of this instant.</summary>
    public static Guid NewUuid(this TimeProvider clock) => Guid.CreateVersion7(clock.GetUtcNow());
}
