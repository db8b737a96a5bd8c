using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class BudgetStore(PortalDbContext context) : IBudgetStore
{
    public Task<Budget?> FindAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        context.Budgets.SingleOrDefaultAsync(budget => budget.OrganizationId == organization, cancellationToken);

    public async Task<IReadOnlyList<OrganizationId>> OrganizationsAsync(
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var budgets = context.Budgets.Where(budget =>
            context.Organizations.Any(owner => owner.Id == budget.OrganizationId && owner.State != OrganizationState.Closed)
        );
        if (after is { } last)
            budgets = budgets.After(budget => budget.OrganizationId, last);
        return await budgets
            .OrderBy(budget => budget.OrganizationId)
            .Select(budget => budget.OrganizationId)
            .Take(limit)
            .ToListAsync(cancellationToken);
    }

    public void Add(Budget budget) => context.Add(budget);

    public void Remove(Budget budget) => context.Remove(budget);
}
