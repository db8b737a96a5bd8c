using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Ui;

namespace Portal.Features.Migration;

/// <summary>Copies and their proofs in words.</summary>
internal static class CopyText
{
    internal static (string Words, string? Mood) State(CopiedTopicState state) =>
        state switch
        {
            CopiedTopicState.Failed => ("needs attention", "bad"),
            CopiedTopicState.Stopping => ("stopping…", "info busy"),
            CopiedTopicState.Waiting => ("starting…", "info busy"),
            CopiedTopicState.Copying => ("copying…", "info busy"),
            CopiedTopicState.Paused => ("paused", "warn"),
            CopiedTopicState.Following => ("following", "good"),
            CopiedTopicState.Stopped => ("stopped", null),
        };

    internal static (string Words, string? Mood) State(CopiedPartition partition) =>
        State(
            partition switch
            {
                { State: CopyState.Failed } => CopiedTopicState.Failed,
                { State: CopyState.Stopped } => CopiedTopicState.Stopped,
                { Wish: CopyWish.Stop } => CopiedTopicState.Stopping,
                { State: CopyState.Paused } => CopiedTopicState.Paused,
                { FirstOffset: null } => CopiedTopicState.Waiting,
                { State: CopyState.Following } => CopiedTopicState.Following,
                _ => CopiedTopicState.Copying,
            }
        );

    /// <summary>How far behind Kafka: <c>12 messages, 8 s</c>.</summary>
    internal static string Lag(long messages, TimeSpan? behind) =>
        messages == 0 ? "none" : Counted.Of(messages, "message") + (behind is { } age ? $", {Age(age)}" : "");

    internal static TimeSpan? Behind(CopiedPartition partition, DateTimeOffset now) =>
        partition is { Lag: > 0, LastTimestamp: > 0 }
        && now - DateTimeOffset.FromUnixTimeMilliseconds(partition.LastTimestamp) is { Ticks: > 0 } age
            ? age
            : null;

    internal static string Rate(double? messages, double? bytes) =>
        messages switch
        {
            null => "–",
            0 => "idle",
            _ => $"{MigrationText.Rate(messages)}, {ByteSize.Text((long)(bytes ?? 0))}/s",
        };

    /// <summary>The limits of a migration.</summary>
    internal static string Limit(CopyRate rate) =>
        (rate.BytesPerSecond, rate.MessagesPerSecond) switch
        {
            (null, null) => "no limit",
            ({ } bytes, null) => $"{ByteSize.Text(bytes)}/s",
            (null, { } messages) => $"{MigrationText.Count(messages)} msg/s",
            ({ } bytes, { } messages) => $"{ByteSize.Text(bytes)}/s and {MigrationText.Count(messages)} msg/s",
        };

    internal static string Tombstones(Tombstones choice) =>
        choice switch
        {
            Domain.Migration.Tombstones.Keep => "copied with a null value",
            Domain.Migration.Tombstones.Empty => "copied with an empty value",
            Domain.Migration.Tombstones.Skip => "left out",
        };

    internal static string TooLarge(TooLarge choice) =>
        choice switch
        {
            Domain.Migration.TooLarge.Stop => "stop their partition",
            Domain.Migration.TooLarge.Skip => "left out and listed",
        };

    /// <summary>Of all partitions of a topic together; null where none was asked for.</summary>
    internal static (string Words, string? Mood, string? Detail)? Proof(CopiedTopic topic)
    {
        var proofs = topic.Partitions.Where(one => one.Proof is not null).Select(one => one.Proof!).ToList();
        if (proofs.Count == 0)
            return null;
        var stood = proofs.Find(proof => proof.Problem is not null)?.Problem;
        if (proofs.Exists(proof => proof.State == ProofState.Running))
            return ("comparing…", "info busy", stood ?? $"{Counted.Of(proofs.Sum(proof => proof.SourceCount), "record")} so far");
        if (proofs.Sum(proof => proof.Differences) is > 0 and var differences)
            return (Counted.Of(differences, "difference"), "bad", Compared(proofs));
        if (proofs.Exists(proof => proof.State == ProofState.Failed))
            return ("couldn't compare", "bad", stood);
        return proofs.Count == topic.Partitions.Count
            ? ("identical", "good", Compared(proofs))
            : ($"{proofs.Count} of {topic.Partitions.Count} partitions identical", "warn", Compared(proofs));
    }

    internal static (string Words, string? Mood, string? Detail)? Proof(PartitionProof? proof) =>
        proof switch
        {
            null => null,
            { State: ProofState.Running } => (
                "comparing…",
                "info busy",
                proof.ProblemMessage ?? $"{Counted.Of(proof.SourceCount, "record")} so far"
            ),
            { State: ProofState.Failed } => ("couldn't compare", "bad", proof.ProblemMessage),
            { State: ProofState.Equal } => ("identical", "good", Compared(proof.IsSampled, proof.SourceCount, proof.TargetCount)),
            { State: ProofState.Different } => (
                Counted.Of(proof.Differences, "difference"),
                "bad",
                Compared(proof.IsSampled, proof.SourceCount, proof.TargetCount)
            ),
        };

    internal static string Difference(Difference difference) =>
        difference.Kind switch
        {
            RecordFault.Missing => "Missing: Kafka has it, Pulsar doesn't.",
            RecordFault.Doubled => "Duplicate: Pulsar has it more than once.",
            RecordFault.Swapped => $"Out of order: in Pulsar it comes after offset {difference.Other}.",
            RecordFault.Changed => "Changed: its key, value, headers, or time differs.",
            RecordFault.Extra => "Extra: Pulsar has it, Kafka doesn't.",
        };

    private static string Compared(List<ProofLine> proofs) =>
        Compared(proofs.Exists(proof => proof.IsSampled), proofs.Sum(proof => proof.SourceCount), proofs.Sum(proof => proof.TargetCount));

    private static string Compared(bool sampled, long source, long target) =>
        (
            source == target
                ? Counted.Of(source, "record")
                : $"{Counted.Of(source, "record")} in Kafka, {MigrationText.Count(target)} in Pulsar"
        ) + (sampled ? " compared, as samples" : " compared, all of them");

    /// <summary>Short: <c>8 s</c>, <c>3 min</c>, <c>2 h</c>, <c>4 days</c>.</summary>
    internal static string Age(TimeSpan time) =>
        time switch
        {
            { TotalSeconds: < 1 } => "< 1 s",
            { TotalSeconds: < 120 } => $"{time.TotalSeconds.ToString("N0", CultureInfo.InvariantCulture)} s",
            { TotalMinutes: < 120 } => $"{time.TotalMinutes.ToString("N0", CultureInfo.InvariantCulture)} min",
            { TotalHours: < 48 } => $"{time.TotalHours.ToString("N0", CultureInfo.InvariantCulture)} h",
            _ => $"{time.TotalDays.ToString("N0", CultureInfo.InvariantCulture)} days",
        };
}

internal static class CopyStarts
{
    /// <summary>Starts all topics that move and aren't copied yet, as many at a time as one request takes.</summary>
    /// <returns>What stopped it; null when nothing did.</returns>
    internal static async Task<Problem?> AllAsync(
        this StartCopying start,
        Actor actor,
        string organization,
        MigrationId id,
        CopyChoices choices,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            if (!(await start.RunAsync(actor, organization, id, null, choices, cancellationToken)).TryGet(out var started, out var problem))
                return problem;
            if (started is not { Left: true, Topics: > 0 })
                return null;
        }
    }
}

/// <summary>Rate limits as they are typed; an empty field is no limit.</summary>
public sealed class CopyRateValues
{
    public string MiB { get; set; } = "";
    public string Messages { get; set; } = "";

    public static CopyRateValues Of(CopyRate rate) =>
        new()
        {
            MiB = rate.BytesPerSecond is { } bytes ? ((decimal)bytes / ByteSize.MiB).ToString("0.###", CultureInfo.InvariantCulture) : "",
            Messages = rate.MessagesPerSecond is { } messages ? messages.ToString(CultureInfo.InvariantCulture) : "",
        };

    /// <summary>0 for no limit.</summary>
    public Outcome<(long Bytes, int Messages)> Read()
    {
        decimal mebibytes = 0;
        var messages = 0;
        if (
            MiB.Trim().Length > 0
            && (
                !decimal.TryParse(
                    MiB,
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out mebibytes
                ) || mebibytes is <= 0 or > 1_000_000
            )
        )
            return new Problem.Invalid(
                "copy-rate-malformed",
                "Enter a number of MiB per second, such as 10 or 0.5. Leave it empty for no limit.",
                "bytesPerSecond"
            );
        if (
            Messages.Trim().Length > 0
            && (
                !int.TryParse(
                    Messages,
                    NumberStyles.AllowThousands | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                    CultureInfo.InvariantCulture,
                    out messages
                )
                || messages < 1
            )
        )
            return new Problem.Invalid(
                "copy-rate-malformed",
                "Enter a whole number of messages per second, such as 5,000. Leave it empty for no limit.",
                "messagesPerSecond"
            );
        return (Math.Max((long)(mebibytes * ByteSize.MiB), mebibytes > 0 ? 1 : 0), messages);
    }
}
