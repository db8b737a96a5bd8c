using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>The built-in connectors and functions that a tenant may use: sources, sinks, functions, each by name.</summary>
public sealed class ListConnectorTypes(AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ConnectorGuides guides)
{
    public async Task<Outcome<IReadOnlyList<ConnectorType>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        ConnectorFamily family,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "connector.catalog", tenant, Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        var asked = await database.ReadAsync(
            session => CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken),
            cancellationToken
        );
        if (!asked.TryGet(out var cluster, out problem))
            return problem;
        return (await connectors.TypesAsync(cluster.Name, cancellationToken)).Map<IReadOnlyList<ConnectorType>>(types =>
            [
                .. types
                    .Where(type => family.Holds(type.Kind) && cluster.Allows(type))
                    .Select(type =>
                        type with
                        {
                            Guide = guides.Find(type.Kind, type.Name),
                            Note = cluster.TermsOf(type.Kind, type.Name).Note,
                        }
                    ),
            ]
        );
    }
}

/// <summary>One built-in connector with the settings that it takes.</summary>
public sealed class GetConnectorType(AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ConnectorGuides guides)
{
    public async Task<Outcome<ConnectorDefinition>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        ConnectorKind kind,
        string? type,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "connector.catalog", $"{tenant}/{kind.Text()}:{type}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!access.Scope.Touches(new(tenant)))
            return TenantProblems.NoTenant;
        var asked = await database.ReadAsync(
            session => CatalogReading.ClusterOfAsync(session, access.Organization.Id, tenant, cancellationToken),
            cancellationToken
        );
        if (!asked.TryGet(out var cluster, out problem))
            return problem;
        return await connectors.DefinitionAsync(guides, cluster, kind, type, cancellationToken);
    }
}

internal static class CatalogReading
{
    internal static async Task<Outcome<RegisteredCluster>> ClusterOfAsync(
        IPortalSession session,
        OrganizationId organization,
        string tenant,
        CancellationToken cancellationToken
    )
    {
        if (await session.Tenants.FindAsync(organization, tenant, cancellationToken) is not { } owner)
            return TenantProblems.NoTenant;
        return ClusterOperations.Present(await session.Clusters.FindAsync(owner.Cluster, cancellationToken));
    }

    /// <summary>Only of what the cluster lists itself: no other word ever becomes part of an archive's address.</summary>
    internal static async Task<Outcome<ConnectorDefinition>> DefinitionAsync(
        this IConnectorAdmin connectors,
        ConnectorGuides guides,
        RegisteredCluster cluster,
        ConnectorKind kind,
        string? type,
        CancellationToken cancellationToken,
        bool evenForbidden = false
    )
    {
        // Whether there is such a package is found out where it is used.
        if (kind == ConnectorKind.Function && PackageUse.NameIn(type) is { } package)
            return PackageWords.CheckName(package) is null ? PackageUse.Definition(type!) : ConnectorProblems.UnknownType(kind, type);
        if (!(await connectors.TypesAsync(cluster.Name, cancellationToken)).TryGet(out var types, out var problem))
            return problem;
        if (types.FirstOrDefault(one => one.Kind == kind && one.Name == type && (evenForbidden || cluster.Allows(one))) is not { } found)
            return ConnectorProblems.UnknownType(kind, type);
        var (guide, terms) = (guides.Find(kind, found.Name), cluster.TermsOf(kind, found.Name));
        return (await connectors.FieldsAsync(cluster.Name, found, cancellationToken)).Map(fields => new ConnectorDefinition(
            found with
            {
                Guide = guide,
                Note = terms.Note,
            },
            [.. (guide?.Guided(fields) ?? fields).Where(field => !terms.Closes(field.Name))]
        )
        {
            Terms = terms,
        });
    }
}
