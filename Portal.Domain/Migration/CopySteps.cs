using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

public sealed record CopyWork(CopyId Partition) : IWorkPayload
{
    public static string Kind => "migration.copy";
}

public static class CopyPlaces
{
    /// <summary>A line of its own for each partition.</summary>
    public static WorkPlace Place(this CopiedPartition partition) =>
        new(
            Lanes.Copy(partition.Cluster),
            $"copy:{partition.Id}",
            partition.OrganizationId,
            $"{partition.Source} to {partition.Address}",
            WorkPriority.Background
        );

    public static WorkPlace ProofPlace(this CopiedPartition partition) =>
        new(
            Lanes.Copy(partition.Cluster),
            $"prove:{partition.Id}",
            partition.OrganizationId,
            $"{partition.Source}",
            WorkPriority.Background
        );
}

/// <summary>
/// Copies one partition, a few seconds at a step. What a step wrote is confirmed before it is noted, so a copy that dies
/// repeats what it had not noted: the broker drops that by its sequence ids. Where the broker does not remember them
/// (it forgets a producer that was away for hours), the end of the topic is read and the copy goes on behind what is there.
/// </summary>
public sealed class CopySteps(
    IPortalDatabase database,
    IMigrationSources sources,
    IKafkaPartitions kafka,
    IPulsarPartitions pulsar,
    IRepeats repeats,
    OpenCopies open,
    CopyPace pace,
    TimeProvider clock
) : IWorkStep<CopyWork>
{
    private const int ReadBytes = 1024 * 1024;
    private static readonly TimeSpan StepTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan NextWait = TimeSpan.FromMilliseconds(200);

    public async Task<StepResult> RunAsync(CopyWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
        CopyProblems.Doubted(await StepAsync(payload, cancellationToken), turn);

    private async Task<StepResult> StepAsync(CopyWork payload, CancellationToken cancellationToken)
    {
        var view = await database.ReadAsync(
            session => CopyView.ReadAsync(session, payload.Partition, cancellationToken),
            cancellationToken
        );
        if (view is not { Partition: { State: not (CopyState.Stopped or CopyState.Failed), Wish: var wish } partition })
            return StepResult.Finished;
        if (wish == CopyWish.Pause)
            return StepResult.Finished;
        if (wish == CopyWish.Stop)
            return await StopAsync(view, cancellationToken);
        if (view.Held is { } held)
            return new StepResult.Later(held, TimeSpan.FromMinutes(1));
        if (view.Target is not { } target)
            return new StepResult.Refused(CopyProblems.TargetMissing(partition.Address));
        if (view.IsEarly)
            return new StepResult.Later(CopyProblems.TargetNotReady(partition.Address), TimeSpan.FromMilliseconds(500));
        if (await sources.OfAsync(partition.MigrationId, cancellationToken) is not { } connection)
            return new StepResult.Refused(CopyProblems.NoSource);

        if (partition.FirstOffset is null)
            return await BeginAsync(partition, target, connection, cancellationToken);
        var opened = await open.TakeAsync(partition.Id, connection, view.Settings.Writer, partition.NextOffset) is { } kept
            ? kept
            : await OpenAsync(partition, target, connection, view.Settings.Writer, cancellationToken);
        if (!opened.TryGet(out var copy, out var unopened))
            return StepResult.Of(unopened);
        var run = new CopyRun(partition, view.Settings, copy, pace, clock);
        var healthy = false;
        try
        {
            var waited = copy.Idle > 0 || partition.State == CopyState.Following ? NextWait : FirstWait;
            var problem = await run.GoAsync(ReadBytes, waited, StepTime, cancellationToken);
            if (problem is { Code: "kafka-offset-gone" })
                return await SkipGoneAsync(partition, connection, cancellationToken);
            healthy = problem is null;
            if (problem is not null and not Problem.Conflict { Code: "record-too-large" })
                return StepResult.Of(problem);
            var advance = run.Advance;
            return problem is null
                ? new StepResult.GoOn(null, run.Rest, Settled(partition.Id, advance), Progress(partition, advance))
                // What came before the record is noted, and the copy stops there.
                : new StepResult.Done(
                    async (session, token) =>
                    {
                        await Settled(partition.Id, advance)(session, token);
                        (await session.Copies.FindAsync(partition.Id, token))?.Fail(problem, clock.Now());
                    }
                );
        }
        finally
        {
            if (healthy)
                await open.KeepAsync(partition.Id, copy);
            else
                await copy.DisposeAsync();
        }
    }

    public async Task PostponedAsync(IPortalSession session, CopyWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Copies.FindAsync(payload.Partition, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(IPortalSession session, CopyWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Copies.FindAsync(payload.Partition, cancellationToken))?.Fail(problem, clock.Now());

    private async Task<StepResult> StopAsync(CopyView view, CancellationToken cancellationToken)
    {
        if (view.Target is { } target && !view.IsEarly)
        {
            var left = await repeats.DropAsync(target.Topic, drop: false, cancellationToken);
            if (left.Problem is { } problem and not Problem.NotFound)
                return StepResult.Of(problem);
        }
        return new StepResult.Done(
            async (session, token) => (await session.Copies.FindAsync(view.Partition!.Id, token))?.Stopped(clock.Now())
        );
    }

    /// <summary>A copy begins with what Kafka still has; that older records are gone is no loss of the copy's.</summary>
    private async Task<StepResult> BeginAsync(
        CopiedPartition partition,
        PulsarPartition target,
        KafkaConnection connection,
        CancellationToken cancellationToken
    )
    {
        if (!(await kafka.OffsetsAsync(connection, partition.Source, cancellationToken)).TryGet(out var offsets, out var away))
            return StepResult.Of(away);
        if ((await repeats.DropAsync(target.Topic, drop: true, cancellationToken)).Problem is { } refused)
            return StepResult.Of(refused);
        if (!(await pulsar.ReaderAsync(target, null, cancellationToken)).TryGet(out var reader, out var unreadable))
            return StepResult.Of(unreadable);
        await using var closing = reader;
        if (!(await reader.LastAsync(cancellationToken)).TryGet(out var last, out unreadable))
            return StepResult.Of(unreadable);
        return new StepResult.GoOn(
            null,
            default,
            async (session, token) =>
            {
                if (await session.Copies.FindAsync(partition.Id, token) is { FirstOffset: null } now)
                    now.Begin(offsets, last, clock.Now());
            }
        );
    }

    /// <summary>Kafka's retention was faster than the copy: what is gone is said, and the copy goes on with what is there.</summary>
    private async Task<StepResult> SkipGoneAsync(CopiedPartition partition, KafkaConnection connection, CancellationToken cancellationToken)
    {
        if (!(await kafka.OffsetsAsync(connection, partition.Source, cancellationToken)).TryGet(out var offsets, out var problem))
            return StepResult.Of(problem);
        if (partition.NextOffset > offsets.End)
            return new StepResult.Refused(CopyProblems.SourceReplaced(partition.Source, partition.NextOffset, offsets.End));
        if (partition.NextOffset >= offsets.First)
            return new StepResult.GoOn(null, TimeSpan.FromSeconds(1));
        var gone = new CopyRemark("gone", partition.NextOffset, offsets.First, CopyProblems.GoneText(partition.NextOffset, offsets.First));
        return new StepResult.GoOn(
            null,
            default,
            Settled(partition.Id, new(partition.NextOffset, offsets.First, offsets.End, 0, null, 0, 0, 0, 0, false, [gone]))
        );
    }

    private async Task<Outcome<OpenCopy>> OpenAsync(
        CopiedPartition partition,
        PulsarPartition target,
        KafkaConnection connection,
        WriterSettings settings,
        CancellationToken cancellationToken
    )
    {
        var next = partition.NextOffset;
        if (!(await kafka.OffsetsAsync(connection, partition.Source, cancellationToken)).TryGet(out var offsets, out var away))
            return away;
        if (next > offsets.End)
            return CopyProblems.SourceReplaced(partition.Source, next, offsets.End);
        if (!(await pulsar.WriterAsync(target, partition.Producer, settings, cancellationToken)).TryGet(out var writer, out var unwritable))
            return unwritable;
        var handedOver = false;
        try
        {
            // Not even what was noted is remembered: the broker would take repeats.
            if (writer.LastSequence < Math.Max(partition.Sequence, 1))
            {
                if (!(await LastThereAsync(partition, target, cancellationToken)).TryGet(out var there, out var unreadable))
                    return unreadable;
                next = Math.Max(next, there);
            }
            if (!(await kafka.OpenAsync(connection, partition.Source, next, cancellationToken)).TryGet(out var reader, out var unopened))
                return unopened;
            handedOver = true;
            return new OpenCopy(connection, settings, reader, writer, next);
        }
        finally
        {
            if (!handedOver)
                await writer.DisposeAsync();
        }
    }

    /// <summary>The highest sequence of the copy's that is in the topic behind what was noted: the next offset to copy.</summary>
    private async Task<Outcome<long>> LastThereAsync(CopiedPartition partition, PulsarPartition target, CancellationToken cancellationToken)
    {
        if (!(await pulsar.ReaderAsync(target, partition.Position, cancellationToken)).TryGet(out var reader, out var problem))
            return problem;
        await using var closing = reader;
        if (!(await reader.LastAsync(cancellationToken)).TryGet(out var last, out problem))
            return problem;
        var highest = partition.Sequence;
        while (last is { } end && !PulsarReading.Reached(reader.Position ?? partition.Position, end))
        {
            if (!(await reader.NextAsync(FirstWait, cancellationToken)).TryGet(out var records, out problem))
                return problem;
            if (records is null)
                break;
            foreach (var record in records.Where(record => record.Producer == partition.Producer))
                highest = Math.Max(highest, record.Record.Sequence);
        }
        return highest;
    }

    private Settle Settled(CopyId partition, CopyAdvance advance) =>
        async (session, cancellationToken) => (await session.Copies.FindAsync(partition, cancellationToken))?.Advance(advance, clock.Now());

    private static WorkProgress Progress(CopiedPartition partition, CopyAdvance advance) =>
        new(
            advance.Next - (partition.FirstOffset ?? advance.From),
            Math.Max(advance.SourceEnd, advance.Next) - (partition.FirstOffset ?? advance.From),
            "messages",
            null
        );
}

/// <summary>What a step knows of its partition.</summary>
/// <param name="Target">Null when the topic is gone.</param>
/// <param name="IsEarly">The topic is being created.</param>
/// <param name="Held">Why nothing may be written for its organization now.</param>
internal sealed record CopyView(CopiedPartition? Partition, CopySettings Settings, PulsarPartition? Target, bool IsEarly, Problem? Held)
{
    public static async Task<CopyView?> ReadAsync(IPortalSession session, CopyId id, CancellationToken cancellationToken)
    {
        if (await session.Copies.FindAsync(id, cancellationToken) is not { } partition)
            return null;
        var settings =
            await session.Copies.SettingsAsync(partition.MigrationId, cancellationToken)
            ?? new(partition.MigrationId, partition.OrganizationId);
        var owner = await session.Organizations.FindAsync(partition.OrganizationId, cancellationToken);
        var topic = await session.Topics.FindAsync(partition.TopicId, cancellationToken);
        var inside = topic is null ? null : await session.Tenants.FindNamespaceAsync(topic.NamespaceId, cancellationToken);
        var target =
            topic is { State: ResourceState.Ready or ResourceState.Creating } && inside is not null
                ? new PulsarPartition(topic.OnCluster, inside.MessagesRole, topic.Partitions == 0 ? null : partition.Number)
                : null;
        return new(
            partition,
            settings,
            target,
            topic is { State: ResourceState.Creating },
            owner switch
            {
                { State: OrganizationState.Suspended } => CopyProblems.Suspended,
                { Publishing: Publishing.Blocked } => CopyProblems.PublishingBlocked(owner),
                _ => null,
            }
        );
    }
}
