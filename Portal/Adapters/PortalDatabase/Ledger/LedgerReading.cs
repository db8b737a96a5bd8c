using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>A reading with the numbers by which rows refer to it.</summary>
internal sealed record StoredReading(long No, Reading Reading, long SeriesNo, long TopicNo, long OrganizationNo);

/// <summary>What the collector reads of the ledger.</summary>
internal static class LedgerReading
{
    private const string Standings =
        "SELECT cluster, polled_at, listed_whole_at, complete_to, system_bytes, unknown_bytes, unexplained_rows, began_at, "
        + "version FROM usage_clusters";
    private const string ReadingColumns = """
        broker, partition, messages_in, bytes_in, messages_out, bytes_out, storage, topic_id, organization_id, at, live, suspended, storage_since, until_at,
        no, series_no, topic_no, organization_no, billed, ahead, mark_ledger, mark_billed, lost_at
        """;
    private const string NotRemoved =
        " WHERE NOT EXISTS (SELECT 1 FROM clusters WHERE clusters.name = usage_clusters.cluster AND clusters.state = 'removed')";
    private const string Brokers =
        "SELECT cluster, broker, listed_since, last_good_at, silent_since, statistics_interval, topics, problem FROM usage_brokers";

    internal static DateTimeOffset Instant(this DbDataReader reader, int column) => Clock.FromUnixMicroseconds(reader.GetInt64(column));

    internal static DateTimeOffset? InstantOrNull(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.Instant(column);

    internal static long? LongOrNull(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>Every cluster, by name; those that were removed only if asked for.</summary>
    internal static async Task<List<ClusterMetering>> StandingsAsync(
        DbConnection connection,
        bool withRemoved,
        CancellationToken cancellationToken
    )
    {
        var brokers = await ReadAsync(connection, Brokers + " ORDER BY cluster, broker", [], Broker, cancellationToken);
        var clusters = await ReadAsync(
            connection,
            Standings + (withRemoved ? "" : NotRemoved) + " ORDER BY cluster",
            [],
            Standing,
            cancellationToken
        );
        return
        [
            .. clusters.Select(cluster =>
                cluster.Standing with
                {
                    Brokers = [.. brokers.Where(broker => broker.Cluster == cluster.Standing.Cluster).Select(broker => broker.Broker)],
                }
            ),
        ];
    }

    /// <summary>
    /// Where a cluster stands and the last readings of a slice. The version is read first: when it is still the same at
    /// the time of writing, nothing of what was read after it has changed.
    /// </summary>
    internal static async Task<(long Version, ClusterMetering Standing, List<StoredReading> Readings)> SliceAsync(
        DbConnection connection,
        bool isSqlite,
        string cluster,
        PartitionSlice slice,
        CancellationToken cancellationToken
    )
    {
        (string, object?) named = ("cluster", cluster);
        var parameters = new List<(string, object?)> { named };
        var among = "";
        if (slice.Only is { } only)
        {
            among = isSqlite ? " AND partition IN (SELECT value FROM json_each(@only))" : " AND partition = ANY(@only)";
            parameters.Add(("only", isSqlite ? JsonSerializer.Serialize(only) : only.ToArray()));
        }
        if (slice.After is { } after)
        {
            among += " AND partition > @after";
            parameters.Add(("after", after));
        }
        if (slice.UpTo is { } upTo)
        {
            among += " AND partition <= @upTo";
            parameters.Add(("upTo", upTo));
        }
        var readings = $"""
            SELECT {ReadingColumns}
            FROM usage_readings WHERE cluster = @cluster{among}
            """;
        var (standings, brokers) = (Standings + " WHERE cluster = @cluster", Brokers + " WHERE cluster = @cluster ORDER BY broker");
        (ClusterMetering Standing, long Version) standing;
        List<(string Cluster, BrokerMetering Broker)> listed;
        List<StoredReading> found;
        if (isSqlite)
        {
            standing = (await ReadAsync(connection, standings, [named], Standing, cancellationToken)).SingleOrDefault(
                (ClusterMetering.Empty(cluster), 0)
            );
            listed = await ReadAsync(connection, brokers, [named], Broker, cancellationToken);
            found = await ReadAsync(connection, readings, [.. parameters], Stored, cancellationToken);
        }
        else
        {
            // One journey to the server; its statements see one another's order.
            await using var batch = Statements.Batch(
                connection,
                null,
                [new(standings, [named]), new(brokers, [named]), new(readings, [.. parameters])]
            );
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            standing = (await AllAsync(reader, Standing, cancellationToken)).SingleOrDefault((ClusterMetering.Empty(cluster), 0));
            await reader.NextResultAsync(cancellationToken);
            listed = await AllAsync(reader, Broker, cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            found = await AllAsync(reader, Stored, cancellationToken);
        }
        return (standing.Version, standing.Standing with { Brokers = [.. listed.Select(broker => broker.Broker)] }, found);
    }

    /// <summary>Readings whose counter died unseen, by partition (bytes of its name), after one.</summary>
    internal static async Task<List<Reading>> LostAsync(
        DbConnection connection,
        bool isSqlite,
        string cluster,
        string after,
        int limit,
        CancellationToken cancellationToken
    ) =>
        (
            await ReadAsync(
                connection,
                $"""
                SELECT {ReadingColumns} FROM usage_readings WHERE lost_at IS NOT NULL AND cluster = @cluster AND partition {(
                    isSqlite ? "" : "COLLATE \"C\" "
                )}> @after
                ORDER BY partition{(isSqlite ? "" : " COLLATE \"C\"")} LIMIT @limit
                """,
                [("cluster", cluster), ("after", after), ("limit", (long)limit)],
                Stored,
                cancellationToken
            )
        ).ConvertAll(stored => stored.Reading);

    internal static async Task<List<T>> ReadAsync<T>(
        DbConnection connection,
        string text,
        (string, object?)[] parameters,
        Func<DbDataReader, T> row,
        CancellationToken cancellationToken
    )
    {
        await using var command = Sql.Command(connection, null, text, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await AllAsync(reader, row, cancellationToken);
    }

    private static async Task<List<T>> AllAsync<T>(DbDataReader reader, Func<DbDataReader, T> row, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }

    private static (ClusterMetering Standing, long Version) Standing(DbDataReader reader) =>
        (
            new(
                reader.GetString(0),
                reader.InstantOrNull(1),
                reader.InstantOrNull(2),
                reader.InstantOrNull(3),
                [],
                new(
                    Int128.Parse(reader.GetString(4), CultureInfo.InvariantCulture),
                    Int128.Parse(reader.GetString(5), CultureInfo.InvariantCulture),
                    reader.GetInt64(6)
                )
            )
            {
                BeganAt = reader.InstantOrNull(7),
            },
            reader.GetInt64(8)
        );

    private static (string Cluster, BrokerMetering Broker) Broker(DbDataReader reader) =>
        (
            reader.GetString(0),
            new(
                reader.GetString(1),
                reader.InstantOrNull(2),
                reader.InstantOrNull(3),
                reader.InstantOrNull(4),
                TimeSpan.FromMicroseconds(reader.GetInt64(5)),
                (int)reader.GetInt64(6),
                reader.IsDBNull(7) ? null : reader.GetString(7)
            )
        );

    private static StoredReading Stored(DbDataReader reader) =>
        new(
            reader.GetInt64(14),
            new(
                reader.GetString(0),
                new(
                    reader.GetString(1),
                    reader.GetInt64(2),
                    reader.GetInt64(3),
                    reader.GetInt64(4),
                    reader.GetInt64(5),
                    reader.GetInt64(6)
                ),
                reader.IsDBNull(7) ? null : new(reader.GetGuid(7)),
                reader.IsDBNull(8) ? null : new(reader.GetGuid(8)),
                reader.Instant(9),
                reader.GetInt64(10) != 0,
                reader.GetInt64(11) != 0,
                reader.InstantOrNull(12),
                reader.InstantOrNull(13)
            )
            {
                Billed = reader.LongOrNull(18),
                Ahead = reader.LongOrNull(19),
                Mark = reader.LongOrNull(20) is { } ledger ? new(ledger, reader.GetInt64(21)) : null,
                LostAt = reader.InstantOrNull(22),
            },
            reader.LongOrNull(15) ?? 0,
            reader.LongOrNull(16) ?? 0,
            reader.LongOrNull(17) ?? 0
        );
}
