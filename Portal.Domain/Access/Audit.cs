using Portal.Domain.Common;

namespace Portal.Domain.Access;

public enum AuditOutcome { Allowed, Refused }

/// <summary>
/// A row of an audit log. Each organisation has a chain of its own, the platform one with
/// <see cref="OrganizationId"/> null; <see cref="Hash"/> covers the row and the hash before it.
/// </summary>
public sealed record AuditRecord(
    Guid Id, OrganizationId? OrganizationId, long Sequence, DateTimeOffset At, string Actor, AccountId? AccountId, string? OnBehalfOf, string Operation,
    string Subject, AuditOutcome Outcome, IReadOnlyDictionary<string, string> Details, string? Address, string? TraceId, string Hash);

/// <summary>What to list of an audit log: newest first.</summary>
public sealed record AuditFilter(
    DateTimeOffset? From = null, DateTimeOffset? To = null, string? Actor = null, string? Operation = null, AuditOutcome? Outcome = null);

public interface IAuditTrail
{
    /// <summary>Records a refusal in a transaction of its own. <paramref name="organization"/> is null for the platform's log.</summary>
    Task RecordRefusalAsync(Actor actor, OrganizationId? organization, Operation operation, Problem problem, CancellationToken cancellationToken);

    Task<PageOf<AuditRecord>> ListAsync(OrganizationId? organization, AuditFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Walks a whole chain; the sequence of the first row that was altered, removed or inserted, or null when it is whole.</summary>
    Task<long?> FindBreakAsync(OrganizationId? organization, CancellationToken cancellationToken);
}
