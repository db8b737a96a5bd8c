using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>Settings of billing.</summary>
/// <param name="DaysUntilDue">Of invoices that are not paid by card.</param>
/// <param name="CloseAfter">How long after a month's end the automatic close waits for what is late.</param>
/// <param name="ReconcileEvery">How often Stripe is asked about invoices that are not paid.</param>
public sealed record BillingSettings(int DaysUntilDue, TimeSpan CloseAfter, TimeSpan ReconcileEvery)
{
    public static BillingSettings Default { get; } = new(30, TimeSpan.FromHours(24), TimeSpan.FromMinutes(10));
}

/// <summary>The operator closes a month. While a close of it runs that job is returned, not a second one.</summary>
public sealed class CloseMonth(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="early">Also while the month is running: up to the last complete point.</param>
    public async Task<Outcome<WorkItem>> RunAsync(Actor actor, Month month, bool early, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "month.close",
            month.ToString(),
            new Dictionary<string, string> { ["early"] = early ? "true" : "false" }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var now = clock.Now();
        if (month.Start > now)
            return NotBegun(month);
        if (month.End > now && !early)
            return new Problem.Conflict(
                "month-running",
                $"{month} runs until {Instants.Text(month.End)}. Wait until it is over, or close it early.",
                "early"
            );
        return await database.WriteAsync<WorkItem>(
            actor,
            null,
            operation,
            async session => await AddAsync(session, month, early && month.End > now, clock, cancellationToken),
            cancellationToken
        );
    }

    internal static Problem.Invalid NotBegun(Month month) =>
        new("month-in-future", $"{month} has not begun. Choose a month that has.", "month");

    internal static async Task<WorkItem> AddAsync(
        IPortalSession session,
        Month month,
        bool early,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var close = new CloseMonthWork(month.ToString(), early, clock.Now());
        return await session.Work.FindOpenAsync(close.Place().Line, CloseMonthWork.Kind, cancellationToken)
            ?? session.Work.Add(clock, close, close.Place());
    }
}

/// <param name="Month"><c>yyyy-MM</c>.</param>
/// <param name="Early">Ends periods at their last complete point, inside a month still running.</param>
public sealed record CloseMonthWork(string Month, bool Early, DateTimeOffset AskedAt) : IWorkPayload
{
    public static string Kind => "month-close";

    public WorkPlace Place() => new(Lanes.Billing, $"month-close:{Month}", null, Month, WorkPriority.Waiting) { IsJob = true };
}

/// <summary>
/// The job of a month's close: writes one piece of work for each organization, then watches them and their invoices. It
/// ends when nothing of it is left but what waits for counters, or needs a person; those go on by themselves.
/// </summary>
public sealed class RunMonthClose(IPortalDatabase database, TimeProvider clock) : IWorkStep<CloseMonthWork>
{
    private const int Batch = 100;
    private const int Named = 10;
    private const string Watching = "watching";
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);

    public async Task<StepResult> RunAsync(CloseMonthWork payload, WorkTurn turn, CancellationToken cancellationToken) =>
        turn.Checkpoint == Watching ? await WatchAsync(turn, cancellationToken) : await WriteAsync(payload, turn, cancellationToken);

    private async Task<StepResult> WriteAsync(CloseMonthWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        if (!Month.TryParse(payload.Month, out var month))
            return new StepResult.Refused(new Problem.Invalid("month-malformed", $"{payload.Month} is not a month."));
        OrganizationId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new OrganizationId(last) : null;
        var batch = await database.ReadAsync(
            session => session.Invoices.NotClosedUpToAsync(month.End, after, Batch, cancellationToken),
            cancellationToken
        );
        var before = await database.ReadAsync(session => session.Work.PartsAsync(turn.Id, cancellationToken), cancellationToken);
        return new StepResult.GoOn(
            batch.Count == Batch ? batch[^1].Id.ToString() : Watching,
            Settle: async (session, token) =>
            {
                foreach (var organization in batch)
                {
                    var close = new ClosePeriodsWork(organization.Id, payload.Month, payload.Early, payload.AskedAt);
                    var place = close.Place(organization.Slug) with { Parent = turn.Id };
                    // One that still waits, from a close before this one, becomes a part of this one.
                    var open = await session.Work.FindOpenAsync(place.Line, ClosePeriodsWork.Kind, token);
                    if (
                        open is not null
                        && open.PayloadOf<ClosePeriodsWork>() is var known
                        && (known.Month, known.Early) == (close.Month, close.Early)
                    )
                    {
                        open.Join(turn.Id);
                        open.TryNow(clock.Now());
                    }
                    else
                    {
                        session.Work.Add(clock, close, place);
                    }
                }
            },
            Progress: new(before.Ended, before.Total + batch.Count, "organizations and invoices", null)
        );
    }

    private async Task<StepResult> WatchAsync(WorkTurn turn, CancellationToken cancellationToken)
    {
        var parts = await database.ReadAsync(session => session.Work.PartsAsync(turn.Id, cancellationToken), cancellationToken);
        var open = parts.Total - parts.Ended;
        var note = Note(parts);
        var progress = new WorkProgress(parts.Ended, parts.Total, "organizations and invoices", note);
        if (open > parts.Stuck + parts.Waiting)
            return new StepResult.GoOn(Watching, LooksEvery, Progress: progress);
        return parts.Stuck + parts.Refused > 0
            ? new StepResult.Refused(new Problem.Conflict("close-incomplete", note!))
            : new StepResult.Done(Progress: progress with { Done = parts.Total });
    }

    /// <summary>Names what is in trouble, and how much waits for counters or customers; null when all is well.</summary>
    private static string? Note(WorkParts parts)
    {
        var sentences = new List<string>();
        if (parts.Troubled.Count > 0)
        {
            var named = string.Join("; ", parts.Troubled.Take(Named).Select(part => $"{part.Subject}: {part.ProblemMessage}"));
            // The store names at most so many of each; beyond that the number is a lower bound and says so.
            var atLeast = parts.Troubled.Count >= WorkParts.MostNamed ? "At least " : "";
            sentences.Add($"{atLeast}{Count(parts.Troubled.Count, "needs", "need")} attention. {named}");
        }
        if (parts.Waiting > 0)
            sentences.Add(
                $"{Count(parts.Waiting, "is", "are")} waiting for complete counters or a billing address and will go on without "
                    + $"further action. First: {parts.FirstNote}."
            );
        return sentences.Count == 0 ? null : string.Join(" ", sentences);
    }

    private static string Count(int number, string one, string many) =>
        $"{number.ToString(CultureInfo.InvariantCulture)} {(number == 1 ? one : many)}";
}

public sealed record StartDueClosesWork : IWorkPayload
{
    public static string Kind => "closes.start";
}

/// <summary>
/// Once a minute starts the close of the month before, when its end is <see cref="BillingSettings.CloseAfter"/> ago and an
/// organization is left that no work closes.
/// </summary>
public sealed class StartDueCloses(IPortalDatabase database, BillingSettings settings, TimeProvider clock) : IWorkStep<StartDueClosesWork>
{
    private const int Batch = 100;
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(1);

    public async Task<StepResult> RunAsync(StartDueClosesWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var month = Month.Of(clock.Now()).Previous;
        if (clock.Now() < month.End + settings.CloseAfter)
            return Recurring.Again(LooksEvery);
        OrganizationId? after = Guid.TryParse(turn.Checkpoint, out var last) ? new OrganizationId(last) : null;
        var (left, count, end) = await database.ReadAsync(
            async session =>
            {
                var batch = await session.Invoices.NotClosedUpToAsync(month.End, after, Batch, cancellationToken);
                var forgotten = false;
                foreach (var organization in batch)
                {
                    // Work that waits for counters is on its way, and what an operator skipped is not begun again by itself.
                    var closing = await session.Work.FindLastAsync(
                        ClosePeriodsWork.LineOf(organization.Id),
                        ClosePeriodsWork.Kind,
                        cancellationToken
                    );
                    if (closing is { IsOpen: true } or { State: WorkState.Skipped or WorkState.Stopped })
                        continue;
                    forgotten = true;
                    break;
                }
                return (forgotten, batch.Count, batch.Count > 0 ? batch[^1].Id.ToString() : null);
            },
            cancellationToken
        );
        if (!left)
            return count == Batch ? new StepResult.GoOn(end) : Recurring.Again(LooksEvery);
        await database.WriteAsync<WorkItem>(
            Actor.Worker("month-close"),
            null,
            new Operation(Permission.OperatePlatform, "month.close", month.ToString()),
            async session => await CloseMonth.AddAsync(session, month, early: false, clock, cancellationToken),
            cancellationToken
        );
        return Recurring.Again(LooksEvery);
    }
}
