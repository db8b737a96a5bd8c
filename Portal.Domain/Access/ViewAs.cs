using System.Collections.Concurrent;
using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// An operator's look inside a customer's organization: for a reason, for a time, reading only. Each look is in the
/// customer's own audit log.
/// </summary>
public sealed class ViewAs
{
    private ViewAs() { }

    public ViewAs(
        ViewAsId id,
        AccountId operatorId,
        OrganizationId organizationId,
        string reason,
        DateTimeOffset startedAt,
        DateTimeOffset expiresAt,
        byte[] tokenHash
    ) =>
        (Id, OperatorId, OrganizationId, Reason, StartedAt, ExpiresAt, TokenHash) = (
            id,
            operatorId,
            organizationId,
            reason,
            startedAt,
            expiresAt,
            tokenHash
        );

    public ViewAsId Id { get; private set; }
    public AccountId OperatorId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>In the operator's words; the customer reads it.</summary>
    public string Reason { get; private set; } = "";

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>When it ends by itself, or when it was ended.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>SHA-256 of the token that scripts send for it.</summary>
    public byte[] TokenHash { get; private set; } = [];

    public bool IsOver(DateTimeOffset now) => ExpiresAt <= now;

    public void End(DateTimeOffset now) => ExpiresAt = now < ExpiresAt ? now : ExpiresAt;

    /// <summary>The operation as the customer's log tells it: with the reason.</summary>
    internal Operation Explain(Operation operation) =>
        operation with
        {
            Details = new Dictionary<string, string>(operation.Details ?? new Dictionary<string, string>())
            {
                ["viewAs"] = Id.ToString(),
                ["reason"] = Reason,
            },
        };
}

public interface IViewAsStore
{
    /// <summary>The operator's look at the organization that is not over; the newest if there are several.</summary>
    Task<ViewAs?> FindAsync(OrganizationId organization, AccountId operatorId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>By the hash of its token; over or not.</summary>
    Task<ViewAs?> FindAsync(byte[] tokenHash, CancellationToken cancellationToken);

    /// <summary>All of the operator's that are not over.</summary>
    Task<IReadOnlyList<ViewAs>> RunningAsync(AccountId operatorId, DateTimeOffset now, CancellationToken cancellationToken);

    void Add(ViewAs look);
}

/// <summary>
/// Tells a look from the same look repeated: a page that refreshes itself every few seconds is one look a minute, not a
/// row for every refresh.
/// </summary>
internal sealed class ViewAsLooks(TimeProvider clock)
{
    private static readonly TimeSpan Same = TimeSpan.FromMinutes(1);
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(ViewAsId, string, string), DateTimeOffset> _recorded = new();

    public bool IsNew(ViewAs look, Operation operation)
    {
        var now = clock.Now();
        var key = (look.Id, operation.Name, operation.Subject);
        if (_recorded.TryGetValue(key, out var at) && now - at < Same)
            return false;
        // Forgetting too much records too much, never too little.
        if (_recorded.Count >= Most)
            _recorded.Clear();
        _recorded[key] = now;
        return true;
    }
}
