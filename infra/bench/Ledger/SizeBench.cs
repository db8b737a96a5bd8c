using System.Diagnostics;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Bench.Ledger;

/// <summary>
/// How large the ledger is after a month: 10,000 partitions polled every minute, of which one in a hundred carries
/// traffic in any one minute, with the default retention at work. From the rows and bytes follows the formula for others.
/// </summary>
internal static class SizeBench
{
    private const int Partitions = 10_000;
    private const int BusyPerMinute = Partitions / 100;
    private const int Days = 30;

    public static async Task RunAsync()
    {
        await using var database = await BenchDatabase.SqliteAsync(Partitions);
        var before = await SizeAsync(database);
        var random = new Random(1);
        var cut = new CutUsage(database.Retention, UsageRetention.Default, database.Clock);
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < Partitions; i++)
            database.Brokers.Send(i);
        await database.PassAsync();
        for (var minute = 1; minute <= Days * 24 * 60; minute++)
        {
            database.Clock.Advance(TimeSpan.FromMinutes(1));
            var busy = Enumerable.Range(0, BusyPerMinute).Select(_ => random.Next(Partitions)).Distinct().ToList();
            await StepAsync(database, busy);
            if (minute % (24 * 60) == 0)
                while (await cut.RunAsync(null, CancellationToken.None) > 0) { }
        }
        var took = Stopwatch.GetElapsedTime(began);
        var size = await SizeAsync(database) - before;
        LedgerBench.Print(
            $"size: {Partitions:N0} partitions, {BusyPerMinute} of them with traffic in each minute of {Days} days (simulated in {took.TotalMinutes:N1} min): {size / 1048576.0:N0} MiB more in SQLite"
        );
        var formula = new Dictionary<string, (long Rows, double Bytes)>();
        foreach (var table in new[] { "usage_readings", "usage_samples", "usage_hours", "usage_totals", "usage_spans", "usage_series" })
        {
            var rows = await CountAsync(database, $"SELECT COUNT(*) FROM {table}");
            var bytes = await CountAsync(
                database,
                $"SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE name = '{table}' OR name IN (SELECT name FROM sqlite_master WHERE tbl_name = '{table}')"
            );
            formula[table] = (rows, rows == 0 ? 0 : (double)bytes / rows);
            LedgerBench.Print($"size: {table} {rows:N0} rows, {(rows == 0 ? 0 : (double)bytes / rows):N0} bytes each");
        }
        var (reading, sample, hour) = (
            formula["usage_readings"].Bytes + formula["usage_series"].Bytes,
            formula["usage_samples"].Bytes,
            formula["usage_hours"].Bytes
        );
        LedgerBench.Print(
            $"size: bytes = {reading:N0} x partitions + {sample:N0} x (samples of the last 7 days + partition-hours with traffic) + {hour:N0} x topic-hours with traffic or changing storage"
        );
        LedgerBench.Print(
            $"size: by the formula, {Partitions:N0} partitions with traffic in every minute: {(reading * Partitions + sample * Partitions * (7 * 1440 + 23 * 24) + hour * Partitions * 720) / 1e9:N1} GB after the month, of which {sample * Partitions * 7 * 1440 / 1e9:N1} GB are the last 7 days' samples and stay what they are"
        );
    }

    /// <summary>A pass in which only these are not idle: what it writes, without reading the others.</summary>
    private static async Task StepAsync(BenchDatabase database, List<int> busy)
    {
        foreach (var i in busy)
            database.Brokers.Send(i);
        var at = database.Clock.Now();
        var standing = (await database.Collector.StandingAsync(CancellationToken.None)).Single();
        var brokers = standing.Brokers.Select(broker => broker.Broker).ToHashSet(StringComparer.Ordinal);
        var rows = busy.Select(i => new OwnedRow(BenchBrokers.BrokerOf(i), database.Brokers.Row(i), database.Topics[i])).ToList();
        await database.Collector.AdvanceAsync(
            "local",
            null,
            PartitionSlice.Of([.. rows.Select(row => row.Counters.Partition)]),
            (before, last) =>
                Metering.Compare(new PollFrame(at, TimeSpan.FromMinutes(1), before, brokers, TimeSpan.FromSeconds(10)), rows, last),
            CancellationToken.None
        );
        var list = new BrokerList([.. brokers], TimeSpan.FromSeconds(10));
        await database.Collector.SaveAsync(
            standing.After(new(at, list, brokers.ToDictionary(broker => broker, _ => new BrokerAnswer(Partitions / 3, null)), null)),
            null,
            CancellationToken.None
        );
    }

    private static async Task<long> SizeAsync(BenchDatabase database)
    {
        await CountAsync(database, "PRAGMA wal_checkpoint(TRUNCATE)");
        return await CountAsync(
            database,
            "SELECT (SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count) * (SELECT page_size FROM pragma_page_size)"
        );
    }

    private static async Task<long> CountAsync(BenchDatabase database, string text)
    {
        await using var connection = await database.Connections.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = text;
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
