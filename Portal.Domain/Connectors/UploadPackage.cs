using System.Security.Cryptography;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <param name="Note">What this version is about; null for nothing.</param>
/// <param name="DeclaredBytes">What the sender says that is to come; null where nobody says.</param>
public sealed record NewPackage(string? Namespace, string? Name, string? Version, string? Note, long? DeclaredBytes = null);

/// <summary>
/// Takes a customer's own function: reads what the file holds, keeps what is known of it, and stores the bytes on the cluster
/// of the tenant. The same file again under the same version changes nothing.
/// </summary>
public sealed class UploadPackage(
    AccessGuard guard,
    IPortalDatabase database,
    IFunctionPackages packages,
    IUploadRoom room,
    TimeProvider clock
)
{
    /// <summary>For what is slow on the way in and out: it holds room on disk.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>Bytes a second, on average, once the grace is over: a trickle would keep the room from others for all that time.</summary>
    private const int LeastRate = 16 * (int)ByteSize.KiB;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly Problem.Unavailable Slow = new(
        "package-upload-slow",
        $"The upload is too slow: it has to arrive at {LeastRate / ByteSize.KiB} KiB a second at least, within "
            + $"{Longest.TotalMinutes:0} minutes. Try again over a faster connection, or with a smaller package."
    );

    /// <summary>
    /// Conflict <c>packages-not-allowed</c> where functions on the cluster share a process, <c>package-version-exists</c> for a
    /// version that holds something else; OverLimit <c>packages-limit</c> and <c>package-size</c>.
    /// </summary>
    /// <param name="content">Read once, up to the plan's limit.</param>
    public async Task<Outcome<FunctionPackage>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        NewPackage wanted,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "package.upload",
            $"{tenant}/{wanted.Namespace}/{wanted.Name}@{wanted.Version}",
            Within: new(tenant, wanted.Namespace ?? "")
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (string.IsNullOrEmpty(wanted.Namespace))
            return new Problem.Invalid("connector-namespace-missing", "Choose the namespace that the package belongs to.", "namespace");
        if (
            (PackageWords.CheckName(wanted.Name) ?? PackageWords.CheckVersion(wanted.Version) ?? PackageWords.CheckNote(wanted.Note)) is
            { } wrong
        )
            return wrong;
        // Before a byte is read: whoever may not upload uploads nothing.
        var before = await database.ReadAsync(
            session => BeforeAsync(session, access.Organization.Id, tenant, wanted, cancellationToken),
            cancellationToken
        );
        if (!before.TryGet(out var most, out problem))
            return problem;
        if (wanted.DeclaredBytes > most)
            return TooLarge(most, wanted.DeclaredBytes.Value);

        if (!room.Open(access.Organization.Id).TryGet(out var opened, out problem))
            return problem;
        await using var file = opened;
        using var over = new CancellationTokenSource(Longest, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            if (!(await TakeAsync(content, file, most, both.Token)).TryGet(out var sha256, out problem))
                return problem;
            if (!PackageReader.Read(file, wanted.Name!, both.Token).TryGet(out var holds, out problem))
                return problem;
            return await StoreAsync(actor, access, operation, tenant, wanted, file, holds, sha256, both.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Slow;
        }
    }

    private static Problem.OverLimit TooLarge(long most, long bytes) =>
        new(
            "package-size",
            $"A package can have at most {(most % ByteSize.MiB == 0 ? $"{most / ByteSize.MiB} MiB" : ByteSize.Text(most))} on "
                + "your plan. Leave out what the function doesn't need.",
            most,
            bytes,
            null
        );

    /// <summary>How many bytes the package may have.</summary>
    private static async Task<Outcome<long>> BeforeAsync(
        IPortalSession session,
        OrganizationId organization,
        string tenant,
        NewPackage wanted,
        CancellationToken cancellationToken
    )
    {
        if (
            !(await CatalogReading.ClusterOfAsync(session, organization, tenant, cancellationToken)).TryGet(
                out var cluster,
                out var problem
            )
        )
            return problem;
        if (PackageRules.RefuseOn(cluster) is { } refused)
            return refused;
        var found = await session.FindPackageAsync(
            organization,
            tenant,
            wanted.Namespace!,
            wanted.Name!,
            wanted.Version!,
            cancellationToken
        );
        if (found.Problem is { } missing && missing.Code != PackageRules.None.Code)
            return missing;
        if (!found.IsOk && await PackageRules.RefuseOneMoreAsync(session, organization, cancellationToken) is { } full)
            return full;
        var plan = await session.PlanOfAsync(organization, cancellationToken);
        return Math.Min(plan.Limits[LimitKind.FunctionPackageBytes] ?? PackageRules.MostBytes, PackageRules.MostBytes);
    }

    /// <summary>What is sent goes to disk as it comes, and no further than the limit.</summary>
    private async Task<Outcome<string>> TakeAsync(Stream content, Stream file, long most, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        var began = clock.GetTimestamp();
        for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if (file.Length + read > most)
                return TooLarge(most, file.Length + read);
            if (clock.GetElapsedTime(began) is var taken && taken > Grace && file.Length + read < taken.TotalSeconds * LeastRate)
                return Slow;
            hash.AppendData(buffer, 0, read);
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private async Task<Outcome<FunctionPackage>> StoreAsync(
        Actor actor,
        OrganizationAccess access,
        Operation operation,
        string tenant,
        NewPackage wanted,
        Stream file,
        PackageContent holds,
        string sha256,
        CancellationToken cancellationToken
    )
    {
        var details = new Dictionary<string, string>
        {
            ["bytes"] = $"{file.Length}",
            ["sha256"] = sha256,
            ["runtime"] = holds.Runtime.Text(),
        };
        var there = false;
        var begun = await database.WriteAsync<FunctionPackage>(
            actor,
            access.Organization.Id,
            operation with
            {
                Details = details,
            },
            async session =>
            {
                var found = await session.FindPackageAsync(
                    access.Organization.Id,
                    tenant,
                    wanted.Namespace!,
                    wanted.Name!,
                    wanted.Version!,
                    cancellationToken
                );
                if (found.TryGet(out var present, out var missing))
                {
                    there = present.State == ResourceState.Ready && present.Sha256 == sha256;
                    return there ? present
                        : present.State == ResourceState.Ready
                            ? new Problem.Conflict(
                                "package-version-exists",
                                $"Version {present.Version} of package '{present.Name}' exists and holds something else. "
                                    + "A version never changes; upload this file under another one.",
                                "version"
                            )
                        : new Problem.Conflict(
                            "package-busy",
                            $"Version {present.Version} of package '{present.Name}' is being uploaded or deleted. Try again in a moment.",
                            "version"
                        );
                }
                if (missing.Code != PackageRules.None.Code)
                    return missing;
                if (
                    !(await CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken)).TryGet(
                        out var cluster,
                        out var absent
                    )
                )
                    return absent;
                if (PackageRules.RefuseOn(cluster) is { } refused)
                    return refused;
                if (holds.Platform is { } platform && platform != cluster.PackagePlatform)
                    return new Problem.Invalid(
                        "package-platform",
                        $"This binary is built for {platform}, and the cluster runs {cluster.PackagePlatform}. "
                            + $"Build it with GOOS=linux GOARCH={cluster.PackagePlatform}.",
                        "file"
                    );
                if (await PackageRules.RefuseOneMoreAsync(session, access.Organization.Id, cancellationToken) is { } full)
                    return full;
                var owner = (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken))!;
                var inside = (await session.Tenants.FindNamespaceAsync(owner.Id, wanted.Namespace!, cancellationToken))!;
                if (inside.State != ResourceState.Ready)
                    return inside.State == ResourceState.Deleting
                        ? TenantProblems.Deleting("namespace")
                        : new Problem.Conflict(
                            "namespace-not-ready",
                            "The namespace isn't on the cluster yet. Try again in a moment.",
                            "namespace"
                        );
                if (await RefuseOtherKindAsync(session, inside, wanted.Name!, holds, cancellationToken) is { } other)
                    return other;
                var package = new FunctionPackage(
                    new(clock.NewUuid()),
                    inside,
                    wanted.Name!,
                    wanted.Version!,
                    holds,
                    file.Length,
                    sha256,
                    wanted.Note?.Trim() ?? "",
                    actor.Name,
                    clock.Now()
                );
                session.Packages.Add(package);
                package.ArmSweep(session, clock);
                return package;
            },
            cancellationToken
        );
        if (there || !begun.TryGet(out var package, out _))
            return begun;
        try
        {
            file.Position = 0;
            var uploaded = await packages.UploadAsync(package.OnCluster, file, cancellationToken);
            var ended = await EndAsync(package, uploaded.Problem);
            // Its namespace was deleted meanwhile, and with it what was known of the version: the bytes follow.
            if (uploaded.IsOk && !ended.IsOk)
                await packages.DeleteAsync(package.OnCluster, CancellationToken.None);
            return ended;
        }
        catch (OperationCanceledException)
        {
            await EndAsync(package, PackageRules.None);
            throw;
        }
    }

    /// <summary>A function that is updated to another version runs on, so versions of one name are of one kind.</summary>
    private static async Task<Problem?> RefuseOtherKindAsync(
        IPortalSession session,
        Namespace inside,
        string name,
        PackageContent holds,
        CancellationToken cancellationToken
    ) =>
        (await session.Packages.ListVersionsAsync(inside.Id, name, new PageRequest(1), cancellationToken)).Items is [{ } last]
        && last.Runtime != holds.Runtime
            ? new Problem.Conflict(
                "package-kind-differs",
                $"Package '{name}' holds {last.Runtime.Text()} code, and this file holds {holds.Runtime.Text()} code. "
                    + "Upload it under another name.",
                "name"
            )
            : null;

    /// <summary>Whoever asked may be gone by now: the row says what came of it all the same.</summary>
    private async Task<Outcome<FunctionPackage>> EndAsync(FunctionPackage begun, Problem? problem) =>
        await database.UpdateAsync<Outcome<FunctionPackage>>(
            null,
            begun.OrganizationId,
            async session =>
            {
                if (await session.Packages.FindAsync(begun.Id, CancellationToken.None) is not { } package)
                    return PackageRules.None;
                if (problem is not null)
                {
                    await package.StartDeletingAsync(session, clock, CancellationToken.None);
                    return problem;
                }
                if (package.State != ResourceState.Creating)
                    return PackageRules.None;
                package.Ready(clock.Now());
                (await session.Work.FindOpenAsync(package.Place().Line, DeletePackageWork.Kind, CancellationToken.None))?.TryNow(
                    clock.Now()
                );
                return package;
            },
            CancellationToken.None
        );
}
