using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Features.Api;

namespace Portal.Features.Migration;

/// <param name="Topics">Names in Kafka, at most 100; leave it out for all that move and aren't copied yet.</param>
/// <param name="BytesPerSecond">For the whole migration; 0 for no limit.</param>
/// <param name="MessagesPerSecond">For the whole migration; 0 for no limit.</param>
/// <param name="Tombstones">What becomes of records without a value; keep by default.</param>
/// <param name="TooLarge">What becomes of records larger than the target takes; stop by default.</param>
/// <param name="OneKeyPerEntry">Keep messages of different keys in entries of their own, for Key_Shared subscriptions.</param>
public sealed record StartCopyingBody(
    IReadOnlyList<string>? Topics,
    long? BytesPerSecond,
    int? MessagesPerSecond,
    [OneOf("keep", "empty", "skip")] string? Tombstones,
    [OneOf("stop", "skip")] string? TooLarge,
    bool? OneKeyPerEntry,
    bool? Compress
);

/// <param name="Created">Topics that are being created.</param>
/// <param name="More">true: more topics wait. Start again to go on with them.</param>
public sealed record StartedCopiesBody(int Topics, int Partitions, int Created, bool More);

/// <param name="Topic">In Kafka; leave it out for all.</param>
public sealed record CopyTopicBody(string? Topic);

public sealed record SteeredBody(int Partitions);

/// <param name="BytesPerSecond">null for no limit.</param>
/// <param name="MessagesPerSecond">null for no limit.</param>
public sealed record CopyRateBody(long? BytesPerSecond, int? MessagesPerSecond);

/// <param name="Following">Partitions that have caught up and follow what is still written.</param>
/// <param name="Lag">Messages that are still to be copied.</param>
/// <param name="Proven">Partitions whose last verification found no difference.</param>
/// <param name="Different">Partitions whose last verification found differences.</param>
public sealed record CopyBody(
    int Partitions,
    int Following,
    int Paused,
    int Stopped,
    int Failed,
    long Messages,
    long Bytes,
    long Skipped,
    long Lag,
    int Proven,
    int Different,
    CopyRateBody Rate,
    [OneOf("keep", "empty", "skip")] string Tombstones,
    [OneOf("stop", "skip")] string TooLarge,
    bool OneKeyPerEntry,
    bool Compress
);

/// <param name="NextOffset">Everything before it is confirmed in Pulsar.</param>
/// <param name="LagSeconds">How old the last copied record is while more wait; null while nothing lags.</param>
public sealed record CopiedPartitionBody(
    Guid Id,
    string Topic,
    int Partition,
    string Target,
    [OneOf("copying", "following", "paused", "stopped", "failed")] string State,
    long? FirstOffset,
    long NextOffset,
    long EndOffset,
    long Lag,
    double? LagSeconds,
    long Messages,
    long Bytes,
    long Skipped,
    StateProblemBody? Problem,
    PartitionProofBody? Proof
);

/// <param name="Topic">In Kafka.</param>
/// <param name="Copied">Kafka offsets that are copied, of <paramref name="Total"/> up to Kafka's end.</param>
/// <param name="LagSeconds">How old the last copied record is while more wait; null while nothing lags.</param>
/// <param name="MessagesPerSecond">Measured over the last seconds; null while nothing is.</param>
/// <param name="Skipped">Records that were left out.</param>
/// <param name="Proven">Partitions whose last verification found no difference.</param>
/// <param name="Problem">Why it waits or has failed.</param>
public sealed record CopiedTopicBody(
    string Topic,
    string Target,
    int Partitions,
    [OneOf("failed", "stopping", "waiting", "copying", "paused", "following", "stopped")] string State,
    long Copied,
    long Total,
    long Lag,
    double? LagSeconds,
    double? MessagesPerSecond,
    double? BytesPerSecond,
    long Messages,
    long Bytes,
    long Skipped,
    int Proven,
    long Differences,
    string? Problem
);

/// <param name="SourceHash">SHA-256 over all compared records in order.</param>
/// <param name="Sampled">Stretches of the partition were compared, not all of it.</param>
/// <param name="Notes">What explains the numbers: gaps, retention, samples.</param>
public sealed record PartitionProofBody(
    [OneOf("running", "equal", "different", "failed")] string State,
    bool Sampled,
    long FromOffset,
    long UntilOffset,
    long SourceMessages,
    long TargetMessages,
    long ForeignMessages,
    long Differences,
    string SourceHash,
    string TargetHash,
    IReadOnlyList<string> Notes,
    string? Problem,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt
);

/// <param name="LeftOut">At most 200.</param>
/// <param name="Differences">At most 200; the proof counts all.</param>
public sealed record CopiedPartitionDetailBody(
    CopiedPartitionBody Copy,
    IReadOnlyList<CopyRemarkBody> LeftOut,
    IReadOnlyList<CopyDifferenceBody> Differences
);

public sealed record CopyRemarkBody([OneOf("too-large", "gone")] string Kind, long Offset, long? UntilOffset, string Message);

/// <param name="Offset">Of the record in Kafka.</param>
/// <param name="OtherOffset">Of a swapped record: the one that it stands behind.</param>
public sealed record CopyDifferenceBody(
    [OneOf("missing", "doubled", "swapped", "changed", "extra")] string Kind,
    long Offset,
    long? OtherOffset
);

internal static class CopyBodies
{
    internal static Outcome<Tombstones?> Tombstones(string? text) =>
        text switch
        {
            null => Outcome.Of<Tombstones?>(null),
            "keep" => Domain.Migration.Tombstones.Keep,
            "empty" => Domain.Migration.Tombstones.Empty,
            "skip" => Domain.Migration.Tombstones.Skip,
            _ => new Problem.Invalid("tombstones-unknown", "tombstones is keep, empty, or skip.", "tombstones"),
        };

    internal static Outcome<TooLarge?> TooLarge(string? text) =>
        text switch
        {
            null => Outcome.Of<TooLarge?>(null),
            "stop" => Domain.Migration.TooLarge.Stop,
            "skip" => Domain.Migration.TooLarge.Skip,
            _ => new Problem.Invalid("too-large-unknown", "tooLarge is stop or skip.", "tooLarge"),
        };

    internal static CopyBody Of(CopyOverview overview)
    {
        var (sums, settings) = (overview.Sums, overview.Settings);
        return new(
            sums.Partitions,
            sums.Following,
            sums.Paused,
            sums.Stopped,
            sums.Failed,
            sums.Messages,
            sums.Bytes,
            sums.Skipped,
            sums.Lag,
            sums.Proven,
            sums.Different,
            new(settings?.BytesPerSecond, settings?.MessagesPerSecond),
            Text(settings?.Tombstones ?? default),
            Text(settings?.TooLarge ?? default),
            settings?.OneKeyPerEntry == true,
            settings?.Compress == true
        );
    }

    internal static CopiedTopicBody Of(CopiedTopic topic, TimeProvider clock) =>
        new(
            topic.Name,
            topic.Address,
            topic.Partitions.Count,
            Text(topic.State),
            topic.Done,
            topic.Total,
            topic.Lag,
            topic.Behind(clock.Now())?.TotalSeconds,
            topic.MessagesPerSecond,
            topic.BytesPerSecond,
            topic.Messages,
            topic.Bytes,
            topic.Skipped,
            topic.Partitions.Count(one => one.Proof?.State == ProofState.Equal),
            topic.Partitions.Sum(one => one.Proof?.Differences ?? 0),
            topic.Problem?.Text
        );

    internal static CopiedPartitionBody Of(CopyStanding standing, TimeProvider clock)
    {
        var (one, proof) = (standing.Partition, standing.Proof);
        return new(
            one.Id.Value,
            one.SourceTopic,
            one.Number,
            one.Address,
            Text(one.State),
            one.FirstOffset,
            one.NextOffset,
            one.SourceEnd,
            one.Lag,
            one is { Lag: > 0, LastTimestamp: > 0 }
                ? Math.Max(0, (clock.Now() - DateTimeOffset.FromUnixTimeMilliseconds(one.LastTimestamp)).TotalSeconds)
                : null,
            one.Messages,
            one.Bytes,
            one.Skipped,
            one.ProblemMessage is { } message ? new(one.ProblemCode!, message) : null,
            proof is null
                ? null
                : new(
                    Text(proof.State),
                    proof.IsSampled,
                    proof.FromOffset,
                    proof.UntilOffset,
                    proof.SourceCount,
                    proof.TargetCount,
                    proof.ForeignCount,
                    proof.Differences,
                    proof.SourceHash,
                    proof.TargetHash,
                    proof.Notes.Length == 0 ? [] : proof.Notes.Split('\n'),
                    proof.ProblemMessage,
                    proof.StartedAt,
                    proof.EndedAt
                )
        );
    }

    internal static CopiedPartitionDetailBody Detail(CopyStanding standing, TimeProvider clock) =>
        new(
            Of(standing, clock),
            [.. standing.Partition.Remarks.Select(remark => new CopyRemarkBody(remark.Kind, remark.Offset, remark.Until, remark.Text))],
            [
                .. (standing.Proof?.Listed ?? []).Select(difference => new CopyDifferenceBody(
                    Text(difference.Kind),
                    difference.Offset,
                    difference.Other
                )),
            ]
        );

    private static string Text<TCase>(TCase value)
        where TCase : struct, Enum => $"{value}".ToLowerInvariant();
}
