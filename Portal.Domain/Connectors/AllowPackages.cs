using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>What an operator says of customers' code on a cluster, and what a look at its workers found.</summary>
/// <param name="Platform">What binaries have to be built for.</param>
/// <param name="Found">In words; null where nobody looked.</param>
public sealed record PackagePolicy(Isolation Isolation, string Platform, string? Found);

/// <summary>For operators: whether a cluster runs customers' own functions.</summary>
public sealed class GetPackagePolicy(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PackagePolicy>> RunAsync(Actor actor, string cluster, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "cluster.view-packages", cluster);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return ClusterOperations
            .Present(await database.ReadAsync(session => session.Clusters.FindAsync(cluster, cancellationToken), cancellationToken))
            .Map(AllowPackages.Policy);
    }
}

/// <summary>
/// Lets customers upload functions of their own to a cluster, or no longer. An operator says how functions are separated
/// there, since workers don't tell; where a look shows that they share a process, it stays off. What runs goes on.
/// </summary>
public sealed class AllowPackages(AccessGuard guard, IPortalDatabase database, IFunctionPackages packages, TimeProvider clock)
{
    /// <summary>Conflict <c>packages-share-process</c> where functions run as threads of the worker.</summary>
    /// <param name="isolation">none, processes or kubernetes.</param>
    /// <param name="platform">amd64 or arm64; null for amd64.</param>
    public async Task<Outcome<PackagePolicy>> RunAsync(
        Actor actor,
        string cluster,
        string? isolation,
        string? platform,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "cluster.allow-packages",
            cluster,
            new Dictionary<string, string>
            {
                ["isolation"] = Operation.Brief(isolation ?? ""),
                ["platform"] = Operation.Brief(platform ?? ""),
            }
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (!IsolationWords.TryIsolation(isolation, out var wanted))
            return new Problem.Invalid("isolation-unknown", "isolation is none, processes or kubernetes.", "isolation");
        if (platform is not null && !IsolationWords.IsPlatform(platform))
            return new Problem.Invalid("platform-unknown", "platform is amd64 or arm64.", "platform");
        var present = ClusterOperations.Present(
            await database.ReadAsync(session => session.Clusters.FindAsync(cluster, cancellationToken), cancellationToken)
        );
        if (present.Problem is { } absent)
            return absent;
        string? found = null;
        if (wanted != Isolation.None)
        {
            if (!(await packages.LookAtRuntimeAsync(cluster, cancellationToken)).TryGet(out var look, out var problem))
                return problem;
            if (look.Finding == RuntimeFinding.Threads)
            {
                return new Problem.Conflict(
                    "packages-share-process",
                    "Functions on this cluster run as threads of the worker: each could read what belongs to others, and the "
                        + "cluster's own credentials. Set functionRuntimeFactoryClassName to processes or Kubernetes first.",
                    "isolation"
                );
            }
            found =
                look.Finding == RuntimeFinding.Separate
                    ? "A function ran in a process of its own."
                    : "The check couldn't tell how functions are "
                        + $"separated.{(look.Says is { } says ? $" The worker said: {Operation.Brief(says)}" : "")}";
        }
        return await database.WriteAsync<PackagePolicy>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(cluster, cancellationToken))
                        .TryGet(out var registered, out var missing)
                )
                    return missing;
                registered.AllowPackages(wanted, platform ?? registered.PackagePlatform, found, actor.Name, clock.Now());
                return Policy(registered);
            },
            cancellationToken
        );
    }

    internal static PackagePolicy Policy(RegisteredCluster cluster) =>
        new(cluster.PackageIsolation, cluster.PackagePlatform, cluster.PackageFinding);
}
