namespace LocalStripe.Control;

internal enum FaultKind
{
    /// <summary>429 from the rate limiter, which stands in front of the idempotency layer: nothing is kept.</summary>
    RateLimit,

    /// <summary>503 from a gateway in front of the API: nothing was executed and nothing is kept.</summary>
    Unavailable,

    /// <summary>403: a restricted key lacks the permission for this endpoint.</summary>
    Forbidden,

    /// <summary>500 before anything was changed. Execution had begun, so the answer is kept under its key.</summary>
    ErrorBefore,

    /// <summary>500 although everything was done; kept under its key.</summary>
    ErrorAfterCommit,

    /// <summary>
    /// 429 <c>lock_timeout</c>: somebody else holds the object. Stripe does not say whether it keeps this answer, so this
    /// stand-in does: whoever copes with that copes with the kinder reading too.
    /// </summary>
    LockTimeout,

    /// <summary>Done, but the connection ends without an answer.</summary>
    TimeoutAfterCommit,

    Latency,
}

/// <summary>What goes wrong, where (a path, <c>*</c> stands for any text, a method or all) and how many times.</summary>
/// <param name="Customer">Only calls whose <c>customer</c> this is; null for all. Known once an endpoint runs.</param>
internal sealed record Fault(FaultKind Kind, string Path, string? Method, int Times, int Milliseconds, string? Customer = null)
{
    public bool IsOfExecution => Kind is FaultKind.ErrorBefore or FaultKind.ErrorAfterCommit or FaultKind.LockTimeout;
}

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

    /// <param name="executing">
    /// True for the faults of an endpoint that runs, false for those around it. A kept answer that is only repeated runs
    /// nothing and spends nothing.
    /// </param>
    /// <param name="customer">The call's <c>customer</c>, when there is one.</param>
    public Fault? TakeFor(string method, string path, bool executing, string? customer = null)
    {
        lock (gate)
        {
            var index = waiting.FindIndex(fault =>
                fault.IsOfExecution == executing
                && (fault.Method is null || fault.Method == method)
                && (fault.Customer is null || fault.Customer == customer)
                && System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(fault.Path, path)
            );
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
