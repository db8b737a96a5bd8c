using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>Durable work for the operator: what needs a person first, then newest first.</summary>
public sealed class ListWork(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<WorkItem>>> RunAsync(
        Actor actor,
        WorkFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "work.list", ""), cancellationToken);
        return allowed.IsOk
            ? await database.ReadAsync(session => session.Work.ListAsync(filter, page, cancellationToken), cancellationToken)
            : allowed.Problem;
    }

    /// <summary>Whose work it is, by organization; the platform's own has nobody.</summary>
    public async Task<Outcome<IReadOnlyDictionary<OrganizationId, Organization>>> OwnersAsync(
        Actor actor,
        IReadOnlyCollection<WorkItem> items,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "work.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return Outcome.Of(
            await database.ReadAsync<IReadOnlyDictionary<OrganizationId, Organization>>(
                async session =>
                {
                    var found = new Dictionary<OrganizationId, Organization>();
                    foreach (var owner in items.Select(item => item.Owner).OfType<OrganizationId>().Distinct())
                        if (await session.Organizations.FindAsync(owner, cancellationToken) is { } organization)
                            found[owner] = organization;
                    return found;
                },
                cancellationToken
            )
        );
    }
}

/// <summary>How deep and how old the lanes' work is.</summary>
public sealed class ListLanes(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<IReadOnlyList<LaneDepth>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "work.lanes", ""), cancellationToken);
        return allowed.IsOk
            ? Outcome.Of(await database.ReadAsync(session => session.Work.DepthsAsync(clock.Now(), cancellationToken), cancellationToken))
            : allowed.Problem;
    }
}

/// <summary>One piece of work, or how far a job has come.</summary>
public sealed class GetWork(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<WorkItem>> RunAsync(Actor actor, WorkId id, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "work.get", id.ToString()),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(session => session.Work.FindAsync(id, cancellationToken), cancellationToken) is { } found
            ? found
            : ChangeWork.None;
    }
}

/// <summary>What an operator does about a piece of work.</summary>
public enum WorkAct
{
    TryAgain,
    Skip,
    Pause,
    Resume,
    Stop,
}

/// <summary>Tries work again now, gives it up, lets it rest, or stops it. Ended work stays as it is.</summary>
public sealed class ChangeWork(AccessGuard guard, IPortalDatabase database, WorkHandlers handlers, TimeProvider clock)
{
    internal static readonly Problem.NotFound None = new("job-not-found", "There is no such job.");
    private static readonly Problem.Conflict Skipped = new("skipped", "An operator skipped this step after it kept failing.");

    public async Task<Outcome<WorkItem>> RunAsync(Actor actor, WorkId id, WorkAct act, CancellationToken cancellationToken)
    {
        if (await database.ReadAsync(session => session.Work.FindAsync(id, cancellationToken), cancellationToken) is not { } known)
        {
            var asked = await guard.CheckAsync(
                actor,
                new Operation(Permission.OperatePlatform, Name(act), id.ToString()),
                cancellationToken
            );
            return asked.IsOk ? None : asked.Problem;
        }
        var operation = new Operation(
            Permission.OperatePlatform,
            Name(act),
            id.ToString(),
            new Dictionary<string, string> { ["kind"] = known.Kind, ["subject"] = known.Subject }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.WriteAsync<WorkItem>(
            actor,
            known.Owner,
            operation,
            async session =>
            {
                var row = (await session.Work.FindAsync(id, cancellationToken))!;
                if (!row.IsOpen)
                    return new Problem.Conflict("work-ended", "This has already ended. There is nothing left to change.");
                switch (act)
                {
                    case WorkAct.TryAgain:
                        row.TryNow(clock.Now());
                        break;
                    case WorkAct.Resume:
                        row.Want(WorkWish.Run);
                        break;
                    case WorkAct.Pause:
                        row.Want(WorkWish.Pause);
                        break;
                    case WorkAct.Stop:
                        row.Want(WorkWish.Stop);
                        break;
                    case WorkAct.Skip:
                        if (handlers.Find(row.Kind) is { } handler)
                            await handler.RefusedAsync(session, row.Payload, Skipped, cancellationToken);
                        row.End(WorkState.Skipped, Skipped, clock.Now());
                        if (handlers.Ends is { } ends)
                            await ends.EndedAsync(session, row, cancellationToken);
                        break;
                }
                return row;
            },
            cancellationToken
        );
    }

    private static string Name(WorkAct act) =>
        act switch
        {
            WorkAct.TryAgain => "work.try-again",
            WorkAct.Skip => "work.skip",
            WorkAct.Pause => "work.pause",
            WorkAct.Resume => "work.resume",
            WorkAct.Stop => "work.stop",
        };
}

/// <summary>Cuts off work that ended more than a week ago.</summary>
public sealed record CutWorkWork : IWorkPayload
{
    public static string Kind => "work.cut";
}

public sealed class CutWork(IPortalDatabase database, TimeProvider clock) : IWorkStep<CutWorkWork>
{
    public static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private const int AtOnce = 500;

    public async Task<StepResult> RunAsync(CutWorkWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var gone = await database.UpdateAsync(
            turn.Lease,
            null,
            session => session.Work.CutAsync(clock.Now() - Kept, AtOnce, cancellationToken),
            cancellationToken
        );
        return Recurring.Again(gone == AtOnce ? TimeSpan.Zero : TimeSpan.FromHours(1));
    }
}

/// <summary>Work that comes back for ever: one row for each kind, written at the first start.</summary>
public static class Recurring
{
    public static StepResult Again(TimeSpan after) => new StepResult.GoOn(null, after);

    /// <summary>Writes the row when there is none.</summary>
    public static Task EnsureAsync<TPayload>(
        IPortalDatabase database,
        TimeProvider clock,
        TPayload payload,
        string lane,
        string subject,
        CancellationToken cancellationToken
    )
        where TPayload : IWorkPayload =>
        EnsureAsync(
            database,
            clock,
            payload,
            new WorkPlace(lane, TPayload.Kind, null, subject, WorkPriority.Background),
            cancellationToken
        );

    /// <inheritdoc cref="EnsureAsync{TPayload}(IPortalDatabase, TimeProvider, TPayload, string, string, CancellationToken)"/>
    public static Task EnsureAsync<TPayload>(
        IPortalDatabase database,
        TimeProvider clock,
        TPayload payload,
        WorkPlace place,
        CancellationToken cancellationToken
    )
        where TPayload : IWorkPayload =>
        database.UpdateAsync(
            null,
            async session =>
            {
                if (await session.Work.FindOpenAsync(place.Line, TPayload.Kind, cancellationToken) is null)
                    session.Work.Add(clock, payload, place);
                return true;
            },
            cancellationToken
        );
}
