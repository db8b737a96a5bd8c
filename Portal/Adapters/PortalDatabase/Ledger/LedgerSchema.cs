namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// The tables of metering, in plain SQL for both databases. Instants are microseconds since 1970. Sums may pass 2^63,
/// so an hour's quantity is kept in two parts: <c>high</c> × 2^32 + <c>low</c>.
/// </summary>
internal static class LedgerSchema
{
    internal static async Task EnsureAsync(PortalConnections connections, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        var uuid = connections.IsSqlite ? "TEXT" : "uuid";
        // Both keep the key's order in the table where they can; topics are compared byte by byte.
        var text = connections.IsSqlite ? "TEXT" : "text COLLATE \"C\"";
        // Several replicas may start at once.
        if (!connections.IsSqlite) await Sql.ExecuteAsync(write.Connection, write.Transaction, "SELECT pg_advisory_xact_lock(7310592)", [], cancellationToken);
        foreach (var statement in Statements(uuid, text, connections.IsSqlite ? " WITHOUT ROWID" : ""))
            await Sql.ExecuteAsync(write.Connection, write.Transaction, statement, [], cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private static string[] Statements(string uuid, string text, string clustered) =>
    [
        $"""
        CREATE TABLE IF NOT EXISTS usage_clusters (
          cluster {text} NOT NULL PRIMARY KEY, polled_at BIGINT, listed_whole_at BIGINT, complete_to BIGINT,
          system_bytes {text} NOT NULL, unknown_bytes {text} NOT NULL, unexplained_rows BIGINT NOT NULL)
        """,
        $"""
        CREATE TABLE IF NOT EXISTS usage_brokers (
          cluster {text} NOT NULL, broker {text} NOT NULL, listed_since BIGINT, last_good_at BIGINT, silent_since BIGINT,
          statistics_interval BIGINT NOT NULL, topics BIGINT NOT NULL, problem {text}, PRIMARY KEY (cluster, broker))
        """,
        $"""
        CREATE TABLE IF NOT EXISTS usage_readings (
          cluster {text} NOT NULL, partition {text} NOT NULL, broker {text} NOT NULL, topic_id {uuid},
          messages_in BIGINT NOT NULL, bytes_in BIGINT NOT NULL, messages_out BIGINT NOT NULL, bytes_out BIGINT NOT NULL, storage BIGINT NOT NULL,
          at BIGINT NOT NULL, live BIGINT NOT NULL, suspended BIGINT NOT NULL, storage_since BIGINT, PRIMARY KEY (cluster, partition, broker)){clustered}
        """,
        "CREATE INDEX IF NOT EXISTS ix_usage_readings_topic ON usage_readings (topic_id)",
        $"""
        CREATE TABLE IF NOT EXISTS usage_samples (
          organization_id {uuid} NOT NULL, topic_id {uuid} NOT NULL, meter {text} NOT NULL, partition {text} NOT NULL, broker {text} NOT NULL,
          opened_at BIGINT NOT NULL, closed_at BIGINT NOT NULL, hour BIGINT NOT NULL, opened_value BIGINT NOT NULL, closed_value BIGINT NOT NULL,
          quantity BIGINT NOT NULL, PRIMARY KEY (topic_id, meter, partition, broker, opened_at)){clustered}
        """,
        "CREATE INDEX IF NOT EXISTS ix_usage_samples_hour ON usage_samples (organization_id, hour)",
        $"""
        CREATE TABLE IF NOT EXISTS usage_hours (
          organization_id {uuid} NOT NULL, hour BIGINT NOT NULL, meter {text} NOT NULL, topic_id {uuid} NOT NULL, high BIGINT NOT NULL, low BIGINT NOT NULL,
          PRIMARY KEY (organization_id, hour, meter, topic_id)){clustered}
        """,
        $"""
        CREATE TABLE IF NOT EXISTS usage_gaps (
          organization_id {uuid} NOT NULL, topic_id {uuid} NOT NULL, from_at BIGINT NOT NULL, to_at BIGINT NOT NULL, cluster {text} NOT NULL,
          broker {text} NOT NULL, cause {text} NOT NULL, PRIMARY KEY (topic_id, from_at, cause, broker))
        """,
        "CREATE INDEX IF NOT EXISTS ix_usage_gaps_organization ON usage_gaps (organization_id, to_at)",
    ];
}
