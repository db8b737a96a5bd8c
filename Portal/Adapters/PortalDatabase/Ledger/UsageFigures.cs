using System.Data.Common;
using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>Few rows of the ledger, each found by its key.</summary>
internal sealed class UsageFigures(PortalConnections connections) : IUsageFigures
{
    private const string Own = "(SELECT no FROM usage_organizations WHERE organization_id = @organization)";

    public async Task<bool> HasWrittenAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await Sql.ScalarAsync(
            connection,
            null,
            $"SELECT 1 FROM usage_totals WHERE organization_no = {Own} AND (write_low <> 0 OR write_high <> 0) LIMIT 1",
            [("organization", organization.Value)],
            cancellationToken
        )
            is not null;
    }

    public async Task<IReadOnlyList<TopicHour>> TrafficAsync(
        OrganizationId organization,
        IReadOnlyCollection<TopicId> topics,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        if (topics.Count == 0 || from >= to)
            return [];
        var (names, parameters) = Names(organization, topics);
        parameters.Add(("first", from.ToUnixMicroseconds() / UsageSql.Hour));
        parameters.Add(("end", to.ToUnixMicroseconds() / UsageSql.Hour));
        await using var connection = await connections.OpenAsync(cancellationToken);
        // Hour by hour and topic by topic: a range of hours would read those of every other topic too.
        return await LedgerReading.ReadAsync(
            connection,
            $"""
            WITH RECURSIVE hours (hour) AS (SELECT CAST(@first AS BIGINT) UNION ALL SELECT hour + 1 FROM hours WHERE hour + 1 < @end)
            SELECT u.topic_id, h.hour, h.write_high, h.write_low, h.read_high, h.read_low
            FROM usage_topics u CROSS JOIN hours x CROSS JOIN usage_hours h
            WHERE u.organization_no = {Own} AND u.topic_id IN ({names}) AND h.organization_no = u.organization_no AND h.hour = x.hour AND h.topic_no = u.no
            """,
            [.. parameters],
            row => new TopicHour(
                new(row.GetGuid(0)),
                Clock.FromUnixMicroseconds(row.GetInt64(1) * UsageSql.Hour),
                Sum(row, 2),
                Sum(row, 4)
            ),
            cancellationToken
        );
    }

    public async Task<IReadOnlyDictionary<TopicId, long>> StoredAsync(
        OrganizationId organization,
        IReadOnlyCollection<TopicId> topics,
        CancellationToken cancellationToken
    )
    {
        if (topics.Count == 0)
            return new Dictionary<TopicId, long>();
        var (names, parameters) = Names(organization, topics);
        await using var connection = await connections.OpenAsync(cancellationToken);
        // A topic's partitions are found through its series; its readings have no index of their own, for every poll writes them.
        var rows = await LedgerReading.ReadAsync(
            connection,
            $"""
            SELECT topic_id, SUM(least) FROM (
              SELECT r.topic_id, r.partition, MIN(r.storage) AS least
              FROM usage_topics u CROSS JOIN topics t CROSS JOIN usage_series s CROSS JOIN usage_readings r
              WHERE u.organization_no = {Own} AND u.topic_id IN ({names}) AND t.id = u.topic_id AND s.topic_no = u.no
                AND r.cluster = t.cluster AND r.partition = s.partition AND r.broker = s.broker AND r.topic_id = u.topic_id AND r.until_at IS NULL
              GROUP BY r.topic_id, r.partition) listed
            GROUP BY topic_id
            """,
            [.. parameters],
            row => (Topic: new TopicId(row.GetGuid(0)), Bytes: Whole(row, 1)),
            cancellationToken
        );
        return rows.ToDictionary(row => row.Topic, row => row.Bytes);
    }

    public async Task<IReadOnlyDictionary<TenantId, long>> StoredByTenantAsync(
        OrganizationId organization,
        Scope scope,
        CancellationToken cancellationToken
    )
    {
        var parameters = new List<(string, object?)> { ("organization", organization.Value) };
        var within = "";
        if (scope.Tenant is { } tenant)
        {
            within += " AND t.tenant_name = @tenant";
            parameters.Add(("tenant", tenant));
        }
        if (scope.Namespace is { } inside)
        {
            within += " AND t.namespace_name = @inside";
            parameters.Add(("inside", inside));
        }
        await using var connection = await connections.OpenAsync(cancellationToken);
        var rows = await LedgerReading.ReadAsync(
            connection,
            $"""
            SELECT tenant_id, SUM(least) FROM (
              SELECT t.tenant_id, r.topic_id, r.partition, MIN(r.storage) AS least
              FROM usage_readings r JOIN topics t ON t.id = r.topic_id
              WHERE r.organization_no = {Own} AND r.until_at IS NULL AND t.state <> 'deleted'{within}
              GROUP BY t.tenant_id, r.topic_id, r.partition) listed
            GROUP BY tenant_id
            """,
            [.. parameters],
            row => (Tenant: new TenantId(row.GetGuid(0)), Bytes: Whole(row, 1)),
            cancellationToken
        );
        return rows.ToDictionary(row => row.Tenant, row => row.Bytes);
    }

    private static (string Names, List<(string Name, object? Value)> Parameters) Names(
        OrganizationId organization,
        IReadOnlyCollection<TopicId> topics
    )
    {
        var parameters = new List<(string, object?)> { ("organization", organization.Value) };
        return (Sql.Among(topics.Select(topic => topic.Value), "topic", parameters), parameters);
    }

    private static Int128 Sum(DbDataReader row, int column) => ((Int128)row.GetInt64(column) << 32) + row.GetInt64(column + 1);

    private static long Whole(DbDataReader row, int column) => Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
}
