using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>The refusals that several use cases share.</summary>
internal static class TenantProblems
{
    internal static readonly Problem.NotFound NoTenant = new(
        "tenant-not-found",
        "We couldn't find this tenant in your organization. It may have been deleted."
    );
    internal static readonly Problem.NotFound NoNamespace = new(
        "namespace-not-found",
        "We couldn't find this namespace in the tenant. It may have been deleted."
    );
    internal static readonly Problem.NotFound NoTopic = new(
        "topic-not-found",
        "We couldn't find this topic in the namespace. It may have been deleted."
    );

    internal static Problem.Conflict Deleting(string what) =>
        new($"{what}-deleting", $"This {what} is being deleted, so nothing can be added to it.");

    internal static Outcome<string> ClusterOf(Clusters.IClusterCatalog clusters, string? asked) =>
        asked is null or ""
            ? clusters.All.FirstOrDefault(cluster => cluster.TakesTenants) is { } first
                ? first.Name
                : new Problem.Unavailable("no-cluster", "No cluster accepts new tenants at the moment. Contact the operator.")
            : clusters.Find(asked) is { } found
                ? found.Name
                : new Problem.Invalid(
                    "cluster-unknown",
                    "There is no cluster with that name. Available clusters: "
                        + $"{string.Join(", ", clusters.All.Where(cluster => cluster.TakesTenants).Select(cluster => cluster.Name))}.",
                    "cluster"
                );
}
