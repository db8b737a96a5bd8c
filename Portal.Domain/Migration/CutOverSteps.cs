using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Migration;

/// <summary>Carries a cut-over out.</summary>
public sealed record CutOverWork(MigrationId Migration) : IWorkPayload
{
    public static string Kind => "migration.cut-over";
}

public static class CutOverPlaces
{
    public static WorkPlace CutOverPlace(this KafkaMigration migration) =>
        new(
            Lanes.Copy(migration.Cluster),
            $"cut-over:{migration.Id}",
            migration.OrganizationId,
            $"cut-over of {migration.Name}",
            WorkPriority.Waiting
        );
}

/// <summary>
/// Waits until nothing lags, lets everything be proven once more, and stops the copies. Where the last proof finds a difference, following
/// goes on.
/// </summary>
public sealed class CutOverSteps(IPortalDatabase database, TimeProvider clock) : IWorkStep<CutOverWork>
{
    private const string Proving = "proving",
        Stopping = "stopping";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public async Task<StepResult> RunAsync(CutOverWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (migration, sums, proofs) = await database.ReadAsync(
            async session =>
                (
                    await session.Migrations.FindAsync(payload.Migration, cancellationToken),
                    await session.Copies.SumsAsync(payload.Migration, cancellationToken),
                    await session.Copies.CountProofsAsync(payload.Migration, cancellationToken)
                ),
            cancellationToken
        );
        if (migration is not { IsCuttingOver: true })
            return StepResult.Finished;
        return turn.Checkpoint switch
        {
            Stopping => Stop(migration.Id, sums),
            Proving => Prove(migration.Id, sums, proofs),
            _ => Catch(migration.Id, sums),
        };
    }

    public async Task PostponedAsync(IPortalSession session, CutOverWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Migrations.FindAsync(payload.Migration, cancellationToken))?.WaitCutOver(problem);

    public async Task RefusedAsync(IPortalSession session, CutOverWork payload, Problem problem, CancellationToken cancellationToken) =>
        (await session.Migrations.FindAsync(payload.Migration, cancellationToken))?.FailCutOver(problem);

    private StepResult Catch(MigrationId id, CopySums sums)
    {
        if (sums.Failed > 0)
            return new StepResult.Refused(NotFollowing);
        if (sums.Lag > 0 || sums.Following + sums.Stopped < sums.Partitions)
            return new StepResult.GoOn(null, Pause, null, new WorkProgress(sums.Following, sums.Partitions, "partitions", null));
        return new StepResult.GoOn(
            Proving,
            Pause,
            async (session, token) =>
            {
                await foreach (var partition in PageWalk.AllAsync(page => session.Copies.ListAsync(id, null, page, token), token))
                    if (partition.State != CopyState.Stopped)
                        await session.BeginProofAsync(partition, clock, token);
                (await session.Migrations.FindAsync(id, token))?.GoOnCutOver(CutOverStage.Proving);
            }
        );
    }

    private StepResult Prove(MigrationId id, CopySums sums, IReadOnlyDictionary<ProofState, int> proofs)
    {
        if (proofs.GetValueOrDefault(ProofState.Running) > 0)
            return new StepResult.GoOn(Proving, Pause, null, new WorkProgress(sums.Proven, sums.Partitions, "partitions", null));
        if (proofs.GetValueOrDefault(ProofState.Failed) is > 0 and var failed)
            return new StepResult.Refused(Unproven(failed));
        if (sums.Different > 0)
            return new StepResult.Refused(Different(sums.Different));
        return new StepResult.GoOn(
            Stopping,
            default,
            async (session, token) =>
            {
                await foreach (var partition in PageWalk.AllAsync(page => session.Copies.ListAsync(id, null, page, token), token))
                    if (partition.State != CopyState.Stopped)
                        await session.SteerAsync(partition, CopyWish.Stop, clock, token);
                (await session.Migrations.FindAsync(id, token))?.GoOnCutOver(CutOverStage.Stopping);
            }
        );
    }

    private StepResult Stop(MigrationId id, CopySums sums) =>
        sums.Stopped < sums.Partitions
            ? new StepResult.GoOn(Stopping, Pause, null, new WorkProgress(sums.Stopped, sums.Partitions, "partitions", null))
            : new StepResult.Done(async (session, token) => (await session.Migrations.FindAsync(id, token))?.DoneCutOver(clock.Now()));

    private static readonly Problem.Conflict NotFollowing = new(
        "copy-not-following",
        "The copy of a partition needs attention, so following hasn't stopped. Look at the Copy tab, then cut over again."
    );

    private static Problem.Conflict Unproven(int partitions) =>
        new(
            "cut-over-unproven",
            $"{(partitions == 1 ? "1 partition" : $"{partitions:N0} partitions")} couldn't be compared, so following hasn't "
                + "stopped. Look at the Copy tab, then cut over again."
        );

    private static Problem.Conflict Different(int partitions) =>
        new(
            "cut-over-different",
            $"The last verification found differences in {(partitions == 1 ? "1 partition" : $"{partitions:N0} partitions")}, so "
                + "following hasn't stopped. The Copy tab lists them."
        );
}

internal static class CopySteering
{
    /// <summary>Begins a proof up to where the copy is; one that is under way is left.</summary>
    internal static async Task BeginProofAsync(
        this IPortalSession session,
        CopiedPartition partition,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (
            partition.FirstOffset is null
            || await session.Work.FindOpenAsync(partition.ProofPlace().Line, ProveWork.Kind, cancellationToken) is not null
        )
            return;
        if (await session.Copies.ProofAsync(partition.Id, cancellationToken) is { } there)
            there.Begin(partition.NextOffset, clock.Now());
        else
            session.Copies.Add(new PartitionProof(partition, clock.Now()));
        session.Work.Add(clock, new ProveWork(partition.Id), partition.ProofPlace());
    }

    /// <summary>Wants of a copy what it is to do; its work looks at the wish at once, or begins again.</summary>
    internal static async Task SteerAsync(
        this IPortalSession session,
        CopiedPartition partition,
        CopyWish wish,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        partition.Want(wish, clock.Now());
        var open = await session.Work.FindOpenAsync(partition.Place().Line, CopyWork.Kind, cancellationToken);
        if (open is not null)
            open.TryNow(clock.Now());
        else if (wish != CopyWish.Pause)
            session.Work.Add(clock, new CopyWork(partition.Id), partition.Place());
    }
}
