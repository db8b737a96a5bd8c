using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class OrganizationStore(PortalDbContext context) : IOrganizationStore
{
    public Task<Organization?> FindAsync(string slug, CancellationToken cancellationToken) =>
        context.Organizations.SingleOrDefaultAsync(organization => organization.Slug == slug, cancellationToken);

    public Task<Organization?> FindAsync(OrganizationId id, CancellationToken cancellationToken) =>
        context.Organizations.SingleOrDefaultAsync(organization => organization.Id == id, cancellationToken);

    public Task<Organization?> FindByStripeCustomerAsync(string customerId, CancellationToken cancellationToken) =>
        context.Organizations.SingleOrDefaultAsync(organization => organization.StripeCustomerId == customerId, cancellationToken);

    public Task<Organization?> FindSampleAsync(CancellationToken cancellationToken) =>
        context.Organizations.SingleOrDefaultAsync(organization => organization.IsSample, cancellationToken);

    public async Task<AccountId?> FirstOwnerAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        (
            await context
                .Memberships.Where(membership => membership.OrganizationId == organization && membership.Role == Role.Owner)
                .OrderBy(membership => membership.Since)
                .ThenBy(membership => membership.AccountId)
                .FirstOrDefaultAsync(cancellationToken)
        )?.AccountId;

    public Task<Membership?> FindMembershipAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken) =>
        context.Memberships.SingleOrDefaultAsync(
            membership => membership.OrganizationId == organization && membership.AccountId == account,
            cancellationToken
        );

    public Task<PageOf<Membership>> ListMembersAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken) =>
        context
            .Memberships.Where(membership => membership.OrganizationId == organization)
            .PageAsync(
                page,
                "members",
                membership => membership.Since,
                membership => membership.AccountId,
                newestFirst: false,
                cancellationToken
            );

    public Task<int> CountOwnersAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        context.Memberships.CountAsync(
            membership => membership.OrganizationId == organization && membership.Role == Role.Owner,
            cancellationToken
        );

    public Task<int> CountFreeOwnedAsync(AccountId account, CancellationToken cancellationToken) =>
        context
            .Memberships.Where(membership => membership.AccountId == account && membership.Role == Role.Owner)
            .CountAsync(
                membership =>
                    context.Organizations.Any(one =>
                        one.Id == membership.OrganizationId && one.State != OrganizationState.Closed && one.Plan == PlanCode.Free
                    ),
                cancellationToken
            );

    public Task<int> CountOwnedSinceAsync(AccountId account, DateTimeOffset since, CancellationToken cancellationToken) =>
        context.Memberships.CountAsync(
            membership => membership.AccountId == account && membership.Role == Role.Owner && membership.Since >= since,
            cancellationToken
        );

    public async Task<PageOf<(Organization Organization, Membership Membership)>> ListOfAccountAsync(
        AccountId account,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var mine = context.Memberships.Where(membership => membership.AccountId == account);
        var organizations = context
            .Organizations.Matching(page.Search)
            .Where(organization =>
                organization.State != OrganizationState.Closed && mine.Any(membership => membership.OrganizationId == organization.Id)
            );
        var found = await organizations.PageAsync(
            page,
            "organizations-of-account",
            organization => organization.Slug,
            organization => organization.Id,
            newestFirst: false,
            cancellationToken
        );
        var ids = found.Items.Select(organization => organization.Id).ToList();
        var memberships = await mine.Where(membership => ids.Contains(membership.OrganizationId))
            .ToDictionaryAsync(membership => membership.OrganizationId, cancellationToken);
        return found.Map(organization => (organization, memberships[organization.Id]));
    }

    public Task<PageOf<Organization>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        context
            .Organizations.Matching(page.Search)
            .PageAsync(
                page,
                "organizations",
                organization => organization.Slug,
                organization => organization.Id,
                newestFirst: false,
                cancellationToken
            );

    public async Task<IReadOnlyList<PlanPeriod>> PlansAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        var periods = context.PlanPeriods.Where(period => period.OrganizationId == organization);
        var inForce = await periods
            .Where(period => period.From <= from)
            .OrderByDescending(period => period.From)
            .ThenByDescending(period => period.Sequence)
            .FirstOrDefaultAsync(cancellationToken);
        var later = await periods
            .Where(period => period.From > from && period.From < to)
            .OrderBy(period => period.From)
            .ThenBy(period => period.Sequence)
            .ToListAsync(cancellationToken);
        return inForce is null ? later : [inForce, .. later];
    }

    public void Add(Organization organization) => context.Add(organization);

    public void Add(Membership membership) => context.Add(membership);

    public void Remove(Membership membership) => context.Remove(membership);

    public Task<RemovedMember?> FindRemovedAsync(OrganizationId organization, AccountId account, CancellationToken cancellationToken) =>
        context
            .Set<RemovedMember>()
            .SingleOrDefaultAsync(removed => removed.OrganizationId == organization && removed.AccountId == account, cancellationToken);

    public void Add(RemovedMember removed) => context.Add(removed);

    public void Remove(RemovedMember removed) => context.Remove(removed);

    public void Add(PlanPeriod period) => context.Add(period);
}
