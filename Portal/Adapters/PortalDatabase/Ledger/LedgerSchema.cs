namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// The tables of metering, in plain SQL for both databases. Instants are microseconds since 1970, hours are whole hours
/// since 1970. What is written for every sample refers to organizations, topics and series by number and not by name, and
/// begins with organization and time: a pass writes side by side, and an organization's time is read side by side. Sums
/// may pass 2^63, so they are kept in two parts: <c>high</c> × 2^32 + <c>low</c>.
/// </summary>
internal static class LedgerSchema
{
    internal const string Sums = "write_high, write_low, read_high, read_low, storage_high, storage_low";

    internal static async Task EnsureAsync(PortalTransaction write, bool isSqlite, CancellationToken cancellationToken)
    {
        var types = isSqlite
            ? new Types("TEXT", "TEXT", "INTEGER PRIMARY KEY AUTOINCREMENT", " WITHOUT ROWID", "", "")
            // Names are compared byte by byte, as SQLite does and the collector counts on.
            : new Types(
                "uuid",
                "text COLLATE \"C\"",
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                "",
                " WITH (fillfactor = 50)",
                " WITH (fillfactor = 70)"
            );
        foreach (var statement in Statements(types))
            await Sql.ExecuteAsync(write.Connection, write.Transaction, statement, [], cancellationToken);
        foreach (var column in Later)
        {
            // A database that was made before these columns: what it has billed by then is unknown, and stays null.
            if (
                isSqlite
                && await Sql.ScalarAsync(
                    write.Connection,
                    write.Transaction,
                    "SELECT 1 FROM pragma_table_info('usage_readings') WHERE name = @column",
                    [("column", column)],
                    cancellationToken
                )
                    is not null
            )
                continue;
            await Sql.ExecuteAsync(
                write.Connection,
                write.Transaction,
                $"ALTER TABLE usage_readings ADD COLUMN {(isSqlite ? "" : "IF NOT EXISTS ")}{column} BIGINT",
                [],
                cancellationToken
            );
        }
        await Sql.ExecuteAsync(
            write.Connection,
            write.Transaction,
            "CREATE INDEX IF NOT EXISTS ix_usage_readings_lost ON usage_readings (cluster, lost_at) WHERE lost_at IS NOT NULL",
            [],
            cancellationToken
        );
    }

    private static readonly string[] Later = ["billed", "ahead", "mark_ledger", "mark_billed", "lost_at"];

    /// <param name="Changing">Rows that every pass may rewrite: with room beside them PostgreSQL does so without touching an index, five
    /// times as fast.</param>
    /// <param name="Settling">Rows that are rewritten for an hour and then stay.</param>
    private sealed record Types(string Uuid, string Text, string Number, string Clustered, string Changing, string Settling);

    private static string[] Statements(Types types)
    {
        var (uuid, text, number, clustered, changing, settling) = types;
        var sums = Sums.Replace(",", " BIGINT NOT NULL,", StringComparison.Ordinal) + " BIGINT NOT NULL";
        return
        [
            $"""
                CREATE TABLE IF NOT EXISTS usage_clusters (
                  cluster {text} NOT NULL PRIMARY KEY, version BIGINT NOT NULL DEFAULT 0, began_at BIGINT, polled_at BIGINT, listed_whole_at BIGINT, complete_to BIGINT,
                  system_bytes {text} NOT NULL, unknown_bytes {text} NOT NULL, unexplained_rows BIGINT NOT NULL)
                """,
            $"""
                CREATE TABLE IF NOT EXISTS usage_brokers (
                  cluster {text} NOT NULL, broker {text} NOT NULL, listed_since BIGINT, last_good_at BIGINT, silent_since BIGINT,
                  statistics_interval BIGINT NOT NULL, topics BIGINT NOT NULL, problem {text}, PRIMARY KEY (cluster, broker))
                """,
            $"CREATE TABLE IF NOT EXISTS usage_organizations (no {number}, organization_id {uuid} NOT NULL UNIQUE)",
            $"CREATE TABLE IF NOT EXISTS usage_topics (no {number}, organization_no BIGINT NOT NULL, topic_id {uuid} NOT NULL UNIQUE)",
            $"""
                CREATE TABLE IF NOT EXISTS usage_series (
                  no {number}, topic_no BIGINT NOT NULL, partition {text} NOT NULL, broker {text} NOT NULL, UNIQUE (topic_no, partition, broker))
                """,
                // Found by its number once it is known: a changed counter touches no index.
                $"""
                CREATE TABLE IF NOT EXISTS usage_readings (
                  no {number}, cluster {text} NOT NULL, partition {text} NOT NULL, broker {text} NOT NULL, topic_id {uuid}, organization_id {uuid},
                  organization_no BIGINT, topic_no BIGINT, series_no BIGINT,
                  messages_in BIGINT NOT NULL, bytes_in BIGINT NOT NULL, messages_out BIGINT NOT NULL, bytes_out BIGINT NOT NULL, storage BIGINT NOT NULL,
                  at BIGINT NOT NULL, live BIGINT NOT NULL, suspended BIGINT NOT NULL, storage_since BIGINT, until_at BIGINT, UNIQUE (cluster, partition, broker)){changing}
                """,
            "CREATE INDEX IF NOT EXISTS ix_usage_readings_organization ON usage_readings (organization_no)",
            $"""
                CREATE TABLE IF NOT EXISTS usage_samples (
                  organization_no BIGINT NOT NULL, closed_at BIGINT NOT NULL, series_no BIGINT NOT NULL,
                  opened_at BIGINT, in_from BIGINT, in_to BIGINT, out_from BIGINT, out_to BIGINT,
                  storage_since BIGINT, storage_from BIGINT, storage_to BIGINT, storage_high BIGINT, storage_low BIGINT,
                  PRIMARY KEY (organization_no, closed_at, series_no)){clustered}
                """,
                // Storage that stayed for more than a day.
                $"""
                CREATE TABLE IF NOT EXISTS usage_spans (
                  organization_no BIGINT NOT NULL, closed_at BIGINT NOT NULL, series_no BIGINT NOT NULL, opened_at BIGINT NOT NULL, value BIGINT NOT NULL,
                  PRIMARY KEY (organization_no, closed_at, series_no)){clustered}
                """,
            "CREATE INDEX IF NOT EXISTS ix_usage_spans_closed ON usage_spans (closed_at)",
            "CREATE TABLE IF NOT EXISTS usage_hours (organization_no BIGINT NOT NULL, hour BIGINT NOT NULL, topic_no BIGINT NOT "
                + $"NULL, {sums}, PRIMARY KEY (organization_no, hour, topic_no)){clustered}{settling}",
            $"CREATE TABLE IF NOT EXISTS usage_totals (organization_no BIGINT NOT NULL, hour BIGINT NOT NULL, {sums}, merged "
                + $"BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (organization_no, hour)){clustered}{changing}",
            "CREATE INDEX IF NOT EXISTS ix_usage_totals_merged ON usage_totals (merged, hour)",
                // What was recovered from ledgers, beside its samples: few rows that pages look for.
                $"""
                CREATE TABLE IF NOT EXISTS usage_recovered (
                  organization_no BIGINT NOT NULL, closed_at BIGINT NOT NULL, series_no BIGINT NOT NULL, opened_at BIGINT NOT NULL, bytes BIGINT NOT NULL,
                  PRIMARY KEY (organization_no, closed_at, series_no)){clustered}
                """,
            $"""
                CREATE TABLE IF NOT EXISTS usage_gaps (
                  organization_id {uuid} NOT NULL, topic_id {uuid} NOT NULL, from_at BIGINT NOT NULL, to_at BIGINT NOT NULL, cluster {text} NOT NULL,
                  broker {text} NOT NULL, cause {text} NOT NULL, PRIMARY KEY (topic_id, from_at, cause, broker))
                """,
            "CREATE INDEX IF NOT EXISTS ix_usage_gaps_organization ON usage_gaps (organization_id, to_at)",
            "CREATE INDEX IF NOT EXISTS ix_usage_gaps_to ON usage_gaps (to_at)",
        ];
    }
}
