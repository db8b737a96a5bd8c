using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>A place on the way of the data: a topic by its full name, or what writes to it or reads it.</summary>
public sealed record ChainPlace(string? Topic, Connector? Connector);

/// <summary>
/// The way of the data through one connector or function: columns in the direction of the data, topics and what runs between
/// them in turns. Each stands once, where it is nearest.
/// </summary>
/// <param name="IsCut">The namespace has more than was looked at.</param>
public sealed record ConnectorChain(IReadOnlyList<IReadOnlyList<ChainPlace>> Columns, bool IsCut)
{
    /// <summary>Columns to either side: no picture is wider.</summary>
    private const int MostSteps = 12;

    /// <param name="middle">Whose way it is.</param>
    /// <param name="all">Of its namespace.</param>
    /// <param name="isCut">There are more of them.</param>
    public static ConnectorChain Around(Connector middle, IReadOnlyCollection<Connector> all, bool isCut = false)
    {
        var seen = new HashSet<ConnectorId> { middle.Id };
        var topics = new HashSet<string>(StringComparer.Ordinal);
        var columns = new LinkedList<IReadOnlyList<ChainPlace>>([
            [new(null, middle)],
        ]);
        Walk(
            [middle],
            one => one.ReadTopics,
            (one, read) => one.WrittenTopic is { } written && read.Contains(written),
            column => columns.AddFirst(column)
        );
        Walk(
            [middle],
            one => one.WrittenTopic is { } written ? [written] : [],
            (one, from) => one.ReadTopics.Any(from.Contains),
            column => columns.AddLast(column)
        );
        return new([.. columns], isCut);

        void Walk(
            IReadOnlyList<Connector> from,
            Func<Connector, IEnumerable<string>> topicsOf,
            Func<Connector, HashSet<string>, bool> touches,
            Action<IReadOnlyList<ChainPlace>> add
        )
        {
            for (var step = 0; step < MostSteps / 2; step++)
            {
                var next = from.SelectMany(topicsOf)
                    .Where(topics.Add)
                    .Distinct(StringComparer.Ordinal)
                    .Order(StringComparer.Ordinal)
                    .ToHashSet(StringComparer.Ordinal);
                if (next.Count == 0)
                    return;
                add([.. next.Order(StringComparer.Ordinal).Select(topic => new ChainPlace(topic, null))]);
                from = [.. all.Where(one => touches(one, next) && seen.Add(one.Id)).OrderBy(one => one.Name, StringComparer.Ordinal)];
                if (from.Count == 0)
                    return;
                add([.. from.Select(one => new ChainPlace(null, one))]);
            }
        }
    }
}

/// <summary>What of the namespace passes data to a connector or function, and on from it.</summary>
public sealed class GetConnectorChain(AccessGuard guard, IPortalDatabase database)
{
    /// <summary>Connectors and functions of a namespace that are looked at.</summary>
    private const int Most = 500;

    public async Task<Outcome<ConnectorChain>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            $"{family.Noun()}.view",
            $"{tenant}/{@namespace}/{name}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<ConnectorChain>>(
            async session =>
            {
                var found = await session.FindConnectorAsync(access.Organization.Id, tenant, @namespace, name, family, cancellationToken);
                if (!found.TryGet(out var connector, out var missing))
                    return missing;
                var others = await session.Connectors.ListOfNamespaceAsync(connector.NamespaceId, new PageRequest(Most), cancellationToken);
                return ConnectorChain.Around(connector, others.Items, others.Next is not null);
            },
            cancellationToken
        );
    }
}
