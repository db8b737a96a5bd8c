namespace Portal.Shell;

/// <summary>One for each circuit: lets whoever counts pages end one that nobody looks at, for which the framework has no call.</summary>
public sealed class PageLife
{
    /// <summary>Raised on any thread.</summary>
    public event Action? Ended;

    public void End() => Ended?.Invoke();
}

/// <summary>Ends a circuit. Nobody sees it: the page has no connection.</summary>
public sealed class PageEndedException()
    : Exception("A page without a connection was closed to make room for newer ones of the same visitor.");
