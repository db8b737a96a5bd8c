using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Copies one partition back to Kafka.</summary>
public sealed record BackWork(CopyId Partition) : IWorkPayload
{
    public static string Kind => "migration.back";
}

public static class BackPlaces
{
    public static WorkPlace BackPlace(this CopiedPartition partition) =>
        new(
            Lanes.Copy(partition.Cluster),
            $"back:{partition.Id}",
            partition.OrganizationId,
            $"{partition.Address} back to {partition.Source}",
            WorkPriority.Background
        );
}

/// <summary>
/// Writes what others than the copy have sent, a few seconds at a step, partition to partition and in order. Kafka's end is
/// noted before anything is written behind it; a step that died is found again there by the header with the message's id.
/// </summary>
public sealed class BackSteps(
    IPortalDatabase database,
    IMigrationSources sources,
    IKafkaPartitions kafka,
    IKafkaBack back,
    IPulsarPartitions pulsar,
    CopyPace pace,
    TimeProvider clock
) : IWorkStep<BackWork>
{
    internal const int MostBytes = 1024 * 1024;
    internal static readonly TimeSpan StepTime = TimeSpan.FromSeconds(5);
    internal static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    public async Task<StepResult> RunAsync(BackWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
        CopyProblems.Doubted(await StepAsync(payload, cancellationToken), turn);

    private async Task<StepResult> StepAsync(BackWork payload, CancellationToken cancellationToken)
    {
        var (view, row) = await database.ReadAsync(
            async session =>
                (
                    await CopyView.ReadAsync(session, payload.Partition, cancellationToken),
                    await session.WaysBack.FindAsync(payload.Partition, cancellationToken)
                ),
            cancellationToken
        );
        if (view?.Partition is not { } partition || row is not { State: BackState.Copying })
            return StepResult.Finished;
        if (view.Held is { Code: "organization-suspended" } held)
            return new StepResult.Later(held, TimeSpan.FromMinutes(1));
        if (view.Target is not { } target)
            return new StepResult.Refused(CopyProblems.TargetMissing(partition.Address));
        if (await sources.OfAsync(partition.MigrationId, cancellationToken) is not { } connection)
            return new StepResult.Refused(CopyProblems.NoSource);
        if (!(await kafka.OffsetsAsync(connection, partition.Source, cancellationToken)).TryGet(out var offsets, out var problem))
            return StepResult.Of(problem);
        if (row.KafkaEnd is not { } noted)
        {
            return new StepResult.GoOn(
                null,
                default,
                async (session, token) => (await session.WaysBack.FindAsync(partition.Id, token))?.Begin(offsets.End)
            );
        }
        if (
            !(await WrittenAsync(connection, partition.Source, Math.Max(noted, offsets.First), offsets.End, cancellationToken)).TryGet(
                out var written,
                out problem
            )
        )
            return StepResult.Of(problem);
        if (!(await pulsar.ReaderAsync(target, row.Position, cancellationToken)).TryGet(out var reader, out problem))
            return StepResult.Of(problem);
        await using var closeReader = reader;
        if (!(await reader.LastAsync(cancellationToken)).TryGet(out var last, out problem))
            return StepResult.Of(problem);
        if (!(await back.OpenAsync(connection, partition.Source, cancellationToken)).TryGet(out var writer, out problem))
            return StepResult.Of(problem);
        await using var closeWriter = writer;

        var run = new BackRun(partition, row, reader, writer, written, last, Math.Max(noted, offsets.End), noted, clock);
        var stood = await run.GoAsync(
            (weight, count) => pace.TakeAsync(partition.MigrationId, view.Settings.Rate, weight, count, 4 * StepTime, cancellationToken),
            cancellationToken
        );
        if (stood is not null && run.Mark is null)
            return StepResult.Of(stood);
        Settle note = async (session, token) =>
        {
            if (await session.WaysBack.FindAsync(partition.Id, token) is not { State: BackState.Copying } now)
                return;
            if (run.Mark is { } mark)
                now.Advance(mark.At, mark.KafkaEnd, mark.Messages, mark.Bytes, mark.LeftOut);
            if (run.Obstacle is { } obstacle)
                now.Fail(obstacle, clock.Now());
            else if (run.IsDone)
                now.End(clock.Now());
        };
        if (run.IsDone || run.Obstacle is not null)
            return new StepResult.Done(note);
        return new StepResult.GoOn(
            null,
            run.IsWaiting ? BackRun.ChunkWait : default,
            note,
            new WorkProgress(row.Messages + (run.Mark?.Messages ?? 0), 0, "messages", null)
        );
    }

    public async Task PostponedAsync(IPortalSession session, BackWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.WaysBack.FindAsync(payload.Partition, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, BackWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.WaysBack.FindAsync(payload.Partition, cancellationToken))?.Fail(problem, clock.Now());

    /// <summary>What of the portal's own stands in Kafka behind what was noted: the last of it, and how many.</summary>
    private async Task<Outcome<(MessagePosition? Last, int Count)>> WrittenAsync(
        KafkaConnection connection,
        KafkaPartition source,
        long from,
        long end,
        CancellationToken cancellationToken
    )
    {
        MessagePosition? last = null;
        var count = 0;
        if (from >= end)
            return (last, count);
        if (!(await kafka.OpenAsync(connection, source, from, cancellationToken)).TryGet(out var reader, out var problem))
            return problem;
        await using var closing = reader;
        for (var next = from; next < end; )
        {
            if (!(await reader.ReadAsync(MostBytes, Wait, cancellationToken)).TryGet(out var batch, out problem))
                return problem;
            foreach (var record in batch.Records)
            {
                if (BackForm.OriginOf(record) is not { } origin)
                    continue;
                count++;
                if (last is not { } highest || BackRun.Order(origin, highest) > 0)
                    last = origin;
            }
            if (batch.AtEnd || (batch.Records.Count == 0 && batch.Next == next))
                break;
            next = batch.Next;
        }
        return (last, count);
    }
}
