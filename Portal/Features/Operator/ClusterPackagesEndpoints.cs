using Portal.Domain.Clusters;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Whether a cluster runs customers' own functions.</summary>
public static class ClusterPackagesEndpoints
{
    public static IEndpointRouteBuilder MapClusterPackages(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/operator/clusters/{name}/packages").WithTags("Operator");
        group
            .MapGet("", GetAsync)
            .WithName("GetClusterPackages")
            .WithSummary("Get whether customers can run their own functions on a cluster");
        group
            .MapPut("", AllowAsync)
            .WithName("AllowClusterPackages")
            .WithSummary("Set whether customers can run their own functions on a cluster; the cluster's functions worker is checked first");
        return api;
    }

    /// <param name="Isolation">How functions are separated from each other on this cluster. none: customers can't upload functions.</param>
    /// <param name="Platform">What Go binaries must be built for.</param>
    /// <param name="Found">What the check of the functions worker found; null if it hasn't been checked.</param>
    public sealed record ClusterPackagesBody(
        [OneOf("none", "processes", "kubernetes")] string Isolation,
        [OneOf("amd64", "arm64")] string Platform,
        string? Found
    );

    /// <param name="Isolation">How the cluster's functions worker separates functions. none: customers can't upload functions.</param>
    /// <param name="Platform">What Go binaries must be built for. Leave it out to keep the present one.</param>
    public sealed record AllowPackagesBody(
        [Needed, OneOf("none", "processes", "kubernetes")] string? Isolation,
        [OneOf("amd64", "arm64")] string? Platform
    );

    private static async Task<Answer<ClusterPackagesBody>> GetAsync(
        string name,
        ApiContext context,
        GetPackagePolicy get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, name, cancellationToken)).ToOk(Body);

    private static async Task<Answer<ClusterPackagesBody>> AllowAsync(
        string name,
        AllowPackagesBody body,
        ApiContext context,
        AllowPackages allow,
        CancellationToken cancellationToken
    ) => (await allow.RunAsync(context.Actor, name, body.Isolation, body.Platform, cancellationToken)).ToOk(Body);

    private static ClusterPackagesBody Body(PackagePolicy policy) => new(policy.Isolation.Text(), policy.Platform, policy.Found);
}
