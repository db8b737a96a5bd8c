using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>What a step needs to know: a record of ids and plain values, kept as JSON. It names the step for good.</summary>
public interface IWorkPayload
{
    /// <summary>Stored with the row, so it never changes: <c>topic.create</c>.</summary>
    static abstract string Kind { get; }
}

/// <summary>Writes what a step came to, in the transaction that notes the step.</summary>
public delegate Task Settle(IPortalSession session, CancellationToken cancellationToken);

/// <summary>
/// One kind of durable work. A step is short, may be carried out twice without doing more, and answers with how it goes
/// on. What it throws is a bug or an outage: the row waits and is tried again, and nothing but its own line waits with it.
/// </summary>
public interface IWorkStep<in TPayload>
    where TPayload : IWorkPayload
{
    Task<StepResult> RunAsync(TPayload payload, WorkTurn turn, CancellationToken cancellationToken);

    /// <summary>Says on the subject why it is not done yet, in the transaction that postpones the row.</summary>
    Task PostponedAsync(IPortalSession session, TPayload payload, Problem problem, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>
    /// Leaves the subject as it is to be when the work is refused, skipped or stopped, in the transaction that ends the row.
    /// </summary>
    Task RefusedAsync(IPortalSession session, TPayload payload, Problem problem, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>One step's turn.</summary>
/// <param name="Checkpoint">Where the last step left off; null at the beginning.</param>
/// <param name="Failures">Failed steps since the last good one.</param>
/// <param name="Lease">The lane's: for writes in the middle of a step.</param>
/// <param name="LastProblem">The code of what the last of the failures was; null when there is none.</param>
public sealed record WorkTurn(
    WorkId Id,
    OrganizationId? Owner,
    string? Checkpoint,
    int Failures,
    DateTimeOffset CreatedAt,
    Lease? Lease,
    string? LastProblem = null
);

/// <summary>How far work has come.</summary>
/// <param name="Total">0 while unknown.</param>
public sealed record WorkProgress(long Done, long Total, string? Unit, string? Note);

/// <summary>What a step answers. The cases are closed.</summary>
public abstract record StepResult
{
    private StepResult() { }

    /// <summary>The work is finished.</summary>
    public sealed record Done(Settle? Settle = null, WorkProgress? Progress = null) : StepResult;

    /// <summary>A step is through and another one follows.</summary>
    /// <param name="Checkpoint">Where it begins.</param>
    /// <param name="After">Not before this time has passed.</param>
    public sealed record GoOn(string? Checkpoint, TimeSpan After = default, Settle? Settle = null, WorkProgress? Progress = null)
        : StepResult;

    /// <summary>Trying again may help.</summary>
    /// <param name="After">Null for growing pauses.</param>
    public sealed record Later(Problem Problem, TimeSpan? After = null) : StepResult;

    /// <summary>It cannot be done.</summary>
    public sealed record Refused(Problem Problem) : StepResult;

    public static StepResult Finished { get; } = new Done();

    /// <summary>Outages are tried again, any other problem is final.</summary>
    public static StepResult Of(Problem problem) =>
        problem is Problem.Unavailable or Problem.TooMany ? new Later(problem) : new Refused(problem);

    public static StepResult Of(Outcome<Settle> outcome) =>
        outcome.TryGet(out var settle, out var problem) ? new Done(settle) : Of(problem);
}
