using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Bench.Ledger;

/// <summary>
/// What metering costs: reading the brokers' statistics, writing a pass, and what others wait for meanwhile. Each beside
/// its baseline in the same run.
/// </summary>
internal static class LedgerBench
{
    private const int Partitions = 100_000;

    public static async Task RunAsync()
    {
        await StatisticsBench.RunAsync(Partitions);
        await using (var sqlite = await BenchDatabase.SqliteAsync(Partitions))
            await PassesAsync(sqlite);
        await using (var server = await BenchPostgres.StartAsync())
        {
            if (server is null)
                Console.WriteLine("ledger  PostgreSQL is not installed: not measured");
            else
                await using (var postgres = await BenchDatabase.PostgreSqlAsync(await server.NewDatabaseAsync(), Partitions))
                    await PassesAsync(postgres);
        }
    }

    private static async Task PassesAsync(BenchDatabase database)
    {
        var first = await database.PassAsync();
        database.Brokers.SendAll();
        var second = await database.PassAsync();
        Print(
            $"{database.Kind}: first pass over {Partitions:N0} partitions {first.TotalSeconds:N1} s, second, all with traffic for the first time, {second.TotalSeconds:N1} s"
        );
        var idle = await database.PassAsync();
        var active = new List<double>();
        var writes = new List<double>();
        var bare = new List<double>();
        await using var baseline = await BaselineAsync(database);
        for (var round = 0; round < 3; round++)
        {
            database.Brokers.SendAll();
            active.Add((await database.PassAsync()).TotalSeconds);
            writes.Add((await WriteAsync(database)).TotalSeconds);
            bare.Add((await baseline.RunAsync(round, database.Collector.StepSize)).TotalSeconds);
        }
        Print(
            $"{database.Kind}: a pass over {Partitions:N0} idle partitions {idle.TotalSeconds:N1} s, all with traffic {Median(active):N1} s"
        );
        Print(
            $"{database.Kind}: writing {3 * Partitions:N0} rows of such a pass {Median(writes):N2} s, {baseline.Name} {Median(bare):N2} s: {Median(bare) / Median(writes):N2}x its speed"
        );

        // Others write meanwhile, as a sign-in does: one row, one transaction.
        var alone = await WaitsAsync(database, () => Task.Delay(TimeSpan.FromSeconds(3)));
        database.Brokers.SendAll();
        var beside = await WaitsAsync(
            database,
            async () =>
            {
                for (var pass = 0; pass < 2; pass++)
                {
                    database.Brokers.SendAll();
                    await database.PassAsync();
                }
            }
        );
        Print(
            $"{database.Kind}: a sign-in's write takes median {At(alone, 0.5):N1} ms, p99 {At(alone, 0.99):N1} ms alone ({alone.Count:N0} of them); during passes over {Partitions:N0} active partitions {At(beside, 0.5):N1} ms, p99 {At(beside, 0.99):N1} ms, longest {beside[^1]:N1} ms ({beside.Count:N0})"
        );
    }

    /// <summary>The steps of a pass whose results are known: reading what they change and writing.</summary>
    private static async Task<TimeSpan> WriteAsync(BenchDatabase database)
    {
        var (at, before) = (database.Clock.Now().AddSeconds(1), database.Clock.Now());
        var took = TimeSpan.Zero;
        var order = Enumerable.Range(0, Partitions).OrderBy(i => database.Brokers.Partitions[i], PartitionOrder.Instance).ToList();
        string? after = null;
        foreach (var step in order.Chunk(database.Collector.StepSize))
        {
            var (deltas, readings) = (new List<MeteredDelta>(), new List<Reading>());
            foreach (var i in step)
            {
                var (row, topic, broker) = (database.Brokers.Row(i), database.Topics[i], BenchBrokers.BrokerOf(i));
                deltas.Add(new(Meter.Write, topic, broker, row.Partition, before, at, row.BytesIn, row.BytesIn + 1, 1));
                deltas.Add(new(Meter.Read, topic, broker, row.Partition, before, at, row.BytesOut, row.BytesOut + 1, 1));
                deltas.Add(
                    new(Meter.Storage, topic, broker, row.Partition, before, at, row.StorageBytes, row.StorageBytes, row.StorageBytes)
                );
                readings.Add(new(broker, row, topic.Id, topic.Organization, before, false, false, at));
            }
            var slice = new PartitionSlice(after, after = database.Brokers.Partitions[step[^1]]);
            var result = new PollResult(deltas, [], readings, TrafficApart.None);
            var began = Stopwatch.GetTimestamp();
            await database.Collector.AdvanceAsync("local", null, slice, (_, _) => result, CancellationToken.None);
            took += Stopwatch.GetElapsedTime(began);
        }
        return took;
    }

    private static async Task<List<double>> WaitsAsync(BenchDatabase database, Func<Task> meanwhile)
    {
        await using (var write = await database.Connections.BeginWriteAsync(null, CancellationToken.None))
        {
            await SignInAsync(write, "CREATE TABLE IF NOT EXISTS bench_sign_ins (at BIGINT)");
            await write.CommitAsync(CancellationToken.None);
        }
        var times = new List<double>();
        var work = Task.Run(meanwhile);
        while (!work.IsCompleted)
        {
            var began = Stopwatch.GetTimestamp();
            await using (var write = await database.Connections.BeginWriteAsync(null, CancellationToken.None))
            {
                await SignInAsync(write, "INSERT INTO bench_sign_ins VALUES (1)");
                await write.CommitAsync(CancellationToken.None);
            }
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(5);
        }
        await work;
        times.Sort();
        return times;
    }

    private static async Task SignInAsync(Adapters.PortalDatabase.PortalTransaction write, string text)
    {
        await using var command = write.Connection.CreateCommand();
        command.Transaction = write.Transaction;
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = text;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<Baseline> BaselineAsync(BenchDatabase database)
    {
        if (await database.Connections.OpenAsync(CancellationToken.None) is var connection && connection is SqliteConnection sqlite)
        {
            BareWrites.CreateSqlite(sqlite);
            return new(
                "bare prepared upserts",
                sqlite,
                (pass, step) =>
                {
                    BareWrites.WriteSqlite(sqlite, pass, Partitions, step);
                    return Task.CompletedTask;
                }
            );
        }
        var postgres = (NpgsqlConnection)connection;
        await BareWrites.CreatePostgreSqlAsync(postgres);
        return new(
            "COPY and one upsert a table",
            postgres,
            (pass, step) => BareWrites.WritePostgreSqlAsync(postgres, pass, Partitions, step)
        );
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    internal static void Print(FormattableString line) => Console.WriteLine("ledger  " + line.ToString(CultureInfo.InvariantCulture));

    private sealed record Baseline(string Name, System.Data.Common.DbConnection Connection, Func<int, int, Task> Write) : IAsyncDisposable
    {
        public async Task<TimeSpan> RunAsync(int pass, int step)
        {
            var began = Stopwatch.GetTimestamp();
            await Write(pass, step);
            return Stopwatch.GetElapsedTime(began);
        }

        public ValueTask DisposeAsync() => Connection.DisposeAsync();
    }
}
