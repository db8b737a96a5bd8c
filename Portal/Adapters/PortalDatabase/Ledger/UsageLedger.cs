using System.Data.Common;
using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>What was used, read from the same tables that the collector writes.</summary>
internal sealed class UsageLedger(PortalConnections connections) : IUsageLedger
{
    private static readonly long SilentAfter = Metering.SilentAfter.Ticks / TimeSpan.TicksPerMicrosecond;

    public async Task<IReadOnlyDictionary<Meter, Int128>> TotalsAsync(OrganizationId organization, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var (with, parameters) = UsageSql.Parts(organization, from, to, UsageInterval.Total, await FurthestAsync(connection, cancellationToken), connections.IsSqlite);
        await using var command = Sql.Command(connection, null, $"{with} SELECT meter, SUM(high), SUM(low) FROM parts GROUP BY meter", [.. parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var totals = new Dictionary<Meter, Int128>();
        while (await reader.ReadAsync(cancellationToken))
            if (Quantity(reader, 1) is var quantity && quantity != 0 && Meters.TryParse(reader.GetString(0), out var meter)) totals[meter] = quantity;
        return totals;
    }

    public async Task<PageOf<UsageSlice>> SlicesAsync(UsageQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var (with, parameters) = UsageSql.Parts(query.Organization, query.From, query.To, query.Interval, await FurthestAsync(connection, cancellationToken), connections.IsSqlite);
        var columns = new List<string>();
        if (query.ByTenant || query.ByNamespace || query.ByTopic) columns.AddRange(["t.tenant_id", "t.tenant_name"]);
        if (query.ByNamespace || query.ByTopic) columns.AddRange(["t.namespace_id", "t.namespace_name"]);
        if (query.ByTopic) columns.AddRange(["t.id", "t.name", "CASE WHEN t.state = 'deleted' THEN 1 ELSE 0 END"]);
        var group = string.Concat(columns.Select(column => ", " + column));
        var where = new List<string> { "1 = 1" };
        if (query.Meter is { } meter && Add("meter", meter.Text())) where.Add("p.meter = @meter");
        if (query.Tenant is { } tenant && Add("tenant", tenant.Value)) where.Add("t.tenant_id = @tenant");
        if (query.Scope?.Tenant is { } within && Add("within", within)) where.Add("t.tenant_name = @within");
        if (query.Scope?.Namespace is { } inside && Add("inside", inside)) where.Add("t.namespace_name = @inside");
        if (query.Topic is { } topic && Add("topic", topic.Value)) where.Add("t.id = @topic");
        var offset = Offset(page);
        Add("limit", (long)page.Limit + 1);
        Add("offset", offset);
        const string Order = "CASE p.meter WHEN 'write' THEN 0 WHEN 'read' THEN 1 WHEN 'storage' THEN 2 WHEN 'partitions' THEN 3 ELSE 4 END";
        var byName = string.Concat(columns.Where(column => column.EndsWith("name", StringComparison.Ordinal) || column == "t.id").Select(column => ", " + column));
        await using var command = Sql.Command(
            connection, null,
            $"""
            {with}
            SELECT p.meter, p.starts, SUM(p.high), SUM(p.low){group} FROM parts p JOIN topics t ON t.id = p.topic_id WHERE {string.Join(" AND ", where)}
            GROUP BY p.meter, p.starts{group} HAVING SUM(p.high) <> 0 OR SUM(p.low) <> 0 ORDER BY p.starts, {Order}{byName} LIMIT @limit OFFSET @offset
            """,
            [.. parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var slices = new List<UsageSlice>();
        while (await reader.ReadAsync(cancellationToken)) slices.Add(Slice(reader, query));
        return Page(slices, page, offset);

        bool Add(string name, object value)
        {
            parameters.Add((name, value));
            return true;
        }
    }

    public async Task<PageOf<UsageSample>> SamplesAsync(
        OrganizationId organization, Meter meter, TopicId? topic, DateTimeOffset from, DateTimeOffset to, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var offset = Offset(page);
        var parameters = new List<(string, object?)>
        {
            ("organization", organization.Value), ("meter", meter.Text()), ("from", from.ToUnixMicroseconds()), ("to", to.ToUnixMicroseconds()),
            ("fromHour", from.HourStart().ToUnixMicroseconds()), ("limit", (long)page.Limit + 1), ("offset", offset),
        };
        if (topic is { } one) parameters.Add(("topic", one.Value));
        await using var command = Sql.Command(
            connection, null,
            $"""
            SELECT s.topic_id, t.cluster, s.broker, s.partition, s.opened_at, s.closed_at, s.opened_value, s.closed_value, s.quantity
            FROM usage_samples s JOIN topics t ON t.id = s.topic_id
            WHERE s.organization_id = @organization AND s.hour >= @fromHour AND s.hour < @to AND s.meter = @meter AND s.closed_at >= @from AND s.closed_at < @to
            {(topic is null ? "" : "AND s.topic_id = @topic")} ORDER BY s.closed_at, s.partition, s.broker, s.opened_at LIMIT @limit OFFSET @offset
            """,
            [.. parameters]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var samples = new List<UsageSample>();
        while (await reader.ReadAsync(cancellationToken))
        {
            samples.Add(new(
                meter, new(reader.GetGuid(0)), reader.GetString(1), reader.GetString(2) is { Length: > 0 } broker ? broker : null, reader.GetString(3), reader.Instant(4),
                reader.Instant(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetInt64(8)));
        }
        return Page(samples, page, offset);
    }

    public async Task<IReadOnlyList<UsageGap>> GapsAsync(OrganizationId organization, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        // Ended gaps, and those still open: the topic's last sample is of a broker that is silent or gone.
        await using var command = Sql.Command(
            connection, null,
            """
            SELECT from_at, to_at, cluster, broker, cause, topic_id FROM usage_gaps WHERE organization_id = @organization AND to_at > @from AND from_at < @to
            UNION
            SELECT r.at, c.polled_at, r.cluster, r.broker, CASE WHEN b.listed_since IS NULL THEN 'BrokerGone' ELSE 'BrokerSilent' END, t.id
            FROM topics t JOIN usage_readings r ON r.topic_id = t.id AND r.cluster = t.cluster
              JOIN usage_brokers b ON b.cluster = r.cluster AND b.broker = r.broker JOIN usage_clusters c ON c.cluster = r.cluster
            WHERE t.organization_id = @organization AND t.state <> 'deleted' AND (b.listed_since IS NULL OR c.polled_at - b.silent_since >= @silentAfter)
              AND r.at >= b.last_good_at AND c.polled_at > @from AND r.at < @to AND c.polled_at > r.at
              AND NOT EXISTS (SELECT 1 FROM usage_readings o WHERE o.cluster = r.cluster AND o.partition = r.partition AND o.at > r.at)
            ORDER BY 1, 2, 3, 4, 5, 6
            """,
            [("organization", organization.Value), ("from", from.ToUnixMicroseconds()), ("to", to.ToUnixMicroseconds()), ("silentAfter", SilentAfter)]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var gaps = new List<UsageGap>();
        (DateTimeOffset From, DateTimeOffset To, string Cluster, string Broker, string Cause) current = default;
        List<TopicId>? topics = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = (reader.Instant(0), reader.Instant(1), reader.GetString(2), reader.GetString(3), reader.GetString(4));
            if (topics is null || key != current)
            {
                if (gaps.Count == limit) break;
                (current, topics) = (key, []);
                gaps.Add(new(current.From, current.To, current.Cluster, current.Broker.Length == 0 ? null : current.Broker, topics, Enum.Parse<GapCause>(current.Cause)));
            }
            topics.Add(new(reader.GetGuid(5)));
        }
        return gaps;
    }

    public async Task<DateTimeOffset?> CompleteToAsync(IReadOnlyCollection<string> clusters, CancellationToken cancellationToken)
    {
        if (clusters.Count == 0) return null;
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var command = Sql.Command(connection, null, "SELECT cluster, complete_to FROM usage_clusters WHERE complete_to IS NOT NULL", []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var complete = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) complete[reader.GetString(0)] = reader.Instant(1);
        return clusters.All(complete.ContainsKey) ? clusters.Min(cluster => complete[cluster]) : null;
    }

    /// <summary>Where the furthest cluster is complete to: later than that there is nothing to compute.</summary>
    private static async Task<DateTimeOffset?> FurthestAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await Sql.ScalarAsync(connection, null, "SELECT MAX(complete_to) FROM usage_clusters", [], cancellationToken) is long instant ? Clock.FromUnixMicroseconds(instant) : null;

    private static UsageSlice Slice(DbDataReader reader, UsageQuery query)
    {
        _ = Meters.TryParse(reader.GetString(0), out var meter);
        var from = reader.Instant(1);
        var end = query.Interval switch
        {
            UsageInterval.Hour => from.HourStart().AddHours(1),
            UsageInterval.Day => from.DayStart().AddDays(1),
            UsageInterval.Total => query.To,
        };
        var (byTenant, byNamespace) = (query.ByTenant || query.ByNamespace || query.ByTopic, query.ByNamespace || query.ByTopic);
        return new(
            meter, from, end < query.To ? end : query.To,
            byTenant ? new TenantId(reader.GetGuid(4)) : null, byTenant ? reader.GetString(5) : null,
            byNamespace ? new NamespaceId(reader.GetGuid(6)) : null, byNamespace ? reader.GetString(7) : null,
            query.ByTopic ? new TopicId(reader.GetGuid(8)) : null, query.ByTopic ? reader.GetString(9) : null,
            query.ByTopic && Convert.ToInt64(reader.GetValue(10), CultureInfo.InvariantCulture) != 0, Quantity(reader, 2));
    }

    /// <summary>Two columns, high and low; PostgreSQL sums into numeric, SQLite into 64 bits, both exact here.</summary>
    private static Int128 Quantity(DbDataReader reader, int column) => ((Int128)reader.GetDecimal(column) << 32) + (Int128)reader.GetDecimal(column + 1);

    private static long Offset(PageRequest page) => long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;

    private static PageOf<T> Page<T>(List<T> items, PageRequest page, long offset)
    {
        if (items.Count <= page.Limit) return new(items, null);
        items.RemoveRange(page.Limit, items.Count - page.Limit);
        return new(items, (offset + page.Limit).ToString(CultureInfo.InvariantCulture));
    }
}
