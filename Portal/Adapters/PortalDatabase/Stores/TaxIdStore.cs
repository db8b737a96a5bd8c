using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class TaxIdStore(PortalDbContext context) : ITaxIdStore
{
    public async Task<IReadOnlyList<TaxId>> OfAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        await context
            .TaxIds.Where(one => one.OrganizationId == organization)
            .OrderBy(one => one.CreatedAt)
            .ThenBy(one => one.Id)
            .ToListAsync(cancellationToken);

    public Task<TaxId?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        context.TaxIds.SingleOrDefaultAsync(one => one.Id == id, cancellationToken);

    public void Add(TaxId taxId) => context.Add(taxId);

    public void Remove(TaxId taxId) => context.Remove(taxId);
}
