using System.Data;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Portal.Bench.Ledger;

/// <summary>
/// The same rows as a pass writes, by the bare means of each database, in tables of the same shape and transactions of the
/// same size: prepared upserts for SQLite, COPY and one upsert a table for PostgreSQL.
/// </summary>
internal static class BareWrites
{
    /// <summary>Of a reading, a sample and an hour: the columns that a pass writes, the key first.</summary>
    private static readonly (string Table, int Key, int Columns)[] Shapes =
    [
        ("bare_readings", 1, 11),
        ("bare_samples", 3, 11),
        ("bare_hours", 3, 9),
    ];

    public static void CreateSqlite(SqliteConnection connection)
    {
        foreach (var (table, key, columns) in Shapes)
            Run(connection, $"CREATE TABLE {table} ({Columns(columns, " BIGINT")}, PRIMARY KEY ({Columns(key)})) WITHOUT ROWID");
    }

    public static void WriteSqlite(SqliteConnection connection, int pass, int partitions, int step)
    {
        for (var from = 0; from < partitions; from += step)
        {
            using var transaction = connection.BeginTransaction(IsolationLevel.Serializable);
            foreach (var shape in Shapes)
            {
                using var command = new SqliteCommand(
                    $"INSERT INTO {shape.Table} VALUES ({string.Join(", ", Enumerable.Range(0, shape.Columns).Select(i => $"$v{i}"))}) ON CONFLICT DO UPDATE SET {Update(shape)}",
                    connection,
                    transaction
                );
                for (var i = 0; i < shape.Columns; i++)
                    command.Parameters.Add(new SqliteParameter($"$v{i}", SqliteType.Integer));
                command.Prepare();
                for (var partition = from; partition < Math.Min(partitions, from + step); partition++)
                {
                    var row = Row(shape, pass, partition);
                    for (var i = 0; i < row.Length; i++)
                        command.Parameters[i].Value = row[i];
                    command.ExecuteNonQuery();
                }
            }
            transaction.Commit();
        }
    }

    public static async Task CreatePostgreSqlAsync(NpgsqlConnection connection)
    {
        foreach (var (table, key, columns) in Shapes)
        {
            await RunAsync(connection, $"CREATE TABLE {table} ({Columns(columns, " BIGINT")}, PRIMARY KEY ({Columns(key)}))");
            await RunAsync(connection, $"CREATE TEMP TABLE staged_{table} ({Columns(columns, " BIGINT")}) ON COMMIT DELETE ROWS");
        }
    }

    public static async Task WritePostgreSqlAsync(NpgsqlConnection connection, int pass, int partitions, int step)
    {
        for (var from = 0; from < partitions; from += step)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            foreach (var shape in Shapes)
            {
                await using (var copy = await connection.BeginBinaryImportAsync($"COPY staged_{shape.Table} FROM STDIN (FORMAT BINARY)"))
                {
                    for (var partition = from; partition < Math.Min(partitions, from + step); partition++)
                    {
                        await copy.StartRowAsync();
                        foreach (var value in Row(shape, pass, partition))
                            await copy.WriteAsync(value, NpgsqlDbType.Bigint);
                    }
                    await copy.CompleteAsync();
                }
                await RunAsync(
                    connection,
                    $"INSERT INTO {shape.Table} SELECT * FROM staged_{shape.Table} ON CONFLICT ({Columns(shape.Key)}) DO UPDATE SET {Update(shape)}"
                );
            }
            await transaction.CommitAsync();
        }
    }

    private static long[] Row((string Table, int Key, int Columns) shape, int pass, int partition)
    {
        var row = new long[shape.Columns];
        for (var i = 0; i < row.Length; i++)
            row[i] = 1_000_000_000L + pass * 1_000L + i;
        // Readings are found by their number, samples by organization, time and series, hours by organization, hour and topic.
        (row[0], row[1], row[2]) =
            shape.Key == 1 ? (partition, pass, pass) : (partition / 1_000, shape.Table == "bare_samples" ? pass : pass / 60, partition);
        return row;
    }

    private static string Columns(int count, string type = "") => string.Join(", ", Enumerable.Range(0, count).Select(i => $"c{i}{type}"));

    private static string Update((string Table, int Key, int Columns) shape) =>
        string.Join(", ", Enumerable.Range(shape.Key, shape.Columns - shape.Key).Select(i => $"c{i} = excluded.c{i}"));

#pragma warning disable CA2100 // Statements of our own making.
    private static void Run(SqliteConnection connection, string text)
    {
        using var command = new SqliteCommand(text, connection);
        command.ExecuteNonQuery();
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }
#pragma warning restore CA2100
}
