using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>The clocks of the portal and of a cluster that differ: tokens are then too old or too young where they arrive.</summary>
public static class ClockSkew
{
    /// <summary>A difference that no network explains.</summary>
    public static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(30);

    /// <summary>How far the portal's clock is ahead of the cluster's; null when it is close enough or nobody knows.</summary>
    /// <param name="theirs">The <c>Date</c> of a cluster's answer, in whole seconds.</param>
    public static TimeSpan? Of(DateTimeOffset? theirs, DateTimeOffset ours) =>
        theirs is { } date && (ours - date).Duration() > Tolerated ? ours - date : null;

    /// <summary>For example <c>90 seconds behind</c>.</summary>
    public static string Text(TimeSpan ahead)
    {
        var (length, where) = (ahead.Duration(), ahead > TimeSpan.Zero ? "ahead of" : "behind");
        return length < TimeSpan.FromMinutes(3) ? $"{length.TotalSeconds:0} seconds {where}"
            : length < TimeSpan.FromHours(3) ? $"{length.TotalMinutes:0} minutes {where}"
            : $"{length.TotalHours:0} hours {where}";
    }

    /// <summary>Why the cluster does not take a token.</summary>
    public static Problem.Unavailable Refused(string cluster, TimeSpan ahead) =>
        new(
            "clock-skew",
            $"Portal's clock is {Text(ahead)} the clock of cluster '{cluster}', so the cluster doesn't accept Portal's tokens. "
                + "The operator has to synchronize the clocks, for example with NTP."
        );

    /// <summary>The same, when the cluster says itself that a token is not valid yet.</summary>
    public static Problem.Unavailable NotYetValid(string cluster) =>
        new(
            "clock-skew",
            $"Cluster '{cluster}' says that Portal's token isn't valid yet, so its clock is behind. "
                + "The operator has to synchronize the clocks, for example with NTP."
        );
}
