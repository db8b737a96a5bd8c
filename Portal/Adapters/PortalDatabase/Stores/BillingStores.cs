using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class PriceBookStore(PortalDbContext context) : IPriceBookStore
{
    public async Task<IReadOnlyList<PriceBookRecord>> AllAsync(CancellationToken cancellationToken) =>
        await context
            .PriceBooks.OrderBy(book => book.StartsAt)
            .ThenBy(book => book.PublishedAt)
            .ThenBy(book => book.Id)
            .ToListAsync(cancellationToken);

    public Task<PriceBookRecord?> FindAsync(PriceBookId id, CancellationToken cancellationToken) =>
        context.PriceBooks.SingleOrDefaultAsync(book => book.Id == id, cancellationToken);

    public Task<PriceBookRecord?> FindAsync(string version, CancellationToken cancellationToken) =>
        context.PriceBooks.SingleOrDefaultAsync(book => book.Version == version, cancellationToken);

    public Task<bool> VersionExistsAsync(string version, CancellationToken cancellationToken) =>
        context.PriceBooks.AnyAsync(book => book.Version == version, cancellationToken);

    public void Add(PriceBookRecord book) => context.Add(book);

    public void Remove(PriceBookRecord book) => context.Remove(book);
}

internal sealed class InvoiceStore(PortalDbContext context) : IInvoiceStore
{
    /// <summary>Without those of the sample company, which are in nobody's books.</summary>
    private IQueryable<Invoice> Booked(IQueryable<Invoice> invoices) =>
        invoices.Where(invoice =>
            !context.Organizations.Any(organization => organization.Id == invoice.OrganizationId && organization.IsSample)
        );

    private IQueryable<Invoice> Invoices =>
        context
            .Invoices.Include(invoice => invoice.Lines.OrderBy(line => EF.Property<int>(line, BillingModel.LinePosition)))
            .Include(invoice => invoice.Adjustments.OrderBy(adjustment => EF.Property<int>(adjustment, BillingModel.LinePosition)))
            .Include(invoice => invoice.Taxes.OrderBy(tax => tax.Position))
            .AsSplitQuery();

    public Task<Invoice?> FindAsync(InvoiceId id, CancellationToken cancellationToken) =>
        Invoices.SingleOrDefaultAsync(invoice => invoice.Id == id, cancellationToken);

    public Task<Invoice?> FindAsync(OrganizationId organization, string number, CancellationToken cancellationToken) =>
        Invoices.SingleOrDefaultAsync(invoice => invoice.OrganizationId == organization && invoice.Number == number, cancellationToken);

    public Task<Invoice?> FindAsync(string number, CancellationToken cancellationToken) =>
        Invoices.SingleOrDefaultAsync(invoice => invoice.Number == number, cancellationToken);

    public Task<Invoice?> FindByStripeIdAsync(string stripeInvoiceId, CancellationToken cancellationToken) =>
        Invoices.SingleOrDefaultAsync(invoice => invoice.StripeInvoiceId == stripeInvoiceId, cancellationToken);

    public Task<PageOf<Invoice>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        Invoices
            .Where(invoice => invoice.OrganizationId == organization)
            .PageAsync(page, "invoices", invoice => invoice.CreatedAt, invoice => invoice.Id, newestFirst: true, cancellationToken);

    public async Task<PageOf<UnsettledInvoice>> UnsettledAsync(PageRequest page, CancellationToken cancellationToken)
    {
        // Without lines: a page of the operator's shows numbers and reasons, and is read again at each change of a month's close.
        var found = await Booked(context.Invoices.AsNoTracking())
            .Where(invoice => invoice.Stage != InvoiceStage.Settled)
            .PageAsync(page, "unsettled", invoice => invoice.CreatedAt, invoice => invoice.Id, newestFirst: false, cancellationToken);
        return found.Map(invoice => new UnsettledInvoice(invoice.Number, invoice.MonthText, invoice.Stage, invoice.ProblemMessage));
    }

    public Task<int> CountMismatchesAsync(CancellationToken cancellationToken) =>
        Booked(context.Invoices).CountAsync(invoice => invoice.Stage == InvoiceStage.Mismatch, cancellationToken);

    public async Task<IReadOnlyList<Invoice>> OpenAsync(InvoiceId? after, int limit, CancellationToken cancellationToken)
    {
        var open = Invoices.Where(invoice => invoice.FinalizedAt != null && invoice.Status == InvoiceStatus.Open);
        if (after is { } id)
            open = open.After(invoice => invoice.Id, id);
        return await open.OrderBy(invoice => invoice.Id).Take(limit).ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Invoice>> OpenOfAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        await Invoices
            .Where(invoice =>
                invoice.OrganizationId == organization
                && (
                    invoice.FinalizedAt != null && invoice.Status == InvoiceStatus.Open
                    || invoice.FinalizedAt == null && invoice.ProblemMessage == TaxRules.MissingNote
                )
            )
            .OrderBy(invoice => invoice.CreatedAt)
            .ThenBy(invoice => invoice.Id)
            .Take(100)
            .ToListAsync(cancellationToken);

    public Task<ClosedPeriod?> LastClosedAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        context
            .ClosedPeriods.Where(period => period.OrganizationId == organization)
            .OrderByDescending(period => period.To)
            .FirstOrDefaultAsync(cancellationToken);

    public async Task<IReadOnlyList<Organization>> NotClosedUpToAsync(
        DateTimeOffset instant,
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var organizations = NotClosedUpTo(instant);
        if (after is { } id)
            organizations = organizations.After(organization => organization.Id, id);
        return await organizations.OrderBy(organization => organization.Id).Take(limit).ToListAsync(cancellationToken);
    }

    public Task<int> CountNotClosedUpToAsync(DateTimeOffset instant, CancellationToken cancellationToken) =>
        NotClosedUpTo(instant).CountAsync(cancellationToken);

    public async Task<Month?> LastClosedMonthAsync(Month before, CancellationToken cancellationToken)
    {
        var text = before.ToString();
        var last = await context
            .ClosedPeriods.Where(period =>
                string.Compare(period.MonthText, text) < 0
                && context.Organizations.Any(organization => organization.Id == period.OrganizationId && !organization.IsSample)
            )
            .MaxAsync(period => (string?)period.MonthText, cancellationToken);
        return Month.TryParse(last, out var month) ? month : null;
    }

    public Task<int> CountClosedAsync(Month month, CancellationToken cancellationToken) => ClosedIn(month).CountAsync(cancellationToken);

    public Task<PageOf<Organization>> ListClosedAsync(Month month, PageRequest page, CancellationToken cancellationToken) =>
        ClosedIn(month)
            .PageAsync(
                page,
                $"closed-{month}",
                organization => organization.Slug,
                organization => organization.Id,
                newestFirst: false,
                cancellationToken
            );

    public async Task<IReadOnlyList<Organization>> LargestClosedAsync(Month month, int limit, CancellationToken cancellationToken)
    {
        var text = month.ToString();
        return await ClosedIn(month)
            .OrderByDescending(organization =>
                context
                    .Invoices.Where(invoice => invoice.OrganizationId == organization.Id && invoice.MonthText == text)
                    .Sum(invoice => invoice.TotalMinor)
            )
            .ThenBy(organization => organization.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);
    }

    private IQueryable<Organization> ClosedIn(Month month)
    {
        var text = month.ToString();
        return context.Organizations.Where(organization =>
            !organization.IsSample
            && context.ClosedPeriods.Any(period => period.OrganizationId == organization.Id && period.MonthText == text)
        );
    }

    private IQueryable<Organization> NotClosedUpTo(DateTimeOffset instant) =>
        context.Organizations.Where(organization =>
            !organization.IsSample
            && organization.CreatedAt < instant
            && !context.ClosedPeriods.Any(period => period.OrganizationId == organization.Id && period.To >= instant)
        );

    public async Task<IReadOnlyList<ClosedPeriod>> ClosedAsync(
        OrganizationId organization,
        Month month,
        CancellationToken cancellationToken
    )
    {
        var text = month.ToString();
        return await context
            .ClosedPeriods.Where(period => period.OrganizationId == organization && period.MonthText == text)
            .OrderBy(period => period.From)
            .ToListAsync(cancellationToken);
    }

    // Rated drafts count as well: their prices are settled.
    public Task<DateTimeOffset?> CoveredToAsync(CancellationToken cancellationToken) =>
        Booked(context.Invoices)
            .Where(invoice => invoice.Status != InvoiceStatus.Void)
            .MaxAsync(invoice => (DateTimeOffset?)invoice.To, cancellationToken);

    public void Add(Invoice invoice)
    {
        context.Add(invoice);
        for (var i = 0; i < invoice.Lines.Count; i++)
            context.Entry(invoice.Lines[i]).Property(BillingModel.LinePosition).CurrentValue = i;
        for (var i = 0; i < invoice.Adjustments.Count; i++)
            context.Entry(invoice.Adjustments[i]).Property(BillingModel.LinePosition).CurrentValue = i;
    }

    public void Add(ClosedPeriod period) => context.Add(period);
}
