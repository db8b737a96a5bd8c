using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Sample;

/// <summary>
/// Takes an organization out of the portal's own database as if it had never been. For the sample company alone: what
/// belongs to a customer is kept.
/// </summary>
public interface ISampleRows
{
    /// <summary>
    /// Erases some of what the usage ledger has of the organization and of its tenants' topics, in a transaction so small
    /// that nobody notices it. How many rows went; 0 when nothing is left.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was erased.</exception>
    Task<int> EraseUsageAsync(OrganizationId organization, Lease? lease, CancellationToken cancellationToken);

    /// <summary>
    /// Erases the organization, every row of every table that belongs to it, its audit log, the names that its tenants
    /// claimed, the accounts, and the gateway's events about its customer; all of it or nothing. How many rows went, and
    /// what work under way still holds; 0 when nothing is left.
    /// </summary>
    /// <param name="customerId">At the payment gateway; null for none.</param>
    /// <exception cref="InvalidOperationException">The organization is a customer.</exception>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was erased.</exception>
    Task<int> EraseAsync(
        OrganizationId organization,
        string? customerId,
        IReadOnlyCollection<AccountId> accounts,
        Lease? lease,
        CancellationToken cancellationToken
    );
}
