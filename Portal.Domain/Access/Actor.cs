using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>Who asks. What it may do is not in here: <see cref="AccessGuard"/> reads memberships afresh for every operation.</summary>
/// <param name="AccountId">Null for nobody and for the portal's own workers.</param>
/// <param name="Name">For the audit log: an e-mail address, a key's name or a worker's.</param>
/// <param name="IsOperator">Runs the platform; says nothing about any organisation.</param>
/// <param name="Address">The client's network address, null for workers.</param>
/// <param name="TraceId">The request's trace id, for support.</param>
public sealed record Actor(AccountId? AccountId, string Name, bool IsOperator, string? Address = null, string? TraceId = null)
{
    public static Actor Anonymous { get; } = new(null, "anonymous", false);

    /// <summary>One of the portal's own workers, for example <c>month-close</c>.</summary>
    public static Actor Worker(string name) => new(null, name, false) { IsWorker = true };

    public bool IsWorker { get; private init; }
}
