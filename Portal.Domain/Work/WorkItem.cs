using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>
/// How a piece of work ended, or that it has not: written <c>open</c>, <c>done</c>, <c>refused</c>, <c>skipped</c>, <c>stopped</c>.
/// </summary>
public enum WorkState
{
    Open,
    Done,
    Refused,
    Skipped,
    Stopped,
}

/// <summary>What people want of it: to run, to rest where it is, or to end without being finished.</summary>
public enum WorkWish
{
    Run,
    Pause,
    Stop,
}

/// <summary>
/// What goes first within a lane. Taking access away never waits behind giving it, and nobody waits for what runs in the background.
/// </summary>
public enum WorkPriority
{
    TakeAway,
    Waiting,
    Background,
}

/// <summary>
/// A row of durable work, written in the transaction of the change that wants it. Items of one <see cref="Line"/> run in
/// the order they were written, one at a time; lines of a <see cref="Lane"/> run side by side, and organizations take
/// turns in it.
/// </summary>
public sealed class WorkItem
{
    /// <summary>Failures in a row after which an unexpected error asks for a person.</summary>
    public const int MostFailures = 5;

    /// <summary>How long an outside system may keep work waiting before the work asks for a person.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private WorkItem() { }

    internal WorkItem(WorkId id, string kind, string payload, WorkPlace place, DateTimeOffset createdAt, string? traceParent)
    {
        (Id, Kind, Payload, CreatedAt, NotBefore, TraceParent) = (id, kind, payload, createdAt, createdAt, traceParent);
        (Lane, Line, Owner, Subject, Priority, ParentId, IsJob) = (
            place.Lane,
            place.Line,
            place.Owner,
            place.Subject,
            place.Priority,
            place.Parent,
            place.IsJob
        );
    }

    public WorkId Id { get; private set; }

    /// <summary>Assigned by the database: the order of writing.</summary>
    public long Sequence { get; private set; }

    /// <summary>The step that carries it out, for example <c>topic.create</c>.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>The step's own payload in JSON.</summary>
    public string Payload { get; private set; } = "{}";

    /// <summary>Where it runs: a cluster, Stripe, email. One replica at a time works a lane.</summary>
    public string Lane { get; private set; } = "";

    public string Line { get; private set; } = "";

    /// <summary>Whose work it is; null for the platform's own.</summary>
    public OrganizationId? Owner { get; private set; }

    /// <summary>What it is about, in words people know: a topic's address, an invoice's number, a month.</summary>
    public string Subject { get; private set; } = "";

    public WorkPriority Priority { get; private set; }

    /// <summary>The job it is a part of; null for none.</summary>
    public WorkId? ParentId { get; private set; }

    /// <summary>Somebody asked for it and watches its progress.</summary>
    public bool IsJob { get; private set; }

    public WorkState State { get; private set; }
    public WorkWish Wish { get; private set; }

    /// <summary>Steps taken, good and bad.</summary>
    public int Attempts { get; private set; }

    /// <summary>Failed steps since the last good one.</summary>
    public int Failures { get; private set; }

    /// <summary>When the failures in a row began; null while there are none.</summary>
    public DateTimeOffset? FailingSince { get; private set; }

    /// <summary>Where the next step begins, in the step's own words; null at the beginning.</summary>
    public string? Checkpoint { get; private set; }

    /// <summary>How much is done, in <see cref="Unit"/>.</summary>
    public long Done { get; private set; }

    /// <summary>How much there is to do; 0 while unknown.</summary>
    public long Total { get; private set; }

    /// <summary>What is counted, for example <c>organizations</c>.</summary>
    public string? Unit { get; private set; }

    /// <summary>What it is waiting for, or what its reader should know. No failure.</summary>
    public string? Note { get; private set; }

    public string? ProblemCode { get; private set; }

    /// <summary>Why the last step failed, as a sentence for people.</summary>
    public string? ProblemMessage { get; private set; }

    /// <summary>The last unexpected error, for the operator; null when the problem was an expected one.</summary>
    public string? Cause { get; private set; }

    /// <summary>Under which the last step's error stands in log and traces.</summary>
    public string? TraceId { get; private set; }

    /// <summary>The trace of the change that wanted it (W3C <c>traceparent</c>), which its steps go on with; null for none.</summary>
    public string? TraceParent { get; private set; }

    /// <summary>It keeps failing: an operator should look, try again or skip it. It goes on being tried.</summary>
    public bool NeedsPerson { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset NotBefore { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    public bool IsOpen => State == WorkState.Open;

    /// <summary>A step went well and there are more.</summary>
    public void GoOn(StepResult.GoOn step, DateTimeOffset now)
    {
        Succeeded();
        Checkpoint = step.Checkpoint;
        NotBefore = now + step.After;
        if (step.Progress is { } progress)
            (Done, Total, Unit, Note) = (progress.Done, progress.Total, progress.Unit, progress.Note);
    }

    public void Finish(StepResult.Done step, DateTimeOffset now)
    {
        Succeeded();
        if (step.Progress is { } progress)
            (Done, Total, Unit, Note) = (progress.Done, progress.Total, progress.Unit, progress.Note);
        (State, EndedAt) = (WorkState.Done, now);
    }

    /// <summary>It failed and is tried again after 1, 2, 4 … 60 s, or after the time the step asks for.</summary>
    /// <param name="cause">Of an unexpected error; null when the problem says it all.</param>
    /// <returns>True when the cause is another one than last time: worth a line in the log.</returns>
    public bool Postpone(Problem problem, TimeSpan? after, string? cause, string? traceId, DateTimeOffset now)
    {
        var news = Failures == 0 || ProblemCode != problem.Code || Cause != cause;
        Attempts++;
        Failures++;
        FailingSince ??= now;
        (ProblemCode, ProblemMessage, Cause, TraceId) = (problem.Code, problem.Message, cause, traceId);
        NeedsPerson = cause is not null ? Failures >= MostFailures : now - FailingSince >= Patience;
        NotBefore = now + (after ?? Pause(Failures));
        return news;
    }

    /// <summary>It cannot be done, or a person gave it up; the subject says why.</summary>
    public void End(WorkState how, Problem problem, DateTimeOffset now)
    {
        Attempts++;
        (State, EndedAt, ProblemCode, ProblemMessage, NeedsPerson) = (how, now, problem.Code, problem.Message, false);
    }

    /// <summary>A person wants it tried now.</summary>
    public void TryNow(DateTimeOffset now) => (NotBefore, Wish, NeedsPerson, Failures, FailingSince) = (now, WorkWish.Run, false, 0, null);

    public void Want(WorkWish wish) => Wish = wish;

    /// <summary>It becomes a part of another job: one that was asked for again.</summary>
    public void Join(WorkId job) => ParentId = job;

    internal static TimeSpan Pause(int failures) =>
        failures > 6 ? LongestPause : TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, failures - 1)));

    private void Succeeded()
    {
        Attempts++;
        (Failures, FailingSince, ProblemCode, ProblemMessage, Cause, TraceId, NeedsPerson) = (0, null, null, null, null, null, false);
    }
}

/// <summary>Where a piece of work stands.</summary>
/// <param name="Subject">In words people know.</param>
public sealed record WorkPlace(string Lane, string Line, OrganizationId? Owner, string Subject, WorkPriority Priority)
{
    public WorkId? Parent { get; init; }
    public bool IsJob { get; init; }
}

/// <summary>The lanes: one for each outside system, so that a slow one slows nothing else down.</summary>
public static class Lanes
{
    public const string Stripe = "stripe";
    public const string Email = "email";

    /// <summary>Closing periods: the portal's own database and nothing outside it.</summary>
    public const string Billing = "billing";

    /// <summary>Merging and cutting the usage ledger.</summary>
    public const string Usage = "usage";

    /// <summary>The portal's own upkeep.</summary>
    public const string Upkeep = "upkeep";

    /// <summary>Making and removing the sample company.</summary>
    public const string Sample = "sample";

    /// <summary>Customers' own Kafka clusters, which may hang: one organization's hold up none of another's.</summary>
    public static string Kafka(OrganizationId organization) => $"kafka:{organization}";

    public static string Cluster(string name) => $"cluster:{name}";

    /// <summary>Copying to a cluster, apart from what is made on it: a copy that takes days holds up no topic.</summary>
    public static string Copy(string cluster) => $"copy:{cluster}";
}
