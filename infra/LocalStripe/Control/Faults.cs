namespace LocalStripe.Control;

internal enum FaultKind
{
    RateLimit,
    ErrorBefore,
    ErrorAfterCommit,
    TimeoutAfterCommit,
    Latency,
}

/// <summary>What goes wrong, where (a path, <c>*</c> stands for any text, a method or all) and how many times.</summary>
internal sealed record Fault(FaultKind Kind, string Path, string? Method, int Times, int Milliseconds);

/// <summary>Faults that a test asked for; each is spent by the calls it hits and none outlives the process.</summary>
internal sealed class Faults
{
    private readonly Lock gate = new();
    private readonly List<Fault> waiting = [];

    public void Add(Fault fault)
    {
        lock (gate)
            waiting.Add(fault);
    }

    public void Clear()
    {
        lock (gate)
            waiting.Clear();
    }

    public Fault? TakeFor(string method, string path)
    {
        lock (gate)
        {
            var index = waiting.FindIndex(fault => (fault.Method is null || fault.Method == method)
                && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(fault.Path, path));
            if (index < 0)
                return null;
            var found = waiting[index];
            if (found.Times > 1)
                waiting[index] = found with { Times = found.Times - 1 };
            else
                waiting.RemoveAt(index);
            return found;
        }
    }
}
