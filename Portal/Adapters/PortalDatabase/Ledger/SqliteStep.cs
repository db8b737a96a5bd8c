using Microsoft.Data.Sqlite;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// Writes a step to SQLite: each statement prepared once and run row by row without leaving the thread, for a journey to
/// the file costs nothing and everybody who writes waits meanwhile.
/// </summary>
internal static class SqliteStep
{
    private const string AddSums = """
        write_high = write_high + excluded.write_high, write_low = write_low + excluded.write_low, read_high = read_high + excluded.read_high,
        read_low = read_low + excluded.read_low, storage_high = storage_high + excluded.storage_high, storage_low = storage_low + excluded.storage_low
        """;

    /// <summary>False when another step was faster.</summary>
    internal static bool Write(PortalTransaction write, Statement guard, string cluster, StepRows rows)
    {
        var (connection, transaction) = ((SqliteConnection)write.Connection, (SqliteTransaction)write.Transaction);
        using (var command = Sql.Command(connection, transaction, guard.Text, guard.Parameters))
            if (command.ExecuteNonQuery() == 0)
                return false;
        Number(connection, rows.Unknown);

        using var change = new SqlitePrepared(
            connection,
            """
            UPDATE usage_readings SET messages_in = ?, bytes_in = ?, messages_out = ?, bytes_out = ?, storage = ?, at = ?, live = ?, suspended = ?, storage_since = ?, until_at = ?,
              billed = ?, ahead = ?, mark_ledger = ?, mark_billed = ?, lost_at = ?
            WHERE no = ?
            """
        );
        using var changeOwner = new SqlitePrepared(
            connection,
            "UPDATE usage_readings SET topic_id = ?, organization_id = ?, organization_no = ?, topic_no = ?, series_no = ? WHERE no = ?"
        );
        foreach (var (no, reading, series, isOwners) in rows.Changed)
        {
            var found = change.Run(
                reading.Counters.MessagesIn,
                reading.Counters.BytesIn,
                reading.Counters.MessagesOut,
                reading.Counters.BytesOut,
                reading.Counters.StorageBytes,
                reading.At.ToUnixMicroseconds(),
                reading.Live ? 1L : 0L,
                reading.Suspended ? 1L : 0L,
                Micro(reading.StorageSince),
                Micro(reading.Until),
                reading.Billed,
                reading.Ahead,
                reading.Mark?.Ledger,
                reading.Mark?.Billed,
                Micro(reading.LostAt),
                no
            );
            if (found != 1)
                throw new InvalidOperationException("A reading is gone that no other step has cut.");
            if (isOwners)
                changeOwner.Set([series?.Topic.Value, series?.Organization.Value, series?.OrganizationNo, series?.TopicNo, series?.No, no]);
        }
        using var add = new SqlitePrepared(
            connection,
            """
            INSERT INTO usage_readings (cluster, partition, broker, topic_id, organization_id, organization_no, topic_no, series_no,
              messages_in, bytes_in, messages_out, bytes_out, storage, at, live, suspended, storage_since, until_at,
              billed, ahead, mark_ledger, mark_billed, lost_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        );
        foreach (var (reading, series) in rows.New)
        {
            add.Set([
                cluster,
                reading.Partition,
                reading.Broker,
                series?.Topic.Value,
                series?.Organization.Value,
                series?.OrganizationNo,
                series?.TopicNo,
                series?.No,
                reading.Counters.MessagesIn,
                reading.Counters.BytesIn,
                reading.Counters.MessagesOut,
                reading.Counters.BytesOut,
                reading.Counters.StorageBytes,
                reading.At.ToUnixMicroseconds(),
                reading.Live ? 1L : 0L,
                reading.Suspended ? 1L : 0L,
                Micro(reading.StorageSince),
                Micro(reading.Until),
                reading.Billed,
                reading.Ahead,
                reading.Mark?.Ledger,
                reading.Mark?.Billed,
                Micro(reading.LostAt),
            ]);
        }
        WriteUsage(connection, cluster, rows);
        return true;
    }

    private static void WriteUsage(SqliteConnection connection, string cluster, StepRows rows)
    {
        // Of one series and instant there is one sample; its storage may be known later than its traffic.
        using var sample = new SqlitePrepared(
            connection,
            """
            INSERT INTO usage_samples (organization_no, closed_at, series_no, opened_at, in_from, in_to, out_from, out_to, storage_since, storage_from, storage_to)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (organization_no, closed_at, series_no) DO UPDATE SET storage_since = excluded.storage_since, storage_from = excluded.storage_from, storage_to = excluded.storage_to
            """
        );
        foreach (var row in rows.Samples)
        {
            sample.Run(
                row.Series.OrganizationNo,
                row.ClosedAt,
                row.Series.No,
                row.OpenedAt,
                row.In?.From,
                row.In?.To,
                row.Out?.From,
                row.Out?.To,
                row.Storage?.Since,
                row.Storage?.Value,
                row.Storage?.Value
            );
        }
        using var span = new SqlitePrepared(
            connection,
            "INSERT INTO usage_spans (organization_no, closed_at, series_no, opened_at, value) VALUES (?, ?, ?, ?, ?)"
        );
        foreach (var row in rows.Spans)
            span.Run(row.Series.OrganizationNo, row.ClosedAt, row.Series.No, row.OpenedAt, row.Value);
        using var hour = new SqlitePrepared(
            connection,
            $"INSERT INTO usage_hours (organization_no, hour, topic_no, {LedgerSchema.Sums}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (organization_no, hour, topic_no) DO UPDATE SET {AddSums}"
        );
        foreach (var (series, at, sums) in rows.Hours)
        {
            var parts = sums.Parts();
            hour.Run(series.OrganizationNo, at, series.TopicNo, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
        }
        using var total = new SqlitePrepared(
            connection,
            $"INSERT INTO usage_totals (organization_no, hour, {LedgerSchema.Sums}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (organization_no, hour) DO UPDATE SET {AddSums}"
        );
        foreach (var (series, at, sums) in rows.Totals)
        {
            var parts = sums.Parts();
            total.Run(series.OrganizationNo, at, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
        }
        using var recovered = new SqlitePrepared(
            connection,
            "INSERT INTO usage_recovered (organization_no, closed_at, series_no, opened_at, bytes) VALUES (?, ?, ?, ?, ?)"
        );
        foreach (var (series, opened, closed, bytes) in rows.Recovered)
            recovered.Run(series.OrganizationNo, closed, series.No, opened, bytes);
        using var gap = new SqlitePrepared(
            connection,
            "INSERT INTO usage_gaps (organization_id, topic_id, from_at, to_at, cluster, broker, cause) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (topic_id, from_at, cause, broker) DO NOTHING"
        );
        foreach (var row in rows.Gaps)
        {
            gap.Set([
                row.Topic.Organization.Value,
                row.Topic.Id.Value,
                row.From.ToUnixMicroseconds(),
                row.To.ToUnixMicroseconds(),
                cluster,
                row.Broker ?? "",
                row.Cause.ToString(),
            ]);
        }
    }

    /// <summary>Gives new series their numbers, and new organizations and topics theirs.</summary>
    private static void Number(SqliteConnection connection, IReadOnlyList<Series> unknown)
    {
        if (unknown.Count == 0)
            return;
        using var organization = new SqlitePrepared(
            connection,
            "INSERT INTO usage_organizations (organization_id) VALUES (?) ON CONFLICT DO NOTHING"
        );
        using var organizationNo = new SqlitePrepared(connection, "SELECT no FROM usage_organizations WHERE organization_id = ?");
        using var topic = new SqlitePrepared(
            connection,
            "INSERT INTO usage_topics (organization_no, topic_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        );
        using var topicNo = new SqlitePrepared(connection, "SELECT no FROM usage_topics WHERE topic_id = ?");
        using var series = new SqlitePrepared(
            connection,
            "INSERT INTO usage_series (topic_no, partition, broker) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        );
        using var seriesNo = new SqlitePrepared(
            connection,
            "SELECT no FROM usage_series WHERE topic_no = ? AND partition = ? AND broker = ?"
        );
        foreach (var one in unknown)
        {
            one.OrganizationNo = Found(organizationNo, organization, [one.Organization.Value], [one.Organization.Value]);
            one.TopicNo = Found(topicNo, topic, [one.Topic.Value], [one.OrganizationNo, one.Topic.Value]);
            one.No = Found(seriesNo, series, [one.TopicNo, one.Partition, one.Broker], [one.TopicNo, one.Partition, one.Broker]);
        }
    }

    private static long Found(SqlitePrepared select, SqlitePrepared insert, object?[] key, object?[] row)
    {
        if (select.Number(key) is { } known)
            return known;
        insert.Set(row);
        return select.Number(key)!.Value;
    }

    private static long? Micro(DateTimeOffset? instant) => instant?.ToUnixMicroseconds();
}
