using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class PlanStore(PortalDbContext context) : IPlanStore
{
    private IQueryable<Namespace> Namespaces => context.Namespaces.Where(@namespace => @namespace.State != ResourceState.Deleted);

    private IQueryable<Topic> Topics => context.Topics.Where(topic => topic.State != ResourceState.Deleted);

    public async Task<IReadOnlyList<PlanVersion>> NewestAsync(CancellationToken cancellationToken) =>
        await context
            .PlanVersions.Where(version =>
                !context.PlanVersions.Any(later => later.Plan == version.Plan && later.Version > version.Version)
            )
            .ToListAsync(cancellationToken);

    public Task<PageOf<PlanVersion>> ListAsync(PlanCode plan, PageRequest page, CancellationToken cancellationToken) =>
        context
            .PlanVersions.Where(version => version.Plan == plan)
            .PageAsync(
                page,
                $"plan-versions-{Plan.Text(plan)}",
                version => version.Version,
                version => version.Version,
                newestFirst: true,
                cancellationToken
            );

    public Task<OrganizationLimits?> LimitsOfAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        context.OrganizationLimits.SingleOrDefaultAsync(limits => limits.OrganizationId == organization, cancellationToken);

    public Task<int> CountAsync(PlanCode plan, CancellationToken cancellationToken) =>
        OnPlan(plan).CountAsync(organization => !organization.IsSample, cancellationToken);

    public async Task<IReadOnlyList<OrganizationOnPlan>> OnPlanAsync(
        PlanCode plan,
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var organizations = OnPlan(plan);
        if (after is { } last)
            organizations = organizations.After(organization => organization.Id, last);
        return await organizations
            .OrderBy(organization => organization.Id)
            .Take(limit)
            .Select(organization => new OrganizationOnPlan(
                organization.Id,
                organization.Slug,
                organization.Name,
                organization.IsSample,
                context
                    .OrganizationLimits.Where(limits => limits.OrganizationId == organization.Id)
                    .Select(limits => limits.LimitsDocument)
                    .FirstOrDefault()
            ))
            .ToListAsync(cancellationToken);
    }

    public async Task<IReadOnlyDictionary<OrganizationId, IReadOnlyList<LimitUse>>> UsesAsync(
        IReadOnlyCollection<OrganizationId> organizations,
        CancellationToken cancellationToken
    )
    {
        var tenants = await context
            .Tenants.Where(tenant => tenant.State != ResourceState.Deleted && organizations.Contains(tenant.OrganizationId))
            .GroupBy(tenant => tenant.OrganizationId)
            .Select(group => new { group.Key, Used = group.Count() })
            .ToListAsync(cancellationToken);
        var namespaces = await Namespaces
            .Where(@namespace => organizations.Contains(@namespace.OrganizationId))
            .GroupBy(@namespace => new { @namespace.OrganizationId, @namespace.TenantId })
            .Select(group => new { group.Key.OrganizationId, Used = group.Count() })
            .GroupBy(one => one.OrganizationId)
            .Select(group => new { group.Key, Used = group.Max(one => one.Used) })
            .ToListAsync(cancellationToken);
        var topics = await Topics
            .Where(topic => organizations.Contains(topic.OrganizationId))
            .GroupBy(topic => new { topic.OrganizationId, topic.NamespaceId })
            .Select(group => new { group.Key.OrganizationId, Used = group.Count() })
            .GroupBy(one => one.OrganizationId)
            .Select(group => new { group.Key, Used = group.Max(one => one.Used) })
            .ToListAsync(cancellationToken);
        var partitions = await Topics
            .Where(topic => organizations.Contains(topic.OrganizationId))
            .GroupBy(topic => topic.OrganizationId)
            .Select(group => new { group.Key, Used = group.Max(topic => topic.Partitions) })
            .ToListAsync(cancellationToken);
        return tenants
            .Select(one => (one.Key, Use: new LimitUse(LimitKind.Tenants, one.Used, "")))
            .Concat(namespaces.Select(one => (one.Key, Use: new LimitUse(LimitKind.NamespacesPerTenant, one.Used, ""))))
            .Concat(topics.Select(one => (one.Key, Use: new LimitUse(LimitKind.TopicsPerNamespace, one.Used, ""))))
            .Concat(partitions.Select(one => (one.Key, Use: new LimitUse(LimitKind.PartitionsPerTopic, one.Used, ""))))
            .GroupBy(one => one.Key)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<LimitUse>)[.. group.Select(one => one.Use)]);
    }

    public async Task<IReadOnlyList<LimitUse>> LargestUsesAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        var tenants = await context.Tenants.CountAsync(
            tenant => tenant.OrganizationId == organization && tenant.State != ResourceState.Deleted,
            cancellationToken
        );
        var namespaces = await Namespaces
            .Where(@namespace => @namespace.OrganizationId == organization)
            .GroupBy(@namespace => @namespace.TenantName)
            .Select(group => new { group.Key, Used = group.Count() })
            .OrderByDescending(one => one.Used)
            .ThenBy(one => one.Key)
            .FirstOrDefaultAsync(cancellationToken);
        var topics = await Topics
            .Where(topic => topic.OrganizationId == organization)
            .GroupBy(topic => new { topic.TenantName, topic.NamespaceName })
            .Select(group => new
            {
                group.Key.TenantName,
                group.Key.NamespaceName,
                Used = group.Count(),
            })
            .OrderByDescending(one => one.Used)
            .ThenBy(one => one.TenantName)
            .ThenBy(one => one.NamespaceName)
            .FirstOrDefaultAsync(cancellationToken);
        var partitions = await Topics
            .Where(topic => topic.OrganizationId == organization)
            .OrderByDescending(topic => topic.Partitions)
            .ThenBy(topic => topic.Address)
            .Select(topic => new { topic.Address, topic.Partitions })
            .FirstOrDefaultAsync(cancellationToken);
        List<LimitUse> uses = [new(LimitKind.Tenants, tenants, "the organization")];
        if (namespaces is not null)
            uses.Add(new(LimitKind.NamespacesPerTenant, namespaces.Used, $"tenant '{namespaces.Key}'"));
        if (topics is not null)
            uses.Add(new(LimitKind.TopicsPerNamespace, topics.Used, $"namespace '{topics.TenantName}/{topics.NamespaceName}'"));
        if (partitions is not null)
            uses.Add(new(LimitKind.PartitionsPerTopic, partitions.Partitions, $"topic '{partitions.Address}'"));
        var instances = await context
            .Connectors.Where(connector => connector.OrganizationId == organization && connector.State != ResourceState.Deleted)
            .SumAsync(connector => connector.Instances, cancellationToken);
        if (instances > 0)
            uses.Add(new(LimitKind.Connectors, instances, "the organization"));
        var packages = await context
            .Set<FunctionPackage>()
            .CountAsync(package => package.OrganizationId == organization && package.State != ResourceState.Deleted, cancellationToken);
        if (packages > 0)
            uses.Add(new(LimitKind.FunctionPackages, packages, "the organization"));
        return uses;
    }

    public void Add(PlanVersion version) => context.Add(version);

    public void Add(OrganizationLimits limits) => context.Add(limits);

    private IQueryable<Organization> OnPlan(PlanCode plan) =>
        context.Organizations.Where(organization => organization.Plan == plan && organization.State != OrganizationState.Closed);
}
