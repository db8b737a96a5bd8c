using System.Globalization;
using Portal.Domain.Billing;

namespace Portal.Hosting.Settings;

/// <summary><c>Portal:Billing:Dunning</c> as the domain has it, or a sentence that names what is wrong.</summary>
internal static class DunningSettingsReader
{
    private const string Path = "Portal:Billing:Dunning";
    private const int MostDays = 365;
    private const int MostReminders = 20;

    public static DunningSettings Read(DunningSection section)
    {
        var reminders = new List<int>();
        foreach (var text in section.ReminderDays.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var day) || day > MostDays)
                throw new WrongSettingException(
                    $"{Path}:ReminderDays holds '{text}': it is a list of days from 0 to {MostDays}, for example 0, 3, 10, 21."
                );
            reminders.Add(day);
        }
        if (reminders.Count > MostReminders)
            throw new WrongSettingException($"{Path}:ReminderDays has {reminders.Count} days: at most {MostReminders}.");
        (string Name, int Days)[] steps =
        [
            ("RestrictAfterDays", section.RestrictAfterDays),
            ("BlockPublishingAfterDays", section.BlockPublishingAfterDays),
            ("SuspendAfterDays", section.SuspendAfterDays),
        ];
        var (before, last) = ("", 0);
        foreach (var (name, days) in steps)
        {
            if (days is < 0 or > MostDays)
                throw new WrongSettingException(
                    $"{Path}:{name} is {days}: it lies between 1 and {MostDays}, or is 0 to leave this step out."
                );
            if (days == 0)
                continue;
            if (days <= last)
                throw new WrongSettingException($"{Path}:{name} is {days}: it comes after {before}, which is {last}.");
            (before, last) = (name, days);
        }
        return new(
            section.Enabled,
            [.. reminders.Distinct().Order()],
            section.RestrictAfterDays,
            section.BlockPublishingAfterDays,
            section.SuspendAfterDays
        );
    }
}
