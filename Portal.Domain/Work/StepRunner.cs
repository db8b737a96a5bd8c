using System.Collections.Concurrent;
using System.Diagnostics;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>Takes one step of one row and notes what it came to.</summary>
internal sealed class StepRunner(
    string lane,
    Lease lease,
    IPortalDatabase database,
    WorkHandlers handlers,
    IWorkObserver observer,
    WorkSettings settings,
    TimeProvider clock
)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);
    private static readonly Problem.Unavailable Unexpected = new(
        "unexpected-error",
        "Something went wrong on our side. We've logged the error and will keep trying."
    );
    private static readonly Problem.Unavailable UnknownKind = new(
        "work-unknown",
        "A newer version of Portal wrote this. It runs once every replica has been updated."
    );
    private static readonly Problem.Conflict Stopped = new("stopped", "An operator stopped this before it was finished.");

    // Lines whose last step could not be noted, left alone until then.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _resting = new(StringComparer.Ordinal);

    // Lines with a step that does not end. Apart from the rests, which end by the clock: no line may have two steps at once.
    private readonly ConcurrentDictionary<string, byte> _hung = new(StringComparer.Ordinal);

    public bool LeaseLost { get; private set; }

    public IEnumerable<string> Resting(DateTimeOffset now)
    {
        foreach (var line in _hung.Keys)
            yield return line;
        foreach (var (line, until) in _resting)
        {
            if (until > now)
                yield return line;
            else
                _resting.TryRemove(new(line, until));
        }
    }

    /// <summary>Never throws: what goes wrong is noted on the row, or told to the observer.</summary>
    public async Task CarryOutAsync(WorkHead head, CancellationToken cancellationToken)
    {
        using var trace = WorkTelemetry.BeginStep(head, lane);
        var began = clock.GetTimestamp();
        try
        {
            var outcome =
                head.Wish == WorkWish.Stop
                    ? await EndAsync(head, WorkState.Stopped, Stopped, cancellationToken)
                    : await StepAsync(head, trace, cancellationToken);
            trace.SetTag("portal.work.outcome", outcome);
            observer.Stepped(lane, head.Kind, outcome, clock.GetElapsedTime(began));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The portal stops or the lease is lost; the row is as it was.
        }
        catch (LeaseLostException)
        {
            LeaseLost = true;
        }
#pragma warning disable CA1031 // One row's trouble is its own line's.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // Not even the failure could be noted: the database is away.
            _resting[head.Line] = clock.Now() + Rest;
            observer.LaneFailed(lane, exception);
        }
    }

    private async Task<string> StepAsync(WorkHead head, Activity trace, CancellationToken cancellationToken)
    {
        var item = await database.ReadAsync(session => session.Work.FindAsync(head.Id, cancellationToken), cancellationToken);
        if (item is not { IsOpen: true })
            return "gone";
        var handler = handlers.Find(item.Kind);
        StepResult result;
        Exception? error = null;
        try
        {
            result = handler is null
                ? new StepResult.Later(UnknownKind, TimeSpan.FromMinutes(1))
                : await WithinLimitAsync(handler, item, cancellationToken);
            if (await NoteAsync(item, handler, result, null, trace, cancellationToken))
                return Word(result);
            return "gone";
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (LeaseLostException)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever a step throws means later.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            error = exception;
        }
        trace.SetStatus(ActivityStatusCode.Error, error.Message);
        try
        {
            await NoteAsync(item, handler, new StepResult.Later(Unexpected), error, trace, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or LeaseLostException))
        {
            // The step cannot even say on its subject why it waits: the row says it alone.
            await NoteAsync(item, null, new StepResult.Later(Unexpected), error, trace, cancellationToken);
        }
        return "error";
    }

    /// <summary>
    /// Runs the step with its limit. One that does not even heed its cancellation is left behind: its slot is free again,
    /// its line rests until it ends.
    /// </summary>
    private async Task<StepResult> WithinLimitAsync(WorkHandler handler, WorkItem item, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(settings.StepLimit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var step = handler.RunAsync(
            item.Payload,
            new WorkTurn(item.Id, item.Owner, item.Checkpoint, item.Failures, item.CreatedAt, lease, item.ProblemCode),
            both.Token
        );
        var tooLong = new Problem.Unavailable(
            "step-too-long",
            $"It did not finish within {settings.StepLimit.TotalSeconds:0} seconds. We'll keep trying."
        );
        try
        {
            return await step.WaitAsync(settings.StepLimit + Grace, clock, cancellationToken);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new StepResult.Later(tooLong);
        }
        catch (TimeoutException) when (!step.IsCompleted)
        {
            _hung[item.Line] = 0;
            _ = step.ContinueWith(
                _ => _hung.TryRemove(item.Line, out var _),
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default
            );
            return new StepResult.Later(tooLong);
        }
    }

    /// <summary>False when the row ended meanwhile.</summary>
    private async Task<bool> NoteAsync(
        WorkItem read,
        WorkHandler? handler,
        StepResult result,
        Exception? error,
        Activity trace,
        CancellationToken cancellationToken
    )
    {
        // A step that changed nothing of its owner's needs neither the owner's turn to write nor all of its pages to look again.
        var owner = result is StepResult.GoOn { Settle: null } ? null : read.Owner;
        var (noted, tells) = await database.UpdateAsync(
            lease,
            owner,
            async session =>
            {
                if (await session.Work.FindAsync(read.Id, cancellationToken) is not { IsOpen: true } row)
                    return ((WorkItem?)null, false);
                var now = clock.Now();
                var (tell, askedFor) = (false, row.NeedsPerson);
                switch (result)
                {
                    case StepResult.Done done:
                        if (done.Settle is { } end)
                            await end(session, cancellationToken);
                        row.Finish(done, now);
                        break;
                    case StepResult.GoOn step:
                        if (step.Settle is { } settle)
                            await settle(session, cancellationToken);
                        row.GoOn(step, now);
                        break;
                    case StepResult.Later later:
                        if (handler is not null)
                            await handler.PostponedAsync(session, row.Payload, later.Problem, cancellationToken);
                        tell = row.Postpone(later.Problem, later.After, error is null ? null : Cause(error), trace.TraceId.ToString(), now);
                        break;
                    case StepResult.Refused refused:
                        if (handler is not null)
                            await handler.RefusedAsync(session, row.Payload, refused.Problem, cancellationToken);
                        row.End(WorkState.Refused, refused.Problem, now);
                        break;
                }
                if (handlers.Ends is { } ends && (!row.IsOpen || row.NeedsPerson && !askedFor))
                    await ends.EndedAsync(session, row, cancellationToken);
                return (row, tell);
            },
            cancellationToken
        );
        if (noted is null)
            return false;
        if (result is StepResult.Refused final)
            observer.Refused(noted, final.Problem);
        else if (result is StepResult.Later failure && tells)
            observer.Failed(noted, failure.Problem, error);
        return true;
    }

    private async Task<string> EndAsync(WorkHead head, WorkState how, Problem problem, CancellationToken cancellationToken)
    {
        await database.UpdateAsync(
            lease,
            head.Owner,
            async session =>
            {
                if (await session.Work.FindAsync(head.Id, cancellationToken) is not { IsOpen: true } row)
                    return false;
                if (handlers.Find(row.Kind) is { } handler)
                    await handler.RefusedAsync(session, row.Payload, problem, cancellationToken);
                row.End(how, problem, clock.Now());
                if (handlers.Ends is { } ends)
                    await ends.EndedAsync(session, row, cancellationToken);
                return true;
            },
            cancellationToken
        );
        return "stopped";
    }

    private static string Word(StepResult result) =>
        result switch
        {
            StepResult.Done => "done",
            StepResult.GoOn => "go-on",
            StepResult.Later => "later",
            StepResult.Refused => "refused",
            _ => throw new InvalidOperationException($"There is no answer {result}."),
        };

    private static string Cause(Exception error)
    {
        var text = $"{error.GetType().Name}: {error.Message}";
        return text.Length <= 500 ? text : text[..499] + "…";
    }
}
