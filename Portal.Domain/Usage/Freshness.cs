using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <param name="CompleteTo">Up to here every counter of the cluster is in; null before its first.</param>
public sealed record ClusterFreshness(string Cluster, DateTimeOffset? CompleteTo);

/// <summary>
/// How far usage is metered, cluster by cluster: a cluster that is away makes what is known of the others no older. Whoever
/// bills takes <see cref="CompleteTo"/>, where all of it is in.
/// </summary>
/// <param name="Clusters">Those that hold something of the organization's that is metered, by name.</param>
public sealed record Freshness(IReadOnlyList<ClusterFreshness> Clusters)
{
    /// <summary>Polls are not at the same second everywhere, and one that is missed is made up for by the next.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMinutes(5);

    public static Freshness None { get; } = new([]);

    /// <summary>Null before the first poll of one of them, and without any.</summary>
    public DateTimeOffset? CompleteTo =>
        Clusters.Count == 0 || Clusters.Any(one => one.CompleteTo is null) ? null : Clusters.Min(one => one.CompleteTo);

    /// <summary>Up to here what comes from the clusters that keep up is in; null while nothing is known.</summary>
    public DateTimeOffset? MeteredTo => Clusters.Except(Behind).Min(one => one.CompleteTo);

    /// <summary>Clusters that don't keep up with the others.</summary>
    public IReadOnlyList<ClusterFreshness> Behind
    {
        get
        {
            var newest = Clusters.Max(one => one.CompleteTo);
            return newest is null ? [] : [.. Clusters.Where(one => one.CompleteTo is null || newest - one.CompleteTo > Together)];
        }
    }

    public static async Task<Freshness> ReadAsync(
        IUsageLedger ledger,
        IReadOnlyCollection<string> clusters,
        CancellationToken cancellationToken
    )
    {
        var complete = await ledger.CompleteByClusterAsync(cancellationToken);
        return new([
            .. clusters
                .Order(StringComparer.Ordinal)
                .Select(cluster => new ClusterFreshness(cluster, complete.TryGetValue(cluster, out var to) ? to : null)),
        ]);
    }
}

internal static class ClustersOfUsage
{
    /// <summary>Those whose freshness people are shown: where something is metered, else where something will be.</summary>
    internal static async Task<IReadOnlyList<string>> ClustersOfUsageAsync(
        this IPortalSession session,
        OrganizationId organization,
        DateTimeOffset since,
        CancellationToken cancellationToken
    ) =>
        await session.Tenants.MeteredClustersAsync(organization, since, cancellationToken) is { Count: > 0 } metered
            ? metered
            : await session.Tenants.ClustersAsync(organization, since, cancellationToken);
}
