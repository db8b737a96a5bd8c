using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class DunningStore(PortalDbContext context) : IDunningStore
{
    public Task<DunningCase?> FindAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        context.DunningCases.SingleOrDefaultAsync(one => one.OrganizationId == organization, cancellationToken);

    public async Task<IReadOnlyList<OrganizationId>> ConcernedAsync(
        DateTimeOffset now,
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var concerned = Concerned(now);
        if (after is { } last)
            concerned = concerned.After(organization => organization.Id, last);
        return await concerned
            .OrderBy(organization => organization.Id)
            .Select(organization => organization.Id)
            .Take(limit)
            .ToListAsync(cancellationToken);
    }

    public Task<PageOf<Organization>> ListAsync(DateTimeOffset now, PageRequest page, CancellationToken cancellationToken) =>
        Concerned(now)
            .PageAsync(
                page,
                "overdue",
                organization => organization.Slug,
                organization => organization.Id,
                newestFirst: false,
                cancellationToken
            );

    public void Add(DunningCase @case) => context.Add(@case);

    public void Remove(DunningCase @case) => context.Remove(@case);

    private IQueryable<Organization> Concerned(DateTimeOffset now) =>
        context.Organizations.Where(organization =>
            !organization.IsSample
            && organization.State != OrganizationState.Closed
            && (
                organization.Arrears != Arrears.None
                || context.Invoices.Any(invoice =>
                    invoice.OrganizationId == organization.Id
                    && (invoice.Status == InvoiceStatus.Open || invoice.FinalizedAt == null)
                    && invoice.DueAt != null
                    && invoice.DueAt <= now
                )
                || context.DunningCases.Any(one => one.OrganizationId == organization.Id)
            )
        );
}
