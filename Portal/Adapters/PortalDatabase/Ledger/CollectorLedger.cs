using System.Data.Common;
using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>The collector's side of the usage ledger.</summary>
internal sealed class CollectorLedger(PortalConnections connections) : ICollectorLedger
{
    public async Task<T> UpdateAsync<T>(string cluster, Lease? lease, Func<ICollectorSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var write = await connections.BeginWriteAsync(lease, cancellationToken);
        await Sql.ExecuteAsync(
            write.Connection, write.Transaction,
            "INSERT INTO usage_clusters (cluster, system_bytes, unknown_bytes, unexplained_rows) VALUES (@cluster, '0', '0', 0) ON CONFLICT (cluster) DO NOTHING",
            [("cluster", cluster)], cancellationToken);
        if (!connections.IsSqlite)
            await Sql.ScalarAsync(write.Connection, write.Transaction, "SELECT 1 FROM usage_clusters WHERE cluster = @cluster FOR UPDATE", [("cluster", cluster)], cancellationToken);
        T result;
        await using (var session = new CollectorSession(write, cluster, connections.IsSqlite)) result = await work(session);
        await write.CommitAsync(cancellationToken);
        return result;
    }

    public async Task<IReadOnlyList<ClusterMetering>> StandingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        return await ReadStandingAsync(connection, null, null, cancellationToken);
    }

    internal static async Task<List<ClusterMetering>> ReadStandingAsync(DbConnection connection, DbTransaction? transaction, string? cluster, CancellationToken cancellationToken)
    {
        var where = cluster is null ? "" : " WHERE cluster = @cluster";
        (string, object?)[] parameters = cluster is null ? [] : [("cluster", cluster)];
        var brokers = new List<(string Cluster, BrokerMetering Broker)>();
        await using (var command = Sql.Command(
            connection, transaction,
            "SELECT cluster, broker, listed_since, last_good_at, silent_since, statistics_interval, topics, problem FROM usage_brokers" + where + " ORDER BY cluster, broker", parameters))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                brokers.Add((reader.GetString(0), new(
                    reader.GetString(1), reader.InstantOrNull(2), reader.InstantOrNull(3), reader.InstantOrNull(4), TimeSpan.FromMicroseconds(reader.GetInt64(5)),
                    (int)reader.GetInt64(6), reader.IsDBNull(7) ? null : reader.GetString(7))));
            }
        }
        var clusters = new List<ClusterMetering>();
        await using (var command = Sql.Command(
            connection, transaction,
            "SELECT cluster, polled_at, listed_whole_at, complete_to, system_bytes, unknown_bytes, unexplained_rows FROM usage_clusters" + where + " ORDER BY cluster", parameters))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var name = reader.GetString(0);
                clusters.Add(new(
                    name, reader.InstantOrNull(1), reader.InstantOrNull(2), reader.InstantOrNull(3), [.. brokers.Where(broker => broker.Cluster == name).Select(broker => broker.Broker)],
                    new(Int128.Parse(reader.GetString(4), CultureInfo.InvariantCulture), Int128.Parse(reader.GetString(5), CultureInfo.InvariantCulture), reader.GetInt64(6))));
            }
        }
        return clusters;
    }
}

internal static class LedgerReading
{
    internal static DateTimeOffset Instant(this DbDataReader reader, int column) => Clock.FromUnixMicroseconds(reader.GetInt64(column));

    internal static DateTimeOffset? InstantOrNull(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Instant(column);
}
