using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>One version of a topic's schema with its definition.</summary>
public sealed class GetSchemaVersion(AccessGuard guard, IPortalDatabase database, ISchemaAdmin schemas)
{
    /// <param name="version">Null for the newest. NotFound <c>schema-not-found</c> or <c>schema-version-not-found</c>.</param>
    public async Task<Outcome<SchemaVersion>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        long? version,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            SchemaActs.Of(Permission.ViewResources, "topic.view-schema-version", tenant, @namespace, topic),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (
            !(await database.AddressAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                out var address,
                out problem
            )
        )
            return problem;
        if (version is { } number)
            return await schemas.VersionAsync(address, number, cancellationToken);
        return (await schemas.GetAsync(address, null, cancellationToken)).Then<SchemaVersion>(found =>
            found is null ? SchemaActs.NoSchema : found
        );
    }
}
