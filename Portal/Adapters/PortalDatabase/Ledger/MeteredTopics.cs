using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>The topics of the portal's own records, without tracking them.</summary>
internal sealed class MeteredTopics(PortalConnections connections) : IMeteredTopics
{
    public async Task<IReadOnlyList<TopicLife>> FindAsync(
        string cluster,
        IReadOnlyCollection<string> addresses,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var among = connections.IsSqlite ? "IN (SELECT value FROM json_each(@addresses))" : "= ANY(@addresses)";
        return await LedgerReading.ReadAsync(
            connection,
            $"""
            SELECT t.address, t.id, t.organization_id, t.partitions, CASE WHEN o.state = 'suspended' THEN 1 ELSE 0 END, t.created_at, t.deleted_at
            FROM topics t JOIN organizations o ON o.id = t.organization_id
            WHERE t.cluster = @cluster AND t.address {among} AND t.created_at <= @to AND (t.deleted_at IS NULL OR t.deleted_at > @from)
            """,
            [
                ("cluster", cluster),
                ("addresses", connections.IsSqlite ? JsonSerializer.Serialize(addresses) : addresses.ToArray()),
                ("from", from.ToUnixMicroseconds()),
                ("to", to.ToUnixMicroseconds()),
            ],
            reader => new TopicLife(
                reader.GetString(0),
                new(new(reader.GetGuid(1)), new(reader.GetGuid(2)), (int)reader.GetInt64(3), reader.GetInt64(4) != 0),
                reader.Instant(5),
                reader.InstantOrNull(6)
            ),
            cancellationToken
        );
    }
}
