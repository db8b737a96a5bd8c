using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Tenants;

/// <summary>
/// Deletes a tenant with everything in it. While clients are connected to one of its topics it is refused, with nothing
/// changed, unless <c>force</c>.
/// </summary>
public sealed class DeleteTenant(AccessGuard guard, IPortalDatabase database, INamespaceContents contents, TimeProvider clock)
{
    public async Task<Outcome<Tenant>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        bool force,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "tenant.delete",
            tenant,
            new Dictionary<string, string> { ["force"] = force ? "true" : "false" }
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!force)
        {
            var there = await database.ReadAsync(
                session => session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken),
                cancellationToken
            );
            if (
                there is not null
                && (await contents.LookForClientsAsync(there, DeleteNamespace.AskedAtOnce, cancellationToken)).InUse is { } refusal
            )
                return refusal;
        }
        return await database.WriteAsync<Tenant>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } found)
                    return TenantProblems.NoTenant;
                found.Delete(clock.Now());
                session.Work.Add(clock, new DeleteTenantWork(found.Id, force), found.Place());
                return found;
            },
            cancellationToken
        );
    }
}

/// <summary>
/// Deletes a namespace with its topics. While clients are connected to one of them it is refused, with nothing changed, unless
/// <c>force</c>.
/// </summary>
public sealed class DeleteNamespace(AccessGuard guard, IPortalDatabase database, INamespaceContents contents, TimeProvider clock)
{
    /// <summary>
    /// As many topics as are asked for clients while somebody waits. What has more is asked to its end by the work that
    /// deletes it, before that takes anything away.
    /// </summary>
    internal static readonly PageRequest AskedAtOnce = new(200);

    public async Task<Outcome<Namespace>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        bool force,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            "namespace.delete",
            $"{tenant}/{@namespace}",
            new Dictionary<string, string> { ["force"] = force ? "true" : "false" },
            new(tenant)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!force)
        {
            var there = await database.ReadAsync(FindAsync, cancellationToken);
            if (there.IsOk && (await contents.LookForClientsAsync(there.Value, AskedAtOnce, cancellationToken)).InUse is { } refusal)
                return refusal;
        }
        return await database.WriteAsync<Namespace>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var asked = await FindAsync(session);
                if (!asked.TryGet(out var found, out _))
                    return asked;
                found.Delete(clock.Now());
                session.Work.Add(clock, new DeleteNamespaceWork(found.Id, force), found.Place());
                return found;
            },
            cancellationToken
        );

        async Task<Outcome<Namespace>> FindAsync(IPortalSession session)
        {
            if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                return TenantProblems.NoTenant;
            return await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is { } found
                ? found
                : TenantProblems.NoNamespace;
        }
    }
}
