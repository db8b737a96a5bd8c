using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Two versions side by side.</summary>
/// <param name="Changes">Field by field; null where a type has no fields that Portal can read.</param>
/// <param name="Lines">Null where the definitions are too long for it.</param>
public sealed record SchemaComparison(
    SchemaVersion From,
    SchemaVersion To,
    IReadOnlyList<SchemaChange>? Changes,
    IReadOnlyList<SchemaLine>? Lines
);

/// <summary>What changed between two versions of a topic's schema.</summary>
public sealed class CompareSchemas(AccessGuard guard, IPortalDatabase database, ISchemaAdmin schemas)
{
    public async Task<Outcome<SchemaComparison>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        long? from,
        long? to,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            SchemaActs.Of(Permission.ViewResources, "topic.compare-schemas", tenant, @namespace, topic),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (from is not >= 0)
            return new Problem.Invalid("schema-version-missing", "Choose the version to compare from, a number from 0.", "from");
        if (to is not >= 0)
            return new Problem.Invalid("schema-version-missing", "Choose the version to compare to, a number from 0.", "to");
        if (
            !(await database.AddressAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                out var address,
                out problem
            )
        )
            return problem;
        if (!(await schemas.VersionAsync(address, from.Value, cancellationToken)).TryGet(out var old, out problem))
            return problem;
        if (!(await schemas.VersionAsync(address, to.Value, cancellationToken)).TryGet(out var @new, out problem))
            return problem;
        return new SchemaComparison(old, @new, Changes(old, @new), SchemaLines.Between(old.Definition, @new.Definition));
    }

    private static IReadOnlyList<SchemaChange>? Changes(SchemaVersion old, SchemaVersion @new) =>
        old.Type == @new.Type
        && SchemaDefinition.IsAvro(old.Type)
        && AvroDefinition.Parse(old.Definition).TryGet(out var before, out _)
        && AvroDefinition.Parse(@new.Definition).TryGet(out var after, out _)
            ? SchemaDifference.Between(before, after)
            : null;
}
