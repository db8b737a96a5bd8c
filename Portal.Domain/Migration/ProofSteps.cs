using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

public sealed record ProveWork(CopyId Partition) : IWorkPayload
{
    public static string Kind => "migration.prove";
}

/// <summary>How much of a partition a proof compares.</summary>
/// <param name="WholeUpTo">Records: a partition that has more is sampled.</param>
/// <param name="Samples">Stretches, spread evenly.</param>
/// <param name="SampleLength">Records of each stretch.</param>
public sealed record ProofSettings(long WholeUpTo, int Samples, int SampleLength)
{
    public static ProofSettings Default { get; } = new(20_000_000, 100, 10_000);
}

/// <summary>
/// Proves one partition: reads Kafka and Pulsar side by side, up to where the copy had come, and compares every record. A
/// step compares for a while and notes where it stands.
/// </summary>
public sealed class ProofSteps(
    IPortalDatabase database,
    IMigrationSources sources,
    IKafkaPartitions kafka,
    IPulsarPartitions pulsar,
    ProofSettings settings,
    TimeProvider clock
) : IWorkStep<ProveWork>
{
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(10);

    public async Task<StepResult> RunAsync(ProveWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
        CopyProblems.Doubted(await StepAsync(payload, turn, cancellationToken), turn);

    private async Task<StepResult> StepAsync(ProveWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (view, proof) = await database.ReadAsync(
            async session =>
                (
                    await CopyView.ReadAsync(session, payload.Partition, cancellationToken),
                    await session.Copies.ProofAsync(payload.Partition, cancellationToken)
                ),
            cancellationToken
        );
        if (view?.Partition is not { } partition || proof is not { State: ProofState.Running })
            return StepResult.Finished;
        if (view.Target is not { } target)
            return new StepResult.Refused(CopyProblems.TargetMissing(partition.Address));
        if (await sources.OfAsync(partition.MigrationId, cancellationToken) is not { } connection)
            return new StepResult.Refused(CopyProblems.NoSource);
        if (
            !(await kafka.IsCompactedAsync(connection, partition.SourceTopic, cancellationToken)).TryGet(out var compacted, out var problem)
        )
            return StepResult.Of(problem);
        ProofPlace place;
        if (turn.Checkpoint is { } checkpoint)
            place = JsonSerializer.Deserialize<ProofPlace>(checkpoint)!;
        else
        {
            if (!(await kafka.OffsetsAsync(connection, partition.Source, cancellationToken)).TryGet(out var offsets, out problem))
                return StepResult.Of(problem);
            var from = Math.Max(offsets.First, partition.FirstOffset ?? offsets.First);
            place = new()
            {
                First = from,
                KafkaFirst = offsets.First,
                Stretches = ProofStretch.Plan(from, proof.UntilOffset, partition.Marks, settings),
            };
        }
        var run = new ProofRun(partition, view.Settings, place, compacted != false, clock);
        if (
            await run.GoAsync(
                (offset, token) => kafka.OpenAsync(connection, partition.Source, offset, token),
                (after, token) => pulsar.ReaderAsync(target, after, token),
                StepTime,
                cancellationToken
            ) is
            { } stood
        )
            return StepResult.Of(stood);
        Settle note = async (session, token) =>
        {
            if (await session.Copies.ProofAsync(partition.Id, token) is not { State: ProofState.Running } now)
                return;
            now.Look(place.First, place.State);
            if (place.IsDone)
                now.End(place.IsSampled(now.UntilOffset), ProofWords.Of(partition, place, now.UntilOffset, compacted), clock.Now());
        };
        var progress = new WorkProgress(
            place.State.SourceCount,
            Math.Max(place.State.SourceCount, proof.UntilOffset - place.First),
            "messages",
            null
        );
        return place.IsDone
            ? new StepResult.Done(note, progress)
            : new StepResult.GoOn(JsonSerializer.Serialize(place), default, note, progress);
    }

    public async Task PostponedAsync(IPortalSession session, ProveWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Copies.ProofAsync(payload.Partition, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, ProveWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Copies.ProofAsync(payload.Partition, cancellationToken))?.Fail(problem, clock.Now());
}

/// <summary>A stretch of offsets that is compared without a gap.</summary>
/// <param name="Until">Not with it.</param>
/// <param name="After">The place in Pulsar before its first record; null for the topic's beginning.</param>
public sealed record ProofStretch(long From, long Until, CopyMark? After)
{
    /// <summary>The whole, or samples from marks that are spread evenly, the first and the last records among them.</summary>
    public static List<ProofStretch> Plan(long from, long until, IReadOnlyList<CopyMark> marks, ProofSettings settings)
    {
        if (until <= from)
            return [];
        if (until - from <= settings.WholeUpTo)
            return [new(from, until, null)];
        var stretches = new List<ProofStretch> { new(from, Math.Min(until, from + settings.SampleLength), null) };
        for (var sample = 1; sample < settings.Samples; sample++)
        {
            var wanted = from + (until - from) / settings.Samples * sample;
            if (marks.LastOrDefault(mark => mark.Next <= wanted) is not { } mark || mark.Next < stretches[^1].Until)
                continue;
            stretches.Add(new(mark.Next, Math.Min(until, mark.Next + settings.SampleLength), mark));
        }
        return stretches;
    }
}

/// <summary>Where a proof stands between two steps.</summary>
public sealed class ProofPlace
{
    public long First { get; set; }

    /// <summary>What Kafka had first when the proof began.</summary>
    public long KafkaFirst { get; set; }

    public List<ProofStretch> Stretches { get; set; } = [];

    /// <summary>The stretch that is being compared.</summary>
    public int Stretch { get; set; }

    /// <summary>Inside of it: the next record of Kafka; null at its beginning.</summary>
    public long? Next { get; set; }

    /// <summary>The last entry of Pulsar of which every message was compared.</summary>
    public CopyMark? Entry { get; set; }

    /// <summary>How many messages of the entry behind it were compared too.</summary>
    public int Inside { get; set; }

    public DifferenceFinder.State State { get; set; } = new();

    public bool IsDone => Stretch >= Stretches.Count;

    /// <param name="until">What the whole would be compared up to.</param>
    public bool IsSampled(long until) => Stretches is not ([] or [{ After: null }]) || Stretches is [var only] && only.Until != until;
}

/// <summary>What a proof says beside its numbers.</summary>
internal static class ProofWords
{
    public static IEnumerable<string> Of(CopiedPartition partition, ProofPlace place, long until, bool? compacted)
    {
        var state = place.State;
        if (place.Stretches.Count == 0)
            yield return "Kafka has no records to compare.";
        else if (place.IsSampled(until))
        {
            yield return $"Compared in {place.Stretches.Count} samples: {state.SourceCount:N0} of {until - place.First:N0} "
                + "offsets, the first "
                + "records among them. "
                + $"They begin at {string.Join(", ", place.Stretches.Take(10).Select(stretch => stretch.From))}{(place.Stretches.Count > 10 ? ", …" : "")}.";
        }
        if (place.KafkaFirst > (partition.FirstOffset ?? 0))
            yield return $"Kafka deleted the records before offset {place.KafkaFirst} by its retention after the copy began; "
                + "they can't be compared any more.";
        else if (place.First > 0)
            yield return $"Kafka's records begin at offset {place.First}: older ones were deleted by its retention before the copy began.";
        var gaps = place.Stretches.Sum(stretch => stretch.Until - stretch.From) - state.SourceCount;
        if (gaps > 0)
        {
            yield return compacted == false
                ? $"{Offsets(gaps)} no record that consumers see: marks of transactions, and records of transactions that were aborted."
                : $"{Offsets(gaps)} no record that consumers see: compaction removed them, or they belong to transactions (marks, "
                    + "and records that were aborted).";
        }
        if (partition.Skipped > 0)
            yield return partition.Skipped == 1
                ? "1 record was left out as you chose."
                : $"{partition.Skipped:N0} records were left out as you chose.";
        if (state.Vanished > 0)
            yield return $"Compaction has since removed {state.Vanished:N0} copied "
                + $"{(state.Vanished == 1 ? "record" : "records")} from Kafka. "
                + $"Pulsar still has {(state.Vanished == 1 ? "it" : "them")}.";
        if (state.Foreign > 0)
            yield return $"{state.Foreign:N0} {(state.Foreign == 1 ? "message" : "messages")} in the partition came from other "
                + "producers and "
                + $"{(state.Foreign == 1 ? "was" : "were")} not compared.";
    }

    private static string Offsets(long count) => count == 1 ? "1 offset holds" : $"{count:N0} offsets hold";
}
