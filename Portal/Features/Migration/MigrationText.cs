using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Plans;

namespace Portal.Features.Migration;

/// <summary>Migrations in words.</summary>
internal static class MigrationText
{
    internal static (string Words, string? Mood) State(MigrationStanding standing) =>
        standing switch
        {
            { Migration.FinishedAt: not null } => ("finished", "good"),
            { Migration.ProblemCode: not null } => ("needs attention", "bad"),
            { Migration.Stage: MigrationStage.Looking } => ("taking inventory…", "info busy"),
            { Migration.IsMapping: true } => ("mapping…", "info busy"),
            { Move: MigrationMove.Failed } => ("needs attention", "bad"),
            { Move: MigrationMove.CuttingOver } => ("cutting over…", "info busy"),
            { Move: MigrationMove.CutOver } => ("cut over", "good"),
            { Move: MigrationMove.Copying } => ("copying…", "info busy"),
            { Move: MigrationMove.Following } => ("following", "good"),
            { Move: MigrationMove.Paused } => ("paused", "warn"),
            { Move: MigrationMove.Stopped } => ("stopped", null),
            { Migration.Stage: MigrationStage.Planned } => ("planned", "good"),
            _ => ("connected", null),
        };

    /// <summary>What becomes of the retention of a namespace; null where it stays.</summary>
    internal static string? Retention(DryRunTarget target)
    {
        var time = target.RetentionRaisedTo is { } longer ? LimitKind.RetentionMinutes.Words((long)longer.TotalMinutes) : null;
        var size = target.RetentionSizeRaisedTo is { } larger ? $"{ByteSize.Text(larger)} per partition" : null;
        return time is null && size is null
            ? null
            : $"Its retention is raised to {string.Join(" and ", new[] { time, size }.OfType<string>())} when the copy starts, so "
                + "that your applications have time to read what is copied."
                + (
                    target.HasNow == 0
                        ? ""
                        : $" {Ui.Counted.Of(target.HasNow, "topic")} already there "
                            + $"{(target.HasNow == 1 ? "keeps its" : "keep their")} messages as long, too"
                            + (target.KeptLonger is { } more ? $": about {ByteSize.Text((long)more.Bytes)} more." : ".")
                );
    }

    /// <summary>
    /// What the person has to do next, and the tab where that is; null while there is nothing to do but wait, and at the end.
    /// </summary>
    /// <param name="shown">The tab that is open.</param>
    internal static (string Says, string Tab, string Link)? Next(MigrationView view, string shown) =>
        view switch
        {
            { Migration.FinishedAt: not null }
            or { Migration.ProblemCode: not null }
            or { Migration.Stage: MigrationStage.Looking }
            or { Migration.IsMapping: true } => null,
            { Move: MigrationMove.NotStarted, Sums.Moving: 0 } => (
                "choose which topics move. No rule moves any yet.",
                "mapping",
                "Open mapping"
            ),
            { Move: MigrationMove.NotStarted, Sums.Blocked: > 0 } => (
                $"settle {Ui.Counted.Of(view.Sums.Blocked, "topic")} before topics can be created.",
                "mapping",
                "Open mapping"
            ),
            { Move: MigrationMove.NotStarted } when shown is "dry-run" or "copy" => (
                "start copying if you agree with the dry run.",
                "copy",
                "Start copying"
            ),
            { Move: MigrationMove.NotStarted } => (
                "read in the dry run what would happen and what it would cost. Then start copying.",
                "dry-run",
                "Open dry run"
            ),
            { Move: MigrationMove.Failed } => ("some partitions can't be copied. See why, and try them again.", "copy", "Open copy"),
            { Move: MigrationMove.Paused or MigrationMove.Stopped } => ("the copy stands still. Resume it to go on.", "copy", "Open copy"),
            { Move: MigrationMove.Following, Copies.Different: > 0 } => (
                "verification found differences. See them, topic by topic.",
                "copy",
                "Open copy"
            ),
            { Move: MigrationMove.Following } when view.Copies.Proven + view.Copies.Stopped < view.Copies.Partitions => (
                "verify the copies, then move your applications.",
                "copy",
                "Open copy"
            ),
            { Move: MigrationMove.Following } when shown == "applications" => (
                "cut over when the last application has moved.",
                "cut-over",
                "Open cut-over"
            ),
            { Move: MigrationMove.Following } => (
                "all copies are identical. Move your applications one by one, then cut over.",
                "applications",
                "Open applications"
            ),
            { Move: MigrationMove.CutOver } => (
                "check that everything works, then finish the migration and keep its record.",
                "cut-over",
                "Open cut-over"
            ),
            _ => null,
        };

    internal static (string Words, string? Mood) State(CheckState state) =>
        state switch
        {
            CheckState.Passed => ("passed", "good"),
            CheckState.Warning => ("warning", "warn"),
            CheckState.Failed => ("failed", "bad"),
            CheckState.NotReached => ("not reached", null),
        };

    internal static (string Words, string? Mood) Weight(ClashWeight weight) =>
        weight switch
        {
            ClashWeight.Blocks => ("must be settled", "bad"),
            ClashWeight.Changes => ("changes", "warn"),
            ClashWeight.Note => ("good to know", "info"),
        };

    /// <summary>Where a topic goes, or why it stays.</summary>
    internal static string Way(MigrationTopic topic) =>
        topic switch
        {
            { Stays: StayReason.Internal } => "stays: Kafka's own",
            { Stays: StayReason.ByChoice } => "stays: your choice",
            { Stays: StayReason.RuleTooSlow } => "stays: a rule's regex takes too long",
            { Stays: StayReason.ByRule } => "stays: no rule moves it",
            { TargetPath: { } path } => path,
            _ => "not mapped yet",
        };

    internal static string Phase(KafkaMigration migration)
    {
        var what = migration.Phase switch
        {
            "topics" => "Looking at topics",
            "groups" => "Looking at consumer groups",
            "rates" => "Measuring rates",
            "groups-again" => "Looking at consumer groups again",
            _ => "Finishing",
        };
        return migration.Total > 0 ? $"{what}: {Count(migration.Done)} of {Count(migration.Total)}" : what;
    }

    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Rate(double? perSecond) =>
        perSecond switch
        {
            null => "–",
            0 => "quiet",
            < 0.1 => "< 0.1 msg/s",
            { } rate => $"{rate.ToString(rate < 10 ? "0.#" : "N0", CultureInfo.InvariantCulture)} msg/s",
        };

    internal static string Size(long? bytes) => bytes is { } known ? $"≈ {ByteSize.Text(known)}" : "–";

    /// <summary>What a sample showed: <c>JSON, keys text</c>.</summary>
    internal static string Format(TopicSample? sample) =>
        sample is null
            ? "–"
            : Name(sample.Values)
                + (sample.SchemaIds.Count > 0 ? $" (schema {string.Join(", ", sample.SchemaIds)})" : "")
                + (sample.NullKeys == sample.Messages ? ", no keys" : $", {Name(sample.Keys)} keys");

    internal static string Duration(TimeSpan time) =>
        time switch
        {
            { TotalMinutes: < 1 } => "less than a minute",
            { TotalHours: < 2 } => Of(Math.Ceiling(time.TotalMinutes), "minute"),
            { TotalDays: < 2 } => Of(Math.Ceiling(time.TotalHours), "hour"),
            _ => Of(Math.Ceiling(time.TotalDays), "day"),
        };

    private static string Of(double value, string unit) => $"{Count((long)value)} {unit}{(value == 1 ? "" : "s")}";

    private static string Name(DataFormat format) =>
        format switch
        {
            DataFormat.Json => "JSON",
            DataFormat.Avro => "Avro",
            DataFormat.Text => "text",
            DataFormat.Binary => "binary",
            DataFormat.Empty => "empty",
            DataFormat.Unknown => "unknown",
        };
}
