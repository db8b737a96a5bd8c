using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Registers a schema for a topic. It is checked first, so that what the cluster would refuse leaves no record of a change
/// that never was. A schema that the topic has already keeps its version.
/// </summary>
public sealed class UploadSchema(AccessGuard guard, IPortalDatabase database, ISchemaAdmin schemas)
{
    /// <summary>The version. Conflict <c>schema-incompatible</c> with the reasons in words.</summary>
    public async Task<Outcome<long>> RunAsync(
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
        var operation = SchemaActs.Of(Permission.ManageResources, "schema.upload", tenant, @namespace, topic);
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
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
        if (!(await schemas.CheckAsync(address, wanted, cancellationToken)).TryGet(out var checkedFirst, out problem))
            return problem;
        if (!checkedFirst.Fits)
            return await RefusalAsync(checkedFirst);
        var details = new Dictionary<string, string>
        {
            ["type"] = wanted.Type,
            ["size"] = ByteSize.Text(System.Text.Encoding.UTF8.GetByteCount(wanted.Text)),
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
        if (!recorded.IsOk)
            return recorded.Problem;
        if (!(await schemas.UploadAsync(address, wanted, cancellationToken)).TryGet(out var answer, out problem))
            return problem;
        // Somebody else's may have come in between.
        return answer is { Fits: true, Version: { } version }
            ? version
            : await RefusalAsync(answer with { Strategy = answer.Strategy ?? checkedFirst.Strategy });

        async Task<Problem> RefusalAsync(SchemaAnswer refused) =>
            new Problem.Conflict(
                "schema-incompatible",
                (await SchemaClash.ExplainAsync(schemas, address, wanted, refused.Strategy, cancellationToken)).Sentence,
                "definition"
            );
    }
}
