using System.Data.Common;
using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>What was used, read from the same tables that the collector writes.</summary>
internal sealed class UsageLedger(PortalConnections connections) : IUsageLedger
{
    private static readonly long SilentAfter = Metering.SilentAfter.Ticks / TimeSpan.TicksPerMicrosecond;

    public async Task<IReadOnlyDictionary<Meter, Int128>> TotalsAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var sql = new UsageSql(organization, from, to, UsageInterval.Total, byTopic: false, connections.IsSqlite);
        var with = sql.With(await KnownAsync(connection, cancellationToken));
        await using var command = Sql.Command(
            connection,
            null,
            $"{with} SELECT meter, SUM(high), SUM(low) FROM parts GROUP BY meter",
            [.. sql.Parameters]
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var totals = new Dictionary<Meter, Int128>();
        while (await reader.ReadAsync(cancellationToken))
            if (Quantity(reader, 1) is var quantity && quantity != 0 && Meters.TryParse(reader.GetString(0), out var meter))
                totals[meter] = quantity;
        return totals;
    }

    public async Task<PageOf<UsageSlice>> SlicesAsync(UsageQuery query, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var byTopic =
            query is not { ByTenant: false, ByNamespace: false, ByTopic: false, Tenants: null, Topics: null }
            || query.Scope is { IsWhole: false };
        var sql = new UsageSql(query.Organization, query.From, query.To, query.Interval, byTopic, connections.IsSqlite, query.Topics);
        var (with, parameters) = (sql.With(await KnownAsync(connection, cancellationToken)), sql.Parameters);
        var columns = new List<string>();
        if (query.ByTenant || query.ByNamespace || query.ByTopic)
            columns.AddRange(["t.tenant_id", "t.tenant_name"]);
        if (query.ByNamespace || query.ByTopic)
            columns.AddRange(["t.namespace_id", "t.namespace_name"]);
        if (query.ByTopic)
            columns.AddRange(["t.id", "t.name", "CASE WHEN t.state = 'deleted' THEN 1 ELSE 0 END"]);
        var group = string.Concat(columns.Select(column => ", " + column));
        // Topics and connectors have the same columns, and no meter counts both.
        var where = new List<string> { "1 = 1" };
        if (query.Meter is { } meter && Add("meter", meter.Text()))
            where.Add("p.meter = @meter");
        if (query.Tenants is { Count: > 0 } tenants)
            where.Add($"t.tenant_id IN ({Sql.Among(tenants.Select(tenant => tenant.Value), "tenant", parameters)})");
        else if (query.Tenants is not null)
            where.Add("1 = 0");
        if (query.Scope?.Tenant is { } within && Add("within", within))
            where.Add("t.tenant_name = @within");
        if (query.Scope?.Namespace is { } inside && Add("inside", inside))
            where.Add("t.namespace_name = @inside");
        var offset = Offset(page);
        Add("limit", (long)page.Limit + 1);
        Add("offset", offset);
        const string Order = "CASE meter WHEN 'write' THEN 0 WHEN 'read' THEN 1 WHEN 'storage' THEN 2 WHEN 'partitions' THEN 3 ELSE 4 END";
        var byName = string.Concat(
            columns
                .Where(column => column.EndsWith("name", StringComparison.Ordinal) || column == "t.id")
                .Select(column => ", " + Name(column))
        );
        string Sums(string parts, string join) =>
            $"""
                SELECT p.meter AS meter, p.starts AS starts, SUM(p.high) AS high, SUM(p.low) AS low{string.Concat(
                    columns.Select(column => $", {column} AS {Name(column)}")
                )}
                FROM {parts} p{join} WHERE {string.Join(
                    " AND ",
                    where
                )} GROUP BY p.meter, p.starts{group} HAVING SUM(p.high) <> 0 OR SUM(p.low) <> 0
                """;
        var summed = byTopic
            ? $"{Sums("parts", " JOIN topics t ON t.id = p.topic_id")} UNION ALL "
                + $"{Sums("connector_parts", " JOIN connectors t ON t.id = p.connector_id")}"
            : Sums("parts", "");
        await using var command = Sql.Command(
            connection,
            null,
            $"""
            {with}
            SELECT * FROM ({summed}) sums ORDER BY starts, {Order}{byName} LIMIT @limit OFFSET @offset
            """,
            [.. parameters]
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var slices = new List<UsageSlice>();
        while (await reader.ReadAsync(cancellationToken))
            slices.Add(Slice(reader, query));
        return Page(slices, page, offset);

        static string Name(string column) => column.StartsWith("t.", StringComparison.Ordinal) ? column[2..] : "gone";

        bool Add(string name, object value)
        {
            parameters.Add((name, value));
            return true;
        }
    }

    public async Task<PageOf<UsageSample>> SamplesAsync(
        OrganizationId organization,
        Meter meter,
        TopicId? topic,
        DateTimeOffset from,
        DateTimeOffset to,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        var offset = Offset(page);
        var parameters = new List<(string, object?)>
        {
            ("organization", organization.Value),
            ("from", from.ToUnixMicroseconds()),
            ("to", to.ToUnixMicroseconds()),
            ("limit", (long)page.Limit + 1),
            ("offset", offset),
        };
        if (topic is { } one)
            parameters.Add(("topic", one.Value));
        var samples = await LedgerReading.ReadAsync(
            connection,
            $"""
            WITH own (no) AS (SELECT no FROM usage_organizations WHERE organization_id = @organization)
            SELECT x.topic_id, t.cluster, x.broker, x.partition, x.opened_at, x.closed_at, x.opened_value, x.closed_value, x.high, x.low FROM ({Samples(
                meter
            )}) x
              JOIN topics t ON t.id = x.topic_id {(topic is null ? "" : "WHERE x.topic_id = @topic")}
            ORDER BY x.closed_at, x.partition, x.broker, x.opened_at LIMIT @limit OFFSET @offset
            """,
            [.. parameters],
            reader => new UsageSample(
                meter,
                new(reader.GetGuid(0)),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.Instant(4),
                reader.Instant(5),
                reader.GetInt64(6),
                reader.GetInt64(7),
                (long)Int128.Min(((Int128)reader.GetInt64(8) << 32) + reader.GetInt64(9), long.MaxValue)
            ),
            cancellationToken
        );
        return Page(samples, page, offset);
    }

    /// <summary>
    /// Samples of a meter. Of storage also what was kept for long and what is still kept, each with the part that lies between the bounds.
    /// </summary>
    private string Samples(Meter meter)
    {
        const string Named =
            "usage_samples s JOIN usage_series n ON n.no = s.series_no JOIN usage_topics u ON u.no = n.topic_no WHERE "
            + "s.organization_no = (SELECT no FROM own)";
        if (meter is Meter.Write or Meter.Read)
        {
            var column = meter == Meter.Write ? "in" : "out";
            return $"""
                SELECT u.topic_id, n.broker, n.partition, s.opened_at, s.closed_at, s.{column}_from AS opened_value, s.{column}_to AS closed_value, 0 AS high, s.{column}_to - s.{column}_from AS low
                FROM {Named} AND s.closed_at >= @from AND s.closed_at < @to AND s.{column}_to IS NOT NULL
                """;
        }
        if (meter != Meter.Storage)
            return "SELECT topic_id, '' AS broker, '' AS partition, 0 AS opened_at, 0 AS closed_at, 0 AS opened_value, 0 AS "
                + "closed_value, 0 AS high, 0 AS low FROM usage_topics WHERE 1 = 0";
        var (greatest, least) = connections.IsSqlite ? ("MAX", "MIN") : ("GREATEST", "LEAST");
        string Within(string since, string until, string value)
        {
            var seconds = $"({least}(@to, {until}) / 1000000 - {greatest}(@from, {since}) / 1000000)";
            return $"{value} / 4294967296 * {seconds} AS high, {value} % 4294967296 * {seconds} AS low";
        }
        var longest = (MeteredDelta.LongestSpread + TimeSpan.FromSeconds(1)).Ticks / TimeSpan.TicksPerMicrosecond;
        var seen = new UsageSql(default, default, default, UsageInterval.Total, true, connections.IsSqlite).SeenAt("r", "b");
        return $"""
            SELECT u.topic_id, n.broker, n.partition, s.storage_since AS opened_at, s.closed_at, s.storage_from AS opened_value, s.storage_to AS closed_value, {Within(
                "s.storage_since",
                "s.closed_at",
                "s.storage_from"
            )}
            FROM {Named} AND s.closed_at > @from AND s.closed_at < @to + {longest} AND s.storage_since < @to AND s.storage_from IS NOT NULL AND s.storage_high IS NULL
            UNION ALL SELECT u.topic_id, n.broker, n.partition, s.storage_since, s.closed_at, s.storage_from, s.storage_to, s.storage_high, s.storage_low
            FROM {Named} AND s.closed_at >= @from AND s.closed_at < @to AND s.storage_high IS NOT NULL
            UNION ALL SELECT u.topic_id, n.broker, n.partition, s.opened_at, s.closed_at, s.value, s.value, {Within(
                "s.opened_at",
                "s.closed_at",
                "s.value"
            )}
            FROM {Named.Replace("usage_samples", "usage_spans", StringComparison.Ordinal)} AND s.closed_at > @from AND s.opened_at < @to
            UNION ALL SELECT r.topic_id, r.broker, r.partition, r.storage_since, {seen}, r.storage, r.storage, {Within(
                "r.storage_since",
                seen,
                "r.storage"
            )}
            FROM usage_readings r LEFT JOIN usage_brokers b ON b.cluster = r.cluster AND b.broker = r.broker
            WHERE r.organization_no = (SELECT no FROM own) AND r.storage_since < @to AND {seen} > {greatest}(@from, r.storage_since)
            """;
    }

    public async Task<IReadOnlyList<UsageGap>> GapsAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        // Ended gaps, and those still open: the topic was last seen on a broker that is silent or gone.
        var sql = new UsageSql(organization, from, to, UsageInterval.Total, true, connections.IsSqlite);
        await using var command = Sql.Command(
            connection,
            null,
            $"""
            WITH seen (no, cluster, partition, broker, topic_id, seen_at, open, listed_since, silent_since) AS (
              SELECT r.no, r.cluster, r.partition, r.broker, r.topic_id, {sql.SeenAt(
                "r",
                "b"
            )}, CASE WHEN r.until_at IS NULL THEN 1 ELSE 0 END, b.listed_since, b.silent_since
              FROM usage_readings r JOIN usage_brokers b ON b.cluster = r.cluster AND b.broker = r.broker
              WHERE r.organization_no = (SELECT no FROM usage_organizations WHERE organization_id = @organization))
            SELECT from_at, to_at, cluster, broker, cause, topic_id FROM usage_gaps WHERE organization_id = @organization AND to_at > @from AND from_at < @to
            UNION
            SELECT r.seen_at, c.polled_at, r.cluster, r.broker, CASE WHEN r.listed_since IS NULL THEN 'BrokerGone' ELSE 'BrokerSilent' END, t.id
            FROM seen r JOIN topics t ON t.id = r.topic_id AND t.cluster = r.cluster JOIN usage_clusters c ON c.cluster = r.cluster
            WHERE t.state <> 'deleted' AND (r.listed_since IS NULL OR c.polled_at - r.silent_since >= @silentAfter) AND r.open = 1
              AND c.polled_at > @from AND r.seen_at < @to AND c.polled_at > r.seen_at
              AND NOT EXISTS (SELECT 1 FROM seen o WHERE o.cluster = r.cluster AND o.partition = r.partition AND o.seen_at > r.seen_at)
            ORDER BY 1, 2, 3, 4, 5, 6
            """,
            [
                ("organization", organization.Value),
                ("from", from.ToUnixMicroseconds()),
                ("to", to.ToUnixMicroseconds()),
                ("silentAfter", SilentAfter),
            ]
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var gaps = new List<UsageGap>();
        (DateTimeOffset From, DateTimeOffset To, string Cluster, string Broker, string Cause) current = default;
        List<TopicId>? topics = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            var key = (reader.Instant(0), reader.Instant(1), reader.GetString(2), reader.GetString(3), reader.GetString(4));
            if (topics is null || key != current)
            {
                if (gaps.Count == limit)
                    break;
                (current, topics) = (key, []);
                gaps.Add(
                    new(
                        current.From,
                        current.To,
                        current.Cluster,
                        current.Broker.Length == 0 ? null : current.Broker,
                        topics,
                        Enum.Parse<GapCause>(current.Cause)
                    )
                );
            }
            topics.Add(new(reader.GetGuid(5)));
        }
        return gaps;
    }

    public async Task<IReadOnlyList<RecoveredUsage>> RecoveredAsync(
        OrganizationId organization,
        DateTimeOffset from,
        DateTimeOffset to,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await LedgerReading.ReadAsync(
            connection,
            """
            SELECT r.opened_at, r.closed_at, t.cluster, n.partition, t.id, r.bytes FROM usage_recovered r
              JOIN usage_series n ON n.no = r.series_no JOIN usage_topics u ON u.no = n.topic_no JOIN topics t ON t.id = u.topic_id
            WHERE r.organization_no = (SELECT no FROM usage_organizations WHERE organization_id = @organization) AND r.closed_at >= @from AND r.closed_at < @to
            ORDER BY r.closed_at, n.partition LIMIT @limit
            """,
            [
                ("organization", organization.Value),
                ("from", from.ToUnixMicroseconds()),
                ("to", to.ToUnixMicroseconds()),
                ("limit", (long)limit),
            ],
            reader => new RecoveredUsage(
                reader.Instant(0),
                reader.Instant(1),
                reader.GetString(2),
                reader.GetString(3),
                new(reader.GetGuid(4)),
                reader.GetInt64(5)
            ),
            cancellationToken
        );
    }

    public async Task<DateTimeOffset?> CompleteToAsync(IReadOnlyCollection<string> clusters, CancellationToken cancellationToken)
    {
        if (clusters.Count == 0)
            return null;
        var complete = await CompleteByClusterAsync(cancellationToken);
        return clusters.All(complete.ContainsKey) ? clusters.Min(cluster => complete[cluster]) : null;
    }

    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> CompleteByClusterAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        await using var command = Sql.Command(
            connection,
            null,
            "SELECT cluster, complete_to FROM usage_clusters WHERE complete_to IS NOT NULL",
            []
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var complete = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
            complete[reader.GetString(0)] = reader.Instant(1);
        return complete;
    }

    /// <summary>The last poll of any cluster: later than that nothing is known.</summary>
    private static async Task<DateTimeOffset?> KnownAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await Sql.ScalarAsync(
            connection,
            null,
            "SELECT MAX(CASE WHEN complete_to > polled_at THEN complete_to ELSE COALESCE(polled_at, complete_to) END) FROM usage_clusters",
            [],
            cancellationToken
        )
            is long instant
            ? Clock.FromUnixMicroseconds(instant)
            : null;

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
        var isConnector = meter == Meter.Connectors;
        var (byTenant, byNamespace) = (query.ByTenant || query.ByNamespace || query.ByTopic, query.ByNamespace || query.ByTopic);
        return new(
            meter,
            from,
            end < query.To ? end : query.To,
            byTenant ? new TenantId(reader.GetGuid(4)) : null,
            byTenant ? reader.GetString(5) : null,
            byNamespace ? new NamespaceId(reader.GetGuid(6)) : null,
            byNamespace ? reader.GetString(7) : null,
            query.ByTopic && !isConnector ? new TopicId(reader.GetGuid(8)) : null,
            query.ByTopic && !isConnector ? reader.GetString(9) : null,
            query.ByTopic && Convert.ToInt64(reader.GetValue(10), CultureInfo.InvariantCulture) != 0,
            Quantity(reader, 2)
        )
        {
            ConnectorId = query.ByTopic && isConnector ? new ConnectorId(reader.GetGuid(8)) : null,
            Connector = query.ByTopic && isConnector ? reader.GetString(9) : null,
        };
    }

    /// <summary>Two columns, high and low; PostgreSQL sums into numeric, SQLite into 64 bits, both exact here.</summary>
    private static Int128 Quantity(DbDataReader reader, int column) =>
        ((Int128)reader.GetDecimal(column) << 32) + (Int128)reader.GetDecimal(column + 1);

    private static long Offset(PageRequest page) =>
        long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? offset : 0;

    private static PageOf<T> Page<T>(List<T> items, PageRequest page, long offset)
    {
        if (items.Count <= page.Limit)
            return new(items, null);
        items.RemoveRange(page.Limit, items.Count - page.Limit);
        return new(items, (offset + page.Limit).ToString(CultureInfo.InvariantCulture));
    }
}
