using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Ui;

/// <summary>The zone in which a viewer reads times. Bills are UTC and say so; everything else is in here.</summary>
public sealed class ViewerZone
{
    private readonly TimeZoneInfo _zone;

    private ViewerZone(TimeZoneInfo zone) => _zone = zone;

    public static ViewerZone Utc { get; } = new(TimeZoneInfo.Utc);

    /// <summary>From an IANA id as browsers give it, also by its former name; UTC when it is unknown here.</summary>
    public static ViewerZone Of(string? id) => TimeZones.Find(id) is { } zone ? new(zone) : Utc;

    public DateTimeOffset In(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, _zone);

    /// <summary>The instant at which clocks in the zone show this; where they skip it, an hour later.</summary>
    public DateTimeOffset At(DateTime local)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (_zone.IsInvalidTime(local))
            local = local.AddHours(1);
        return new(TimeZoneInfo.ConvertTimeToUtc(local, _zone), TimeSpan.Zero);
    }

    /// <summary>The instant at which a day begins in the zone.</summary>
    public DateTimeOffset StartOf(DateOnly day) => At(day.ToDateTime(TimeOnly.MinValue));

    /// <summary><c>Nov 23, 2026, 14:59:00 UTC</c>, or with the offset of the viewer's zone.</summary>
    public string Absolute(DateTimeOffset instant)
    {
        return $"{DateWords.Second(In(instant))} {Offset(instant)}";
    }

    /// <summary>How far the zone is from UTC at an instant: <c>UTC</c>, <c>UTC+01:00</c>.</summary>
    public string Offset(DateTimeOffset instant) =>
        In(instant) is { Offset.Ticks: not 0 } local ? "UTC" + local.ToString("zzz", CultureInfo.InvariantCulture) : "UTC";

    /// <summary><c>just now</c>, <c>5 min ago</c>, <c>in 6 days</c>; a date once it is more than 30 days away.</summary>
    public string Relative(DateTimeOffset instant, DateTimeOffset now)
    {
        var away = now - instant;
        var size = away.Duration();
        if (size.TotalDays > 30)
            return In(instant).Year == In(now).Year ? DateWords.DayOfYear(In(instant)) : DateWords.Day(In(instant));
        if (size.TotalSeconds < 10)
            return "just now";
        var words = size switch
        {
            { TotalSeconds: < 60 } => $"{(int)size.TotalSeconds} s",
            { TotalMinutes: < 60 } => $"{(int)size.TotalMinutes} min",
            { TotalHours: < 24 } => $"{(int)size.TotalHours} h",
            { TotalDays: < 2 } => "1 day",
            _ => $"{(int)size.TotalDays} days",
        };
        return away > TimeSpan.Zero ? words + " ago" : "in " + words;
    }
}
