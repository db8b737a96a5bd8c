using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Model;

// Rows that are no entities of the domain: what the adapters' ports need to keep.

/// <summary>The head of an audit chain: its last sequence and hash. Locked by every change of the organization.</summary>
internal sealed class AuditChainRow
{
    /// <summary>The organization, or <see cref="Guid.Empty"/> for the platform.</summary>
    public Guid Chain { get; set; }

    public long Sequence { get; set; }
    public string Hash { get; set; } = "";

    /// <summary>The last row that retention cut off, 0 for none: the rows kept begin after it.</summary>
    public long CutSequence { get; set; }

    /// <summary>Of that row: what the first row kept was hashed with.</summary>
    public string CutHash { get; set; } = "";
}

/// <summary>A row of an audit chain. <see cref="Details"/> is JSON with sorted keys, hashed as it is kept.</summary>
internal sealed class AuditRow
{
    public Guid Chain { get; set; }
    public long Sequence { get; set; }
    public Guid Id { get; set; }
    public DateTimeOffset At { get; set; }
    public string Actor { get; set; } = "";
    public Guid? AccountId { get; set; }
    public string? OnBehalfOf { get; set; }
    public string Operation { get; set; } = "";
    public string Subject { get; set; } = "";
    public AuditOutcome Outcome { get; set; }
    public string Details { get; set; } = "{}";
    public string? Address { get; set; }
    public string? TraceId { get; set; }
    public string Hash { get; set; } = "";
}

/// <summary>A tenant's name, given once. The key is in lower case: letter case does not make another name.</summary>
internal sealed class TenantNameRow
{
    public string Key { get; set; } = "";
    public string Name { get; set; } = "";
    public OrganizationId OrganizationId { get; set; }
}

/// <summary>A lease. On SQLite the instant is not looked at: the lock of the data folder is the lease there.</summary>
internal sealed class LeaseRow
{
    public string Name { get; set; } = "";
    public string Holder { get; set; } = "";
    public long Number { get; set; }
    public DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>A webhook event as it came in, kept so that it counts once however often it is delivered.</summary>
internal sealed class PaymentEventRow
{
    public string Id { get; set; } = "";
    public string Type { get; set; } = "";
    public string? ObjectId { get; set; }
    public string? CustomerId { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset ReceivedAt { get; set; }
    public string Body { get; set; } = "";
}
