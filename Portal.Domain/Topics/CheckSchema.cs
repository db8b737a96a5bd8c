using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>What a check of a schema came to.</summary>
/// <param name="Strategy">The namespace's rule as Pulsar writes it; null where the cluster does not say.</param>
/// <param name="Clash">Why it does not fit; null when it does.</param>
public sealed record SchemaCheck(string? Strategy, SchemaClash? Clash);

/// <summary>Whether a schema could be uploaded, as the cluster sees it now. Changes nothing.</summary>
public sealed class CheckSchema(AccessGuard guard, IPortalDatabase database, ISchemaAdmin schemas)
{
    public async Task<Outcome<SchemaCheck>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? type,
        string? definition,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            SchemaActs.Of(Permission.ManageResources, "schema.check", tenant, @namespace, topic),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!SchemaDefinition.Create(type, definition).TryGet(out var wanted, out problem))
            return problem;
        if (
            !(await database.AddressAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                out var address,
                out problem
            )
        )
            return problem;
        if (!(await schemas.CheckAsync(address, wanted, cancellationToken)).TryGet(out var answer, out problem))
            return problem;
        return new SchemaCheck(
            answer.Strategy,
            answer.Fits ? null : await SchemaClash.ExplainAsync(schemas, address, wanted, answer.Strategy, cancellationToken)
        );
    }
}
