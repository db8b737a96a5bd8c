using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>Hears what the engine does, for logs and metrics. It must not throw.</summary>
public interface IWorkObserver
{
    /// <param name="outcome"><c>done</c>, <c>go-on</c>, <c>later</c>, <c>refused</c>, <c>error</c>, <c>skipped</c>, <c>stopped</c>.</param>
    void Stepped(string lane, string kind, string outcome, TimeSpan took);

    /// <summary>A row failed for another reason than the last time.</summary>
    /// <param name="exception">Null when the problem was an expected one.</param>
    void Failed(WorkItem item, Problem problem, Exception? exception);

    /// <summary>A row was refused for good.</summary>
    void Refused(WorkItem item, Problem problem);

    /// <summary>The lane itself could not be read or written: the database is away.</summary>
    void LaneFailed(string lane, Exception exception);

    void LeaseLost(string lane);
}

/// <summary>For tests, and for tools that carry out work without an audience.</summary>
public sealed class NoWorkObserver : IWorkObserver
{
    public void Stepped(string lane, string kind, string outcome, TimeSpan took) { }

    public void Failed(WorkItem item, Problem problem, Exception? exception) { }

    public void Refused(WorkItem item, Problem problem) { }

    public void LaneFailed(string lane, Exception exception) { }

    public void LeaseLost(string lane) { }
}
