using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class CreditStore(PortalDbContext context) : ICreditStore
{
    private const int MostOpen = 1_000;

    public Task<Credit?> FindAsync(OrganizationId organization, CreditId id, CancellationToken cancellationToken) =>
        context.Credits.SingleOrDefaultAsync(credit => credit.OrganizationId == organization && credit.Id == id, cancellationToken);

    public async Task<IReadOnlyList<Credit>> OpenAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        await context
            .Credits.Where(credit => credit.OrganizationId == organization && credit.LeftMinor > 0)
            .OrderBy(credit => credit.ExpiresAt == null)
            .ThenBy(credit => credit.ExpiresAt)
            .ThenBy(credit => credit.GrantedAt)
            .ThenBy(credit => credit.Id)
            .Take(MostOpen)
            .ToListAsync(cancellationToken);

    public Task<PageOf<Credit>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        context
            .Credits.Where(credit => credit.OrganizationId == organization)
            .PageAsync(page, "credits", credit => credit.GrantedAt, credit => credit.Id, newestFirst: true, cancellationToken);

    public Task<PageOf<CreditEntry>> EntriesAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        context
            .CreditEntries.Where(entry => entry.OrganizationId == organization)
            .PageAsync(page, "credit-entries", entry => entry.At, entry => entry.Id, newestFirst: true, cancellationToken);

    public void Add(Credit credit) => context.Add(credit);

    public void Add(CreditEntry entry) => context.Add(entry);
}
