using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class TaxStore(PortalDbContext context) : ITaxStore
{
    public async Task<IReadOnlyList<TaxBook>> BooksAsync(CancellationToken cancellationToken) =>
        await context
            .TaxBooks.OrderBy(book => book.StartsAt)
            .ThenBy(book => book.PublishedAt)
            .ThenBy(book => book.Id)
            .ToListAsync(cancellationToken);

    // Also one that was added in this session and is not saved yet.
    public async Task<TaxProfile?> ProfileAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        await context.TaxProfiles.FindAsync([organization], cancellationToken);

    public async Task<TaxRateAtStripe?> RateAsync(string key, CancellationToken cancellationToken) =>
        await context.StripeTaxRates.FindAsync([key], cancellationToken);

    public void Add(TaxBook book) => context.Add(book);

    public void Remove(TaxBook book) => context.Remove(book);

    public void Add(TaxProfile profile) => context.Add(profile);

    public void Add(TaxRateAtStripe rate) => context.Add(rate);
}
