using Portal.Domain.Common;

namespace Portal.Domain.Access;

public enum AuditOutcome
{
    Allowed,
    Refused,
}

/// <summary>
/// A row of an audit log. Each organization has a chain of its own, the platform one with
/// <see cref="OrganizationId"/> null; <see cref="Hash"/> covers the row and the hash before it.
/// </summary>
public sealed record AuditRecord(
    Guid Id,
    OrganizationId? OrganizationId,
    long Sequence,
    DateTimeOffset At,
    string Actor,
    AccountId? AccountId,
    string? OnBehalfOf,
    string Operation,
    string Subject,
    AuditOutcome Outcome,
    IReadOnlyDictionary<string, string> Details,
    string? Address,
    string? TraceId,
    string Hash
);

/// <summary>What to list of an audit log: newest first.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Actor">Exactly.</param>
/// <param name="Operation">Exactly, or what stands before a dot: <c>topic</c> finds <c>topic.create</c>.</param>
/// <param name="Subject">How the subject begins: <c>shop/production</c> finds its topics.</param>
public sealed record AuditFilter(
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Actor = null,
    string? Operation = null,
    AuditOutcome? Outcome = null,
    string? Subject = null
)
{
    /// <summary>From what an address or a script gives; empty texts mean nothing asked.</summary>
    /// <param name="outcome"><c>allowed</c> or <c>refused</c>.</param>
    public static Outcome<AuditFilter> Create(
        DateTimeOffset? from,
        DateTimeOffset? to,
        string? actor,
        string? operation,
        string? outcome,
        string? subject
    )
    {
        if (from >= to)
            return new Problem.Invalid("time-backwards", "from lies before to.", "from");
        AuditOutcome? asked = outcome switch
        {
            "allowed" => AuditOutcome.Allowed,
            "refused" => AuditOutcome.Refused,
            _ => null,
        };
        if (asked is null && !string.IsNullOrEmpty(outcome))
            return new Problem.Invalid("outcome-unknown", "outcome is allowed or refused.", "outcome");
        return new AuditFilter(from, to, Text(actor), Text(operation), asked, Text(subject));
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

/// <summary>The end of a chain. Whoever keeps heads elsewhere finds out when a whole chain was rewritten.</summary>
/// <param name="Sequence">Of the last row; 0 when nothing was ever recorded.</param>
/// <param name="Hash">Of the last row, hexadecimal; empty when nothing was ever recorded.</param>
public sealed record AuditHead(long Sequence, string Hash);

/// <summary>What a walk over a chain found.</summary>
/// <param name="First">Sequence of the first row still kept: what retention cut off lies before it.</param>
/// <param name="Break">Sequence of the first row that was altered, removed or inserted; null when the chain is whole.</param>
public sealed record AuditCheck(AuditHead Head, long First, long? Break);

public interface IAuditTrail
{
    /// <summary>
    /// Records a refusal in a transaction of its own. <paramref name="organization"/> is null for the platform's log. Of one
    /// caller's many in a minute the first are rows, the rest a number on a later row.
    /// </summary>
    Task RecordRefusalAsync(
        Actor actor,
        OrganizationId? organization,
        Operation operation,
        Problem problem,
        CancellationToken cancellationToken
    );

    Task<PageOf<AuditRecord>> ListAsync(
        OrganizationId? organization,
        AuditFilter filter,
        PageRequest page,
        CancellationToken cancellationToken
    );

    Task<AuditHead> HeadAsync(OrganizationId? organization, CancellationToken cancellationToken);

    /// <summary>Walks a whole chain, row by row.</summary>
    Task<AuditCheck> CheckAsync(OrganizationId? organization, CancellationToken cancellationToken);

    /// <summary>
    /// Cuts off the oldest rows of one chain that lie before the instant, some at a time, and records in the same chain
    /// where it was cut. The number of rows cut off; 0 when no chain holds such a row.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was cut.</exception>
    Task<int> CutAsync(Lease lease, DateTimeOffset before, CancellationToken cancellationToken);
}
