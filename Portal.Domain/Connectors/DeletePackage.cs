using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>Deletes a version of a package that no function runs.</summary>
public sealed class DeletePackage(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <summary>Conflict <c>package-in-use</c> names a function that runs it.</summary>
    public async Task<Outcome<FunctionPackage>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        string version,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "package.delete",
            $"{tenant}/{@namespace}/{name}@{version}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<FunctionPackage>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var found = await session.FindPackageAsync(access.Organization.Id, tenant, @namespace, name, version, cancellationToken);
                if (!found.TryGet(out var package, out _))
                    return found;
                if (package.State == ResourceState.Creating)
                    return new Problem.Conflict("package-busy", "This version is still being uploaded. Try again once that is over.");
                var users = await session.Packages.UsersAsync(package.NamespaceId, package.Name, cancellationToken);
                if (users.FirstOrDefault(one => one.Package?.Version == package.Version) is { } user)
                    return new Problem.Conflict(
                        "package-in-use",
                        $"Function '{user.Name}' runs this version. Update the function to another version or delete it, then "
                            + "delete this one."
                    );
                await package.StartDeletingAsync(session, clock, cancellationToken);
                return package;
            },
            cancellationToken
        );
    }
}
