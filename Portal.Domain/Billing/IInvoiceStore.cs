using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

public interface IInvoiceStore
{
    Task<Invoice?> FindAsync(InvoiceId id, CancellationToken cancellationToken);
    Task<Invoice?> FindAsync(OrganizationId organization, string number, CancellationToken cancellationToken);

    /// <summary>By its number alone: no two organizations have the same.</summary>
    Task<Invoice?> FindAsync(string number, CancellationToken cancellationToken);

    Task<Invoice?> FindByStripeIdAsync(string stripeInvoiceId, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<Invoice>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);

    /// <summary>
    /// Invoices of a month whose close is not through (stage before Settled, Mismatch included), oldest first. Not the sample company's.
    /// </summary>
    Task<PageOf<UnsettledInvoice>> UnsettledAsync(PageRequest page, CancellationToken cancellationToken);

    /// <summary>How many invoices differ from Stripe's and are blocked; not those of the sample company.</summary>
    Task<int> CountMismatchesAsync(CancellationToken cancellationToken);

    /// <summary>Finalised and neither paid nor void nor given up, by id, after <paramref name="after"/>.</summary>
    Task<IReadOnlyList<Invoice>> OpenAsync(InvoiceId? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// The organization's invoices that were issued and are open, and those that wait for its address; oldest first, at most 100.
    /// </summary>
    Task<IReadOnlyList<Invoice>> OpenOfAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>The organization's closed period with the latest end, or null before the first.</summary>
    Task<ClosedPeriod?> LastClosedAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>
    /// Organizations created before the instant that no closed period covers up to it, by id, after <paramref name="after"/>.
    /// Organizations that are closed for good are among them: they owe what they used. The sample company is not: its months
    /// are closed for it alone.
    /// </summary>
    Task<IReadOnlyList<Organization>> NotClosedUpToAsync(
        DateTimeOffset instant,
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>How many <see cref="NotClosedUpToAsync"/> lists in all.</summary>
    Task<int> CountNotClosedUpToAsync(DateTimeOffset instant, CancellationToken cancellationToken);

    /// <summary>
    /// The latest month before the given one that an organization has closed, also in part; null for none. The sample company does not
    /// count.
    /// </summary>
    Task<Month?> LastClosedMonthAsync(Month before, CancellationToken cancellationToken);

    /// <summary>How many organizations have a closed period of the month, the sample company left out.</summary>
    Task<int> CountClosedAsync(Month month, CancellationToken cancellationToken);

    /// <summary>Those, by URL name.</summary>
    Task<PageOf<Organization>> ListClosedAsync(Month month, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Of those, the ones with the largest invoices of the month first.</summary>
    Task<IReadOnlyList<Organization>> LargestClosedAsync(Month month, int limit, CancellationToken cancellationToken);

    /// <summary>Closed periods that begin in the month, oldest first.</summary>
    Task<IReadOnlyList<ClosedPeriod>> ClosedAsync(OrganizationId organization, Month month, CancellationToken cancellationToken);

    /// <summary>
    /// The latest instant that any issued invoice covers: a price book may not start before it. Null when there is none. The sample
    /// company's don't count.
    /// </summary>
    Task<DateTimeOffset?> CoveredToAsync(CancellationToken cancellationToken);

    void Add(Invoice invoice);
    void Add(ClosedPeriod period);
}
