using Portal.Domain.Common;

namespace Portal.Domain.Provisioning;

/// <summary>What an outside system is to be asked for. Written with the change that wants it, carried out after the commit.</summary>
public enum IntentKind
{
    CreateTenant, DeleteTenant, CreateNamespace, DeleteNamespace, ApplyNamespacePolicies,
    CreateTopic, DeleteTopic, GrantKey, SuspendKey, RevokeKey, CreateStripeCustomer,
}

/// <summary>
/// A row of the outbox. Intents of one <see cref="Line"/> are carried out in the order in which they were written, one
/// at a time; lines run side by side.
/// </summary>
public sealed class Intent
{
    private Intent() { }

    public Intent(IntentId id, IntentKind kind, Guid subject, string line, DateTimeOffset createdAt, bool force = false) =>
        (Id, Kind, Subject, Line, CreatedAt, NotBefore, Force) = (id, kind, subject, line, createdAt, createdAt, force);

    public IntentId Id { get; private set; }

    /// <summary>Assigned by the database: the order of writing.</summary>
    public long Sequence { get; private set; }

    public IntentKind Kind { get; private set; }

    /// <summary>The id of the tenant, namespace, topic, key or organisation.</summary>
    public Guid Subject { get; private set; }

    /// <summary>For things of a tenant <c>tenant:{id}</c>: a topic is never created before its namespace.</summary>
    public string Line { get; private set; } = "";

    /// <summary>For deletions: also while clients are connected.</summary>
    public bool Force { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset NotBefore { get; private set; }
    public int Attempts { get; private set; }
    public string? LastProblem { get; private set; }
    public DateTimeOffset? DoneAt { get; private set; }

    /// <summary>Done, but refused for good: the subject says why.</summary>
    public bool Refused { get; private set; }

    public void Done(DateTimeOffset at) => (DoneAt, LastProblem) = (at, null);

    public void Refuse(Problem problem, DateTimeOffset at) => (DoneAt, LastProblem, Refused) = (at, $"{problem.Code}: {problem.Message}", true);

    /// <summary>Waits 1, 2, 4 … 60 s before the next attempt.</summary>
    public void Postpone(Problem problem, DateTimeOffset now)
    {
        Attempts++;
        LastProblem = $"{problem.Code}: {problem.Message}";
        NotBefore = now + TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Min(Attempts - 1, 6))));
    }

    public void TryNow(DateTimeOffset now) => NotBefore = now;
}

public interface IOutbox
{
    void Add(Intent intent);

    /// <summary>The first open intent of each line that is due, oldest lines first.</summary>
    Task<IReadOnlyList<Intent>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    Task<Intent?> FindAsync(IntentId id, CancellationToken cancellationToken);

    /// <summary>Open ones first, then newest first: the operator's page.</summary>
    Task<PageOf<Intent>> ListAsync(PageRequest page, CancellationToken cancellationToken);
}

/// <summary>Rings when a commit brought intents, so that the worker need not wait for its next look.</summary>
public interface IOutboxBell
{
    void Ring();

    /// <summary>Returns at a ring or after the time, whichever is first.</summary>
    Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}
