using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>The versions of a topic's schema, the newest first, without their definitions.</summary>
public sealed class ListSchemaVersions(AccessGuard guard, IPortalDatabase database, ISchemaAdmin schemas)
{
    /// <summary>Brokers are asked for each version by itself, or a topic with many would fill the memory.</summary>
    public const int LargestPage = 50;

    /// <param name="page">At most <see cref="LargestPage"/> come at once, whatever its limit. Its cursor is a version.</param>
    public async Task<Outcome<PageOf<SchemaVersionHead>>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            SchemaActs.Of(Permission.ViewResources, "topic.list-schemas", tenant, @namespace, topic),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var from = Place(page);
        if (
            !(await database.AddressAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken)).TryGet(
                out var address,
                out problem
            )
        )
            return problem;
        var limit = Math.Min(page.Limit, LargestPage);
        // One more than is shown tells whether there is a next page.
        return (await schemas.ListAsync(address, from, limit + 1, cancellationToken)).Map(found => new PageOf<SchemaVersionHead>(
            [.. found.Take(limit)],
            found.Count > limit ? found[limit].Version.ToString(CultureInfo.InvariantCulture) : null
        ));
    }

    private static long? Place(PageRequest page)
    {
        if (page.After is not { } cursor)
            return null;
        if (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return version;
        return page.Lenient ? null : throw new CursorUnknownException();
    }
}
