using Portal.Domain.Access;

namespace Portal.Domain.Billing;

/// <summary>When what happens about an overdue invoice, in days after its first failed charge or its due date.</summary>
/// <param name="RemindOnDays">In order; 0 is at once. Empty for no reminders.</param>
/// <param name="RestrictAfterDays">0 leaves the step out, and so for the other two.</param>
public sealed record DunningSettings(
    bool Enabled,
    IReadOnlyList<int> RemindOnDays,
    int RestrictAfterDays,
    int BlockPublishingAfterDays,
    int SuspendAfterDays
)
{
    public static DunningSettings Default { get; } = new(true, [0, 3, 10, 21], 7, 14, 30);

    internal IEnumerable<(Arrears Stage, int Days)> Steps
    {
        get
        {
            if (RestrictAfterDays > 0)
                yield return (Arrears.Restricted, RestrictAfterDays);
            if (BlockPublishingAfterDays > 0)
                yield return (Arrears.PublishingBlocked, BlockPublishingAfterDays);
            if (SuspendAfterDays > 0)
                yield return (Arrears.Suspended, SuspendAfterDays);
        }
    }
}

/// <summary>A step that is still to come.</summary>
public sealed record DunningStep(Arrears Stage, DateTimeOffset At);

/// <summary>Where an organization stands with what is overdue: a function of settings, dates, and what an operator decided.</summary>
/// <param name="Stage">What is in force by now; <see cref="Arrears.None"/> where dunning is off.</param>
/// <param name="OverdueSince">Of the oldest overdue invoice.</param>
/// <param name="CountsFrom">The days are counted from here: an operator's extension moves it.</param>
/// <param name="Day">Whole days since then; -1 before it, and where dunning is off.</param>
/// <param name="Ahead">The next step first.</param>
public sealed record DunningStanding(
    Arrears Stage,
    DateTimeOffset OverdueSince,
    DateTimeOffset CountsFrom,
    int Day,
    IReadOnlyList<DunningStep> Ahead
)
{
    /// <param name="overdueSince">Null when nothing is open.</param>
    /// <param name="extendedUntil">Until then people are told and nothing more; from then on the days are counted.</param>
    /// <param name="isOff">By an operator, for this organization.</param>
    /// <returns>Null when nothing is overdue.</returns>
    public static DunningStanding? Of(
        DunningSettings settings,
        DateTimeOffset? overdueSince,
        DateTimeOffset? extendedUntil,
        bool isOff,
        DateTimeOffset now
    )
    {
        if (overdueSince is not { } since || since > now)
            return null;
        if (!settings.Enabled || isOff)
            return new(Arrears.None, since, since, -1, []);
        var from = extendedUntil is { } until && until > since ? until : since;
        var steps = settings.Steps.Select(step => new DunningStep(step.Stage, from.AddDays(step.Days))).ToList();
        return new(
            steps.Where(step => step.At <= now).Select(step => step.Stage).DefaultIfEmpty(Arrears.Notice).Max(),
            since,
            from,
            now < from ? -1 : (int)(now - from).TotalDays,
            [.. steps.Where(step => step.At > now)]
        );
    }

    /// <summary>The last day of reminders that has come; null before the first.</summary>
    public int? ReminderOf(DunningSettings settings) => settings.RemindOnDays.Where(day => day <= Day).Select(day => (int?)day).Max();
}
