using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Takes a topic's schema away with all its versions. Messages stay; those in Avro can't be decoded any more. Connected clients
/// go on with the schema they have, and the next one that connects registers its own. A topic without a schema is as wanted.
/// </summary>
public sealed class DeleteSchema(AccessGuard guard, IPortalDatabase database, ISchemaAdmin schemas)
{
    public async Task<Outcome<Done>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var operation = SchemaActs.Of(Permission.ManageResources, "schema.delete", tenant, @namespace, topic);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (
            !(await database.AddressAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                out var address,
                out problem
            )
        )
            return problem;
        if (!(await schemas.GetAsync(address, null, cancellationToken)).TryGet(out var there, out problem))
            return problem;
        if (there is null)
            return Outcome.Done;
        var details = new Dictionary<string, string>
        {
            ["type"] = there.Type,
            ["version"] = there.Version.ToString(CultureInfo.InvariantCulture),
        };
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation with
            {
                Details = details,
            },
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        return recorded.IsOk ? await schemas.DeleteAsync(address, cancellationToken) : recorded.Problem;
    }
}
