namespace Portal.Domain.Common;

/// <summary>Written <c>running</c>, <c>succeeded</c>, <c>failed</c>.</summary>
public enum JobState { Running, Succeeded, Failed }

/// <summary>Long work that survives closing the page, restarts included.</summary>
public sealed class Job
{
    private Job() { }

    public Job(JobId id, string kind, string subject, DateTimeOffset createdAt) => (Id, Kind, Subject, CreatedAt, State) = (id, kind, subject, createdAt, JobState.Running);

    public JobId Id { get; private set; }

    /// <summary>For example <c>month-close</c>.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>What it works on, for example <c>2026-11</c>.</summary>
    public string Subject { get; private set; } = "";

    /// <summary>The job's parameters in JSON.</summary>
    public string Parameters { get; private set; } = "{}";

    public JobState State { get; private set; }
    public int Done { get; private set; }
    public int Total { get; private set; }
    public string? Problem { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    public Job With(string parameters)
    {
        Parameters = parameters;
        return this;
    }

    public void Progress(int done, int total) => (Done, Total) = (done, total);

    /// <summary>What the job waits for, or what its operator should know; it goes on.</summary>
    public void Note(string? problem) => Problem = problem;

    public void Succeed(DateTimeOffset at) => (State, EndedAt) = (JobState.Succeeded, at);

    public void Fail(string problem, DateTimeOffset at) => (State, Problem, EndedAt) = (JobState.Failed, problem, at);
}

public interface IJobStore
{
    Task<Job?> FindAsync(JobId id, CancellationToken cancellationToken);

    /// <summary>A running job of the kind and subject, or null.</summary>
    Task<Job?> FindRunningAsync(string kind, string? subject, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<Job>> ListAsync(PageRequest page, CancellationToken cancellationToken);

    void Add(Job job);
}
