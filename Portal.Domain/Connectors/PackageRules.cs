using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>Takes a version off its cluster: because somebody asked for it, or because its upload never came to an end.</summary>
public sealed record DeletePackageWork(PackageId Package) : IWorkPayload
{
    public static string Kind => "package.delete";
}

internal static class PackageRules
{
    /// <summary>
    /// Bytes of one package on any plan: each is looked at whole, and stored on every bookie or broker that keeps packages.
    /// </summary>
    internal const long MostBytes = ByteSize.GiB;

    /// <summary>Longer than any upload.</summary>
    private static readonly TimeSpan AtLatest = TimeSpan.FromMinutes(30);

    internal static WorkPlace Place(this FunctionPackage package) =>
        new(Lanes.Cluster(package.Cluster), $"package:{package.Id}", package.OrganizationId, package.FullName, WorkPriority.Waiting);

    /// <summary>Written before anything reaches the cluster, so that no crash leaves bytes there that nobody knows of.</summary>
    internal static void ArmSweep(this FunctionPackage package, IPortalSession session, TimeProvider clock) =>
        session
            .Work.Add(clock, new DeletePackageWork(package.Id), package.Place())
            .GoOn(new StepResult.GoOn("waits", AtLatest), clock.Now());

    internal static async Task StartDeletingAsync(
        this FunctionPackage package,
        IPortalSession session,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (package.State == ResourceState.Deleting)
            return;
        package.Delete(clock.Now());
        if (await session.Work.FindOpenAsync(package.Place().Line, DeletePackageWork.Kind, cancellationToken) is { } armed)
            armed.TryNow(clock.Now());
        else
            session.Work.Add(clock, new DeletePackageWork(package.Id), package.Place());
    }

    /// <summary>Why customers' code can't run on a cluster; null where it can.</summary>
    internal static Problem? RefuseOn(RegisteredCluster cluster) =>
        cluster.PackageIsolation != Isolation.None
            ? null
            : new Problem.Conflict(
                "packages-not-allowed",
                "This cluster doesn't run customers' own functions. Its functions would have to be separated from each other, in "
                    + "processes or in Kubernetes; ask your operator whether it can."
            );

    /// <summary>Why a plan leaves no room for one more version; null where it does.</summary>
    internal static async Task<Problem?> RefuseOneMoreAsync(
        IPortalSession session,
        OrganizationId organization,
        CancellationToken cancellationToken
    )
    {
        var plan = await session.PlanOfAsync(organization, cancellationToken);
        var used = await session.Packages.CountAsync(organization, cancellationToken);
        var lifted = plan.LiftedBy(LimitKind.FunctionPackages);
        return plan.Limits[LimitKind.FunctionPackages] == 0
            ? new Problem.OverLimit(
                "packages-limit",
                $"The {plan.Name} plan doesn't include functions of your own.{(lifted is null ? "" : $" {lifted} does.")}",
                0,
                used,
                lifted
            )
            : plan.RefuseOneMore(LimitKind.FunctionPackages, "packages-limit", "package version", null, used);
    }

    internal static Problem.Invalid NotOfPackage(string field) =>
        new(
            "package-unknown",
            "Only a function that runs a package of yours has a version and a class. Leave out packageVersion and className.",
            field
        );

    internal static Problem.NotFound None =>
        new("package-not-found", "We couldn't find this package version in the namespace. It may have been deleted.");

    internal static async Task<Outcome<FunctionPackage>> FindPackageAsync(
        this IPortalSession session,
        OrganizationId organization,
        string tenant,
        string @namespace,
        string name,
        string version,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(organization, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } inside)
            return TenantProblems.NoNamespace;
        return await session.Packages.FindAsync(inside.Id, name, version, cancellationToken) is { } found ? found : None;
    }

    /// <summary>
    /// What a function is to run, checked against what the package holds. Only a package of the function's own namespace is found.
    /// </summary>
    /// <param name="version">Null for the newest that is ready.</param>
    /// <param name="class">Null for the only one.</param>
    internal static async Task<Outcome<PackageUse>> UseAsync(
        IPortalSession session,
        Namespace @namespace,
        string name,
        string? version,
        string? @class,
        CancellationToken cancellationToken
    )
    {
        var found = version is not null
            ? await session.Packages.FindAsync(@namespace.Id, name, version, cancellationToken)
            : (await session.Packages.ListVersionsAsync(@namespace.Id, name, new PageRequest(), cancellationToken)).Items.FirstOrDefault(
                one => one.State == ResourceState.Ready
            );
        if (found is not { State: ResourceState.Ready })
            return new Problem.Invalid(
                "package-unknown",
                $"Namespace '{@namespace.Path}' has no package '{Operation.Brief(version is null ? name : $"{name}@{version}")}' "
                    + "that is ready. Upload it first, or choose another version.",
                "type"
            );
        if (found.Classes.Count == 0)
            return new PackageUse(found.Runtime, found.Version, null);
        if (@class is null && found.Classes.Count > 1)
            return new Problem.Invalid(
                "package-class-missing",
                $"Choose the class to run. Package {found.Name}@{found.Version} has "
                    + $"{string.Join(", ", found.Classes.Take(5))}{(found.Classes.Count > 5 ? ", and more" : "")}.",
                "className"
            );
        return @class is null ? new PackageUse(found.Runtime, found.Version, found.Classes[0])
            : found.Classes.Contains(@class, StringComparer.Ordinal) ? new PackageUse(found.Runtime, found.Version, @class)
            : new Problem.Invalid(
                "package-class-missing",
                $"Package {found.Name}@{found.Version} has no class '{Operation.Brief(@class)}' that can run as a function.",
                "className"
            );
    }
}

/// <summary>Packages on their way off a cluster.</summary>
public sealed class PackageSteps(IPortalDatabase database, IFunctionPackages packages, TimeProvider clock) : IWorkStep<DeletePackageWork>
{
    public async Task<StepResult> RunAsync(DeletePackageWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var package = await database.ReadAsync(
            session => session.Packages.FindAsync(payload.Package, cancellationToken),
            cancellationToken
        );
        // It was uploaded as it should be.
        if (package is null or { State: ResourceState.Ready or ResourceState.Deleted })
            return StepResult.Finished;
        var deleted = await packages.DeleteAsync(package.OnCluster, cancellationToken);
        // A cluster that keeps no packages any more keeps this one neither.
        if (!deleted.IsOk && deleted.Problem.Code != "packages-off")
            return StepResult.Of(deleted.Problem);
        return new StepResult.Done(
            async (session, token) => (await session.Packages.FindAsync(payload.Package, token))?.Deleted(clock.Now())
        );
    }

    public async Task PostponedAsync(
        IPortalSession session,
        DeletePackageWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Packages.FindAsync(payload.Package, cancellationToken))?.Wait(problem);

    public async Task RefusedAsync(
        IPortalSession session,
        DeletePackageWork payload,
        Problem problem,
        CancellationToken cancellationToken
    ) => (await session.Packages.FindAsync(payload.Package, cancellationToken))?.Keep(problem);
}
