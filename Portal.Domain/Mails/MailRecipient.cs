using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Mails;

/// <summary>Who an email goes to, and the zone in which they read times.</summary>
public sealed record MailRecipient(string Address, MailZone Zone)
{
    /// <param name="organization">Whose email it is: its zone stands in for one that the account doesn't have.</param>
    public static MailRecipient Of(Account account, Organization? organization = null) =>
        new(account.Email, MailZone.Of(account.TimeZone, organization?.TimeZone));

    /// <summary>Somebody of whom nothing but an address is known.</summary>
    public static MailRecipient Of(string address, Organization? organization = null) => new(address, MailZone.Of(organization?.TimeZone));
}

/// <summary>Times as emails write them. Nobody can hover over an email, so each says which zone it is in.</summary>
public sealed class MailZone
{
    private readonly TimeZoneInfo _zone;
    private readonly string _name;

    private MailZone(TimeZoneInfo zone, string name) => (_zone, _name) = (zone, name);

    public static MailZone Utc { get; } = new(TimeZoneInfo.Utc, "UTC");

    /// <summary>The first of these that is known here; UTC when none is.</summary>
    /// <param name="ids">IANA ids.</param>
    public static MailZone Of(params ReadOnlySpan<string?> ids)
    {
        foreach (var id in ids)
            if (TimeZones.Find(id) is { } zone)
                return
                    zone.BaseUtcOffset == TimeSpan.Zero
                    && !zone.SupportsDaylightSavingTime
                    && zone.Id.Contains("UTC", StringComparison.Ordinal)
                    ? Utc
                    : new(zone, id!);
        return Utc;
    }

    /// <summary><c>November 30, 2026</c>; in UTC it says so.</summary>
    public string Day(DateTimeOffset at) => Text(at, "MMMM d, yyyy") + (this == Utc ? " (UTC)" : "");

    /// <summary><c>November 30</c>, beside a date that says year and zone.</summary>
    public string DayOfYear(DateTimeOffset at) => Text(at, "MMMM d");

    /// <summary><c>November 30, 2026, 14:05 (Europe/Berlin)</c></summary>
    public string Minute(DateTimeOffset at) => $"{Text(at, "MMMM d, yyyy, HH:mm")} ({_name})";

    private string Text(DateTimeOffset at, string format) =>
        TimeZoneInfo.ConvertTime(at, _zone).ToString(format, CultureInfo.InvariantCulture);
}
