using System.Globalization;
using Npgsql;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// The collector's side of the usage ledger. A step reads and compares without a lock and writes in one short transaction
/// that begins with the cluster's version, so of two steps that read the same one is done again, and ends with the lease:
/// who lost it meanwhile commits nothing, and its row is held no longer than the commit takes.
/// </summary>
internal sealed class CollectorLedger(PortalConnections connections) : ICollectorLedger
{
    private const int Attempts = 10;
    private const int StepsPerCheckpoint = 16;

    private int _steps;

    // SQLite has one writer, and people wait for it. To PostgreSQL the way is what costs.
    public int StepSize => connections.IsSqlite ? 250 : 2_500;

    public async Task<ClusterMetering> BeginAsync(string cluster, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if ((await EverAsync(cancellationToken)).FirstOrDefault(known => known.Cluster == cluster) is { BeganAt: not null } standing)
            return standing;
        await using (var write = await connections.BeginWriteAsync(null, cancellationToken))
        {
            await Sql.ExecuteAsync(
                write.Connection,
                write.Transaction,
                """
                INSERT INTO usage_clusters (cluster, began_at, system_bytes, unknown_bytes, unexplained_rows) VALUES (@cluster, @at, '0', '0', 0)
                ON CONFLICT (cluster) DO UPDATE SET began_at = COALESCE(usage_clusters.began_at, excluded.began_at)
                """,
                [("cluster", cluster), ("at", at.ToUnixMicroseconds())],
                cancellationToken
            );
            await write.CommitAsync(cancellationToken);
        }
        return (await EverAsync(cancellationToken)).First(known => known.Cluster == cluster);
    }

    public async Task<PollResult> AdvanceAsync(
        string cluster,
        Lease? lease,
        PartitionSlice slice,
        Func<ClusterMetering, IReadOnlyList<Reading>, PollResult> compare,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await OnceAsync(cluster, lease, slice, compare, cancellationToken) is { } result)
                {
                    if (connections.IsSqlite && !result.IsEmpty && Interlocked.Increment(ref _steps) % StepsPerCheckpoint == 0)
                        await CheckpointAsync(cancellationToken);
                    return result;
                }
                if (attempt == Attempts)
                    throw new InvalidOperationException(
                        $"The readings of cluster '{cluster}' changed {Attempts} times while they were compared."
                    );
            }
            catch (PostgresException exception)
                when (attempt < Attempts
                    && exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
                )
            {
                // Another cluster's collector added to the same organization, and PostgreSQL chose this one to step back.
            }
        }
    }

    public async Task SaveAsync(ClusterMetering standing, Lease? lease, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        var statements = new List<Statement>
        {
            new(
                """
                INSERT INTO usage_clusters (cluster, version, polled_at, listed_whole_at, complete_to, system_bytes, unknown_bytes, unexplained_rows)
                VALUES (@cluster, 1, @polledAt, @wholeAt, @completeTo, '0', '0', 0)
                ON CONFLICT (cluster) DO UPDATE SET version = usage_clusters.version + 1, polled_at = excluded.polled_at, listed_whole_at = excluded.listed_whole_at,
                  complete_to = excluded.complete_to
                """,
                [
                    ("cluster", standing.Cluster),
                    ("polledAt", Micro(standing.PolledAt)),
                    ("wholeAt", Micro(standing.ListedWholeAt)),
                    ("completeTo", Micro(standing.CompleteTo)),
                ]
            ),
        };
        statements.AddRange(
            standing.Brokers.Select(broker => new Statement(
                """
                INSERT INTO usage_brokers (cluster, broker, listed_since, last_good_at, silent_since, statistics_interval, topics, problem)
                VALUES (@cluster, @broker, CAST(@listedSince AS BIGINT), CAST(@lastGoodAt AS BIGINT), CAST(@silentSince AS BIGINT), @interval, @topics, @problem)
                ON CONFLICT (cluster, broker) DO UPDATE SET listed_since = excluded.listed_since, last_good_at = excluded.last_good_at, silent_since = excluded.silent_since,
                  statistics_interval = excluded.statistics_interval, topics = excluded.topics, problem = excluded.problem
                """,
                [
                    ("cluster", standing.Cluster),
                    ("broker", broker.Broker),
                    ("listedSince", Micro(broker.ListedSince)),
                    ("lastGoodAt", Micro(broker.LastGoodAt)),
                    ("silentSince", Micro(broker.SilentSince)),
                    ("interval", broker.StatisticsInterval.Ticks / TimeSpan.TicksPerMicrosecond),
                    ("topics", (long)broker.Topics),
                    ("problem", broker.Problem),
                ]
            ))
        );
        await Statements.RunAsync(write, connections.IsSqlite, statements, cancellationToken);
        if (lease is not null)
            await Leases.CheckAsync(write.Connection, write.Transaction, lease, connections.IsSqlite, cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<Reading>> LostAsync(string cluster, string after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await LedgerReading.LostAsync(connection, connections.IsSqlite, cluster, after, limit, cancellationToken);
    }

    public async Task<IReadOnlyList<ClusterMetering>> StandingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await LedgerReading.StandingsAsync(connection, withRemoved: false, cancellationToken);
    }

    private async Task<IReadOnlyList<ClusterMetering>> EverAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await LedgerReading.StandingsAsync(connection, withRemoved: true, cancellationToken);
    }

    /// <summary>Null when another step was faster.</summary>
    private async Task<PollResult?> OnceAsync(
        string cluster,
        Lease? lease,
        PartitionSlice slice,
        Func<ClusterMetering, IReadOnlyList<Reading>, PollResult> compare,
        CancellationToken cancellationToken
    )
    {
        long version;
        ClusterMetering standing;
        List<StoredReading> stored;
        await using (var connection = await connections.OpenAsync(cancellationToken))
            (version, standing, stored) = await LedgerReading.SliceAsync(
                connection,
                connections.IsSqlite,
                cluster,
                slice,
                cancellationToken
            );
        var result = compare(standing, [.. stored.Select(reading => reading.Reading)]);
        if (result.IsEmpty)
            return result;
        var rows = new StepRows(result, stored);
        var guard = new Statement(
            """
            UPDATE usage_clusters SET version = version + 1, system_bytes = @system, unknown_bytes = @unknown, unexplained_rows = @rows
            WHERE cluster = @cluster AND version = @version
            """,
            [
                ("cluster", cluster),
                ("version", version),
                ("system", Text(standing.Apart.System + result.Apart.System)),
                ("unknown", Text(standing.Apart.Unknown + result.Apart.Unknown)),
                ("rows", standing.Apart.Rows + result.Apart.Rows),
            ]
        );
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        var written = connections.IsSqlite
            ? SqliteStep.Write(write, guard, cluster, rows)
            : await PostgreSqlStep.WriteAsync(write, guard, cluster, rows, cancellationToken);
        if (!written)
            return null;
        // Last: the lease's row is locked against a successor for the commit alone, and never against its own renewal for long.
        if (lease is not null)
            await Leases.CheckAsync(write.Connection, write.Transaction, lease, connections.IsSqlite, cancellationToken);
        await write.CommitAsync(cancellationToken);
        return result;
    }

    /// <summary>
    /// Moves what steps left in SQLite's write-ahead log to the file, beside other writers. Left to a commit, the one that
    /// fills the log would do it while everybody waits, and it would be a customer's as often as not.
    /// </summary>
    private async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        await Sql.ExecuteAsync(connection, null, "PRAGMA wal_checkpoint(PASSIVE)", [], cancellationToken);
    }

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);

    private static long? Micro(DateTimeOffset? instant) => instant?.ToUnixMicroseconds();
}
