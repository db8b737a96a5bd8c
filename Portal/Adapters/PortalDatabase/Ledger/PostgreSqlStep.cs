using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// Writes a step to PostgreSQL: one statement a table, its rows as arrays, all of them in one journey; a second one
/// before it when there are series that have no number yet.
/// </summary>
internal static class PostgreSqlStep
{
    private const string AddSums = """
        write_high = u.write_high + excluded.write_high, write_low = u.write_low + excluded.write_low, read_high = u.read_high + excluded.read_high,
        read_low = u.read_low + excluded.read_low, storage_high = u.storage_high + excluded.storage_high, storage_low = u.storage_low + excluded.storage_low
        """;

    /// <summary>
    /// Rows given as arrays look to the planner like reason enough to read a whole table; each of them is found by its key.
    /// </summary>
    private static readonly Statement ByKey = new("SET LOCAL enable_seqscan = off", []);

    /// <summary>False when another step was faster.</summary>
    internal static async Task<bool> WriteAsync(
        PortalTransaction write,
        Statement guard,
        string cluster,
        StepRows rows,
        CancellationToken cancellationToken
    )
    {
        if (rows.Unknown.Count > 0 && !await NumberAsync(write, guard, rows.Unknown, cancellationToken))
            return false;
        var statements = new List<Statement>();
        if (rows.Unknown.Count == 0)
            statements.AddRange([guard, ByKey]);
        var change = statements.Count;
        if (rows.Changed.Count > 0)
            statements.Add(Change(rows));
        if (rows.Changed.FindAll(changed => changed.IsOwners) is { Count: > 0 } owners)
            statements.Add(ChangeOwners(owners));
        if (rows.New.Count > 0)
            statements.Add(AddReadings(cluster, rows));
        if (rows.Samples.Count > 0)
            statements.Add(Samples(rows));
        if (rows.Spans.Count > 0)
            statements.Add(Spans(rows));
        if (rows.Hours.Count > 0)
            statements.Add(Hours("usage_hours", "organization_no, hour, topic_no", rows.Hours, true));
        if (rows.Recovered.Count > 0)
            statements.Add(Recovered(rows));
        if (rows.Gaps.Count > 0)
            statements.Add(Gaps(cluster, rows));
        // Last, for other clusters' collectors may wait for these rows.
        if (rows.Totals.Count > 0)
            statements.Add(Hours("usage_totals", "organization_no, hour", rows.Totals, false));
        if (statements.Count == 0)
            return true;
        await using var batch = Statements.Batch(write.Connection, write.Transaction, statements);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        if (rows.Unknown.Count == 0 && batch.BatchCommands[0].RecordsAffected == 0)
            return false;
        if (rows.Changed.Count > 0 && batch.BatchCommands[change].RecordsAffected != rows.Changed.Count)
            throw new InvalidOperationException("A reading is gone that no other step has cut.");
        return true;
    }

    private static Statement Change(StepRows rows) =>
        new(
            """
            UPDATE usage_readings r SET messages_in = d.messages_in, bytes_in = d.bytes_in, messages_out = d.messages_out, bytes_out = d.bytes_out, storage = d.storage,
              at = d.at, live = d.live, suspended = d.suspended, storage_since = d.since, until_at = d.until,
              billed = d.billed, ahead = d.ahead, mark_ledger = d.mark_ledger, mark_billed = d.mark_billed, lost_at = d.lost
            FROM unnest(@no, @messagesIn, @bytesIn, @messagesOut, @bytesOut, @storage, @at, @live, @suspended, @since, @until, @billed, @ahead, @markLedger, @markBilled, @lost)
              AS d (no, messages_in, bytes_in, messages_out, bytes_out, storage, at, live, suspended, since, until, billed, ahead, mark_ledger, mark_billed, lost) WHERE r.no = d.no
            """,
            [("no", Of(rows.Changed, changed => changed.No)), .. Counters([.. rows.Changed.Select(changed => changed.Reading)])]
        );

    private static Statement ChangeOwners(List<(long No, Reading Reading, Series? Series, bool IsOwners)> changed) =>
        new(
            """
            UPDATE usage_readings r SET topic_id = d.topic, organization_id = d.organization, organization_no = d.organization_no, topic_no = d.topic_no, series_no = d.series_no
            FROM unnest(@no, @topic, @organization, @organizationNo, @topicNo, @seriesNo) AS d (no, topic, organization, organization_no, topic_no, series_no) WHERE r.no = d.no
            """,
            [("no", Of(changed, one => one.No)), .. Owners([.. changed.Select(one => one.Series)])]
        );

    private static Statement AddReadings(string cluster, StepRows rows) =>
        new(
            """
            INSERT INTO usage_readings (cluster, partition, broker, topic_id, organization_id, organization_no, topic_no, series_no,
              messages_in, bytes_in, messages_out, bytes_out, storage, at, live, suspended, storage_since, until_at,
              billed, ahead, mark_ledger, mark_billed, lost_at)
            SELECT @cluster, d.* FROM unnest(@partition, @broker, @topic, @organization, @organizationNo, @topicNo, @seriesNo,
              @messagesIn, @bytesIn, @messagesOut, @bytesOut, @storage, @at, @live, @suspended, @since, @until, @billed, @ahead, @markLedger, @markBilled, @lost) AS d
            """,
            [
                ("cluster", cluster),
                ("partition", Of(rows.New, row => row.Reading.Partition)),
                ("broker", Of(rows.New, row => row.Reading.Broker)),
                .. Owners([.. rows.New.Select(row => row.Series)]),
                .. Counters([.. rows.New.Select(row => row.Reading)]),
            ]
        );

    private static Statement Samples(StepRows rows) =>
        new(
            """
            INSERT INTO usage_samples (organization_no, closed_at, series_no, opened_at, in_from, in_to, out_from, out_to, storage_since, storage_from, storage_to)
            SELECT d.*, d.value FROM unnest(@organization, @closed, @series, @opened, @inFrom, @inTo, @outFrom, @outTo, @since, @value)
              AS d (organization_no, closed_at, series_no, opened_at, in_from, in_to, out_from, out_to, since, value)
            ON CONFLICT (organization_no, closed_at, series_no) DO UPDATE SET storage_since = excluded.storage_since, storage_from = excluded.storage_from, storage_to = excluded.storage_to
            """,
            [
                ("organization", Of(rows.Samples, row => row.Series.OrganizationNo)),
                ("closed", Of(rows.Samples, row => row.ClosedAt)),
                ("series", Of(rows.Samples, row => row.Series.No)),
                ("opened", Of(rows.Samples, row => row.OpenedAt)),
                ("inFrom", Of(rows.Samples, row => row.In?.From)),
                ("inTo", Of(rows.Samples, row => row.In?.To)),
                ("outFrom", Of(rows.Samples, row => row.Out?.From)),
                ("outTo", Of(rows.Samples, row => row.Out?.To)),
                ("since", Of(rows.Samples, row => row.Storage?.Since)),
                ("value", Of(rows.Samples, row => row.Storage?.Value)),
            ]
        );

    private static Statement Spans(StepRows rows) =>
        new(
            "INSERT INTO usage_spans (organization_no, closed_at, series_no, opened_at, value) SELECT * FROM "
                + "unnest(@organization, @closed, @series, @opened, @value)",
            [
                ("organization", Of(rows.Spans, row => row.Series.OrganizationNo)),
                ("closed", Of(rows.Spans, row => row.ClosedAt)),
                ("series", Of(rows.Spans, row => row.Series.No)),
                ("opened", Of(rows.Spans, row => row.OpenedAt)),
                ("value", Of(rows.Spans, row => row.Value)),
            ]
        );

    private static Statement Recovered(StepRows rows) =>
        new(
            "INSERT INTO usage_recovered (organization_no, closed_at, series_no, opened_at, bytes) SELECT * FROM "
                + "unnest(@organization, @closed, @series, @opened, @bytes)",
            [
                ("organization", Of(rows.Recovered, row => row.Series.OrganizationNo)),
                ("closed", Of(rows.Recovered, row => row.ClosedAt)),
                ("series", Of(rows.Recovered, row => row.Series.No)),
                ("opened", Of(rows.Recovered, row => row.OpenedAt)),
                ("bytes", Of(rows.Recovered, row => row.Bytes)),
            ]
        );

    private static Statement Hours(string table, string key, IReadOnlyList<(Series Series, long Hour, Sums Sums)> rows, bool ofTopics)
    {
        var parts = rows.Select(row => row.Sums.Parts()).ToList();
        var parameters = new List<(string, object?)>
        {
            ("organization", Of(rows, row => row.Series.OrganizationNo)),
            ("hour", Of(rows, row => row.Hour)),
        };
        if (ofTopics)
            parameters.Add(("topic", Of(rows, row => row.Series.TopicNo)));
        for (var i = 0; i < 6; i++)
        {
            var part = i;
            parameters.Add(($"p{i}", Of(parts, row => row[part])));
        }
        return new(
            $"""
            INSERT INTO {table} AS u ({key}, {LedgerSchema.Sums}) SELECT * FROM unnest(@organization, @hour, {(
                ofTopics ? "@topic, " : ""
            )}@p0, @p1, @p2, @p3, @p4, @p5) AS d ORDER BY 1, 2
            ON CONFLICT ({key}) DO UPDATE SET {AddSums}
            """,
            [.. parameters]
        );
    }

    private static Statement Gaps(string cluster, StepRows rows) =>
        new(
            """
            INSERT INTO usage_gaps (cluster, organization_id, topic_id, from_at, to_at, broker, cause) SELECT @cluster, d.* FROM unnest(@organization, @topic, @from, @to, @broker, @cause) AS d
            ON CONFLICT (topic_id, from_at, cause, broker) DO NOTHING
            """,
            [
                ("cluster", cluster),
                ("organization", Of(rows.Gaps, gap => gap.Topic.Organization.Value)),
                ("topic", Of(rows.Gaps, gap => gap.Topic.Id.Value)),
                ("from", Of(rows.Gaps, gap => gap.From.ToUnixMicroseconds())),
                ("to", Of(rows.Gaps, gap => gap.To.ToUnixMicroseconds())),
                ("broker", Of(rows.Gaps, gap => gap.Broker ?? "")),
                ("cause", Of(rows.Gaps, gap => gap.Cause.ToString())),
            ]
        );

    /// <summary>Gives new series their numbers, and new organizations and topics theirs; what is there uses up none.</summary>
    private static async Task<bool> NumberAsync(
        PortalTransaction write,
        Statement guard,
        IReadOnlyList<Series> unknown,
        CancellationToken cancellationToken
    )
    {
        (string, object?) organizations = ("organization", Of(unknown, series => series.Organization.Value)),
            topics = ("topic", Of(unknown, series => series.Topic.Value));
        (string, object?) partitions = ("partition", Of(unknown, series => series.Partition)),
            brokers = ("broker", Of(unknown, series => series.Broker));
        const string Known =
            "FROM unnest(@topic, @partition, @broker) WITH ORDINALITY AS d (topic, partition, broker, position) JOIN "
            + "usage_topics t ON t.topic_id = d.topic";
        await using var batch = Statements.Batch(
            write.Connection,
            write.Transaction,
            [
                guard,
                ByKey,
                new(
                    """
                    INSERT INTO usage_organizations (organization_id) SELECT DISTINCT d FROM unnest(@organization) d
                    WHERE NOT EXISTS (SELECT 1 FROM usage_organizations o WHERE o.organization_id = d) ORDER BY 1 ON CONFLICT DO NOTHING
                    """,
                    [organizations]
                ),
                new(
                    """
                    INSERT INTO usage_topics (organization_no, topic_id) SELECT DISTINCT o.no, d.topic FROM unnest(@organization, @topic) AS d (organization, topic)
                      JOIN usage_organizations o ON o.organization_id = d.organization WHERE NOT EXISTS (SELECT 1 FROM usage_topics t WHERE t.topic_id = d.topic)
                    """,
                    [organizations, topics]
                ),
                new(
                    $"""
                    INSERT INTO usage_series (topic_no, partition, broker) SELECT t.no, d.partition, d.broker {Known}
                    WHERE NOT EXISTS (SELECT 1 FROM usage_series s WHERE s.topic_no = t.no AND s.partition = d.partition AND s.broker = d.broker)
                    """,
                    [topics, partitions, brokers]
                ),
                new(
                    $"SELECT s.no, t.no, t.organization_no {Known} JOIN usage_series s ON s.topic_no = t.no AND s.partition = "
                        + "d.partition AND s.broker = d.broker ORDER BY d.position",
                    [topics, partitions, brokers]
                ),
            ]
        );
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
            foreach (var series in unknown)
            {
                if (!await reader.ReadAsync(cancellationToken))
                    throw new InvalidOperationException("A series got no number.");
                (series.No, series.TopicNo, series.OrganizationNo) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
            }
        return batch.BatchCommands[0].RecordsAffected == 1;
    }

    private static (string, object?)[] Owners(IReadOnlyList<Series?> series) =>
        [
            ("topic", Of(series, one => one?.Topic.Value)),
            ("organization", Of(series, one => one?.Organization.Value)),
            ("organizationNo", Of(series, one => one?.OrganizationNo)),
            ("topicNo", Of(series, one => one?.TopicNo)),
            ("seriesNo", Of(series, one => one?.No)),
        ];

    private static (string, object?)[] Counters(IReadOnlyList<Reading> readings) =>
        [
            ("messagesIn", Of(readings, reading => reading.Counters.MessagesIn)),
            ("bytesIn", Of(readings, reading => reading.Counters.BytesIn)),
            ("messagesOut", Of(readings, reading => reading.Counters.MessagesOut)),
            ("bytesOut", Of(readings, reading => reading.Counters.BytesOut)),
            ("storage", Of(readings, reading => reading.Counters.StorageBytes)),
            ("at", Of(readings, reading => reading.At.ToUnixMicroseconds())),
            ("live", Of(readings, reading => reading.Live ? 1L : 0L)),
            ("suspended", Of(readings, reading => reading.Suspended ? 1L : 0L)),
            ("since", Of(readings, reading => reading.StorageSince?.ToUnixMicroseconds())),
            ("until", Of(readings, reading => reading.Until?.ToUnixMicroseconds())),
            ("billed", Of(readings, reading => reading.Billed)),
            ("ahead", Of(readings, reading => reading.Ahead)),
            ("markLedger", Of(readings, reading => reading.Mark?.Ledger)),
            ("markBilled", Of(readings, reading => reading.Mark?.Billed)),
            ("lost", Of(readings, reading => reading.LostAt?.ToUnixMicroseconds())),
        ];

    private static TValue[] Of<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return values;
    }
}
