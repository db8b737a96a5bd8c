using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>
/// What brokers say of the organization's topics now, for its own monitoring: of the tenants and namespaces that the actor's role
/// covers, by the names that the customer knows. It asks a cluster no more often for many scrapes than for one.
/// </summary>
public sealed class GetTopicMetrics(AccessGuard guard, IPortalDatabase database, MetricLooks looks, TimeProvider clock)
{
    /// <summary>
    /// Topic-partitions in one answer, some 100 MB as text: beyond that, a customer scrapes tenants or namespaces one by one.
    /// </summary>
    public const int MostTopics = 50_000;

    /// <param name="tenant">Only of this tenant; null for all.</param>
    /// <param name="namespace">Only of this namespace of it; never without a tenant.</param>
    public async Task<Outcome<TopicMetrics>> RunAsync(
        Actor actor,
        string organization,
        string? tenant,
        string? @namespace,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ViewResources, "metrics.read", tenant ?? "", Within: Scope.Anywhere);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!Scope.Create(tenant, @namespace).TryGet(out var wanted, out problem))
            return problem;
        if (!access.Scope.Touches(wanted))
            return wanted.Namespace is null ? TenantProblems.NoTenant : TenantProblems.NoNamespace;
        var found = await TenantsAsync(access, wanted, cancellationToken);
        if (!found.TryGet(out var tenants, out problem))
            return problem;
        List<ClusterMetrics> clusters = [];
        var (left, leftOut) = (MostTopics, 0);
        var names = tenants.Select(one => one.Cluster).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var pictures = await Task.WhenAll(names.Select(name => looks.OfAsync(name, cancellationToken)));
        foreach (var (name, picture) in names.Zip(pictures))
        {
            List<NamespaceFigures> namespaces = [];
            foreach (
                var one in tenants
                    .Where(one => one.Cluster == name)
                    .SelectMany(one => picture.OfTenant(one.Name).Where(inside => Covers(access, wanted, one.Name, inside.Name)))
            )
            {
                var given = one.Topics.Count <= left ? one : one with { Topics = [.. one.Topics.Take(left)] };
                left -= given.Topics.Count;
                leftOut += one.Topics.Count - given.Topics.Count;
                if (given.Topics.Count > 0)
                    namespaces.Add(given);
            }
            clusters.Add(new(name, picture.TakenAt is { } at ? clock.GetUtcNow() - at : null, picture.IsComplete, namespaces));
        }
        return new TopicMetrics(clusters, leftOut);
    }

    private static bool Covers(OrganizationAccess access, Scope wanted, string tenant, string @namespace) =>
        new Scope(tenant, @namespace) is var place && access.Scope.Covers(place) && wanted.Covers(place);

    /// <summary>
    /// Those that are known to be ours on their cluster: one that is being made may have the name of a tenant there that is
    /// somebody else's.
    /// </summary>
    private Task<Outcome<IReadOnlyList<Tenant>>> TenantsAsync(
        OrganizationAccess access,
        Scope wanted,
        CancellationToken cancellationToken
    ) =>
        database.ReadAsync<Outcome<IReadOnlyList<Tenant>>>(
            async session =>
            {
                List<Tenant> tenants = [];
                if (wanted.Tenant is { } only)
                {
                    if (await session.Tenants.FindAsync(access.Organization.Id, only, cancellationToken) is not { } one)
                        return TenantProblems.NoTenant;
                    if (
                        wanted.Namespace is { } inside
                        && await session.Tenants.FindNamespaceAsync(one.Id, inside, cancellationToken) is null
                    )
                        return TenantProblems.NoNamespace;
                    tenants.Add(one);
                }
                else
                {
                    for (var page = new PageRequest(PageRequest.MaxLimit); ; )
                    {
                        var found = await session.Tenants.ListAsync(access.Organization.Id, access.Scope, page, cancellationToken);
                        tenants.AddRange(found.Items);
                        if (found.Next is not { } next)
                            break;
                        page = page with { After = next };
                    }
                }
                return tenants.FindAll(one => one.State == ResourceState.Ready);
            },
            cancellationToken
        );
}

/// <param name="LeftOut">Topic-partitions beyond <see cref="GetTopicMetrics.MostTopics"/>.</param>
public sealed record TopicMetrics(IReadOnlyList<ClusterMetrics> Clusters, int LeftOut);

/// <param name="Age">Since its brokers were asked; null when none of them answered.</param>
/// <param name="IsComplete">All of its brokers answered.</param>
public sealed record ClusterMetrics(string Cluster, TimeSpan? Age, bool IsComplete, IReadOnlyList<NamespaceFigures> Namespaces);
