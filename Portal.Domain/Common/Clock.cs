using System.Runtime.CompilerServices;

namespace Portal.Domain.Common;

/// <summary>Instants of the portal: UTC, whole microseconds, so that both databases keep and compare them exactly.</summary>
public static class Clock
{
    private static readonly ConditionalWeakTable<TimeProvider, UuidSequence> Sequences = [];

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

    /// <summary>
    /// A UUIDv7 of this instant, after all that this process made by the same clock: what is made in one millisecond is in order too.
    /// </summary>
    public static Guid NewUuid(this TimeProvider clock) =>
        Sequences.GetOrCreateValue(clock).Next(clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>RFC 9562, 6.2, method 1: the twelve bits behind the time count within it.</summary>
    private sealed class UuidSequence
    {
        private const int Most = 0xFFF;

        // A clock that steps back by more begins anew, or ids would be of a time that is long in the future.
        private const long MostBack = 10_000;

        private readonly Lock _lock = new();
        private long _millisecond = long.MinValue / 2;
        private int _count;

        public Guid Next(long now)
        {
            int count;
            lock (_lock)
            {
                if (now > _millisecond || now < _millisecond - MostBack)
                    (_millisecond, _count) = (now, 0);
                else if (++_count > Most)
                    (_millisecond, _count) = (_millisecond + 1, 0);
                (now, count) = (_millisecond, _count);
            }
            Span<byte> bytes = stackalloc byte[16];
            Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(now)).TryWriteBytes(bytes, bigEndian: true, out _);
            (bytes[6], bytes[7]) = ((byte)(0x70 | (count >> 8)), (byte)(count & 0xFF));
            return new(bytes, bigEndian: true);
        }
    }
}
