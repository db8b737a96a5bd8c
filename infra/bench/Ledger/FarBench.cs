using System.Diagnostics;
using System.Net.Http.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Hosting.Workers;

namespace Portal.Bench.Ledger;

/// <summary>
/// A collector whose PostgreSQL is 20 ms away (Toxiproxy), with 10,000 topics that carry traffic in every interval: the
/// real worker under its real lease. Baseline for what customers wait for, in the same run: the same write by the same way
/// without a pass.
/// </summary>
internal static class FarBench
{
    private const int Topics = 10_000;
    private const int Passes = 8;
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public static async Task RunAsync()
    {
        await using var server = await BenchPostgres.StartAsync();
        using var proxy = server is null ? null : await ProxyAsync(server.Port);
        if (server is null || proxy is null)
        {
            Console.WriteLine("ledger-far  PostgreSQL or Toxiproxy is not there: not measured");
            return;
        }
        await using var near = await BenchDatabase.PostgreSqlAsync(await server.NewDatabaseAsync(), Topics);
        var way = new NpgsqlConnectionStringBuilder(near.Options.ConnectionString) { Port = proxy.Port }.ConnectionString;
        await using var far = near.Through(way);
        far.Clock.Advance(near.Clock.Now() - far.Clock.Now());

        var alone = await WritesAsync(far, () => Task.Delay(TimeSpan.FromSeconds(8)));
        var (committed, numbers, took) = (0, new HashSet<long>(), new List<double>());
        var beside = await WritesAsync(
            far,
            async () =>
            {
                using var telemetry = new MeteringTelemetry(far.Clock);
                using var stop = new CancellationTokenSource();
                var worker = new MeteringWorker(
                    far.Poll(telemetry),
                    far.Recover(),
                    new(Interval, TimeSpan.FromSeconds(10)),
                    far.Changes,
                    far.Leases,
                    TimeProvider.System,
                    NullLogger<MeteringWorker>.Instance
                );
                var last = (DateTimeOffset?)null;
                var running = worker.RunAsync("local", stop.Token);
                var began = Stopwatch.GetTimestamp();
                while (committed < Passes && Stopwatch.GetElapsedTime(began) < Interval * Passes * 3)
                {
                    // The worker's own clock stands still within a pass: its instant is what the next pass begins with.
                    if (
                        (await near.Collector.StandingAsync(CancellationToken.None)).SingleOrDefault()?.PolledAt is { } polled
                        && polled != last
                    )
                    {
                        (last, committed) = (polled, committed + 1);
                        far.Brokers.SendAll();
                        far.Clock.Advance(Interval);
                    }
                    if (await LeaseAsync(near) is { } number)
                        numbers.Add(number);
                    await Task.Delay(100);
                }
                took.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
                await stop.CancelAsync();
                await running;
            }
        );
        using var once = new MeteringTelemetry(far.Clock);
        far.Brokers.SendAll();
        far.Clock.Advance(Interval);
        var start = Stopwatch.GetTimestamp();
        await far.Poll(once).RunAsync("local", null, Interval, TimeSpan.FromSeconds(10), CancellationToken.None);
        var pass = Stopwatch.GetElapsedTime(start);
        FormattableString line =
            $"ledger-far  PostgreSQL {Away.TotalMilliseconds:N0} ms away, {Topics:N0} topics with traffic, every {Interval.TotalSeconds:N0} s: {committed} of {Passes} passes committed in {took[0]:N0} s, one takes {pass.TotalSeconds:N1} s; the lease had {numbers.Count} holder(s); a customer's write takes median {At(alone, 0.5):N0} ms, p99 {At(alone, 0.99):N0} ms without passes, {At(beside, 0.5):N0} ms, p99 {At(beside, 0.99):N0} ms beside them ({beside.Count:N0} writes)";
        Console.WriteLine(line.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * part))];

    /// <summary>A customer's write, audited and all, one after the other while something else goes on.</summary>
    private static async Task<List<double>> WritesAsync(BenchDatabase database, Func<Task> meanwhile)
    {
        var times = new List<double>();
        var organization = database.Topics[0].Organization;
        var actor = Domain.Access.Actor.Worker("bench");
        var operation = new Domain.Access.Operation(Domain.Access.Permission.ViewUsage, "bench.write", "bench");
        var work = Task.Run(meanwhile);
        while (!work.IsCompleted)
        {
            var began = Stopwatch.GetTimestamp();
            await database.Portal.WriteAsync(
                actor,
                organization,
                operation,
                _ => Task.FromResult<Outcome<bool>>(true),
                CancellationToken.None
            );
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(20);
        }
        await work;
        times.Sort();
        return times;
    }

    private static async Task<long?> LeaseAsync(BenchDatabase database)
    {
        await using var connection = await database.Connections.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT number FROM leases WHERE name = 'metering:local' AND holder <> ''";
        return (long?)await command.ExecuteScalarAsync();
    }

    private static async Task<Proxy?> ProxyAsync(int upstream)
    {
        var script = Path.Combine(Environment.GetEnvironmentVariable("PORTAL_SERVERS") ?? "../shared/servers", "toxiproxy.sh");
        if (!File.Exists(script))
            return null;
        var folder = Directory.CreateTempSubdirectory("portal-bench-toxiproxy-").FullName;
        using var start = Process.Start(
            new ProcessStartInfo(script, ["start", "--dir", folder, "--port", "0"]) { RedirectStandardOutput = true }
        )!;
        var said = await start.StandardOutput.ReadToEndAsync();
        await start.WaitForExitAsync();
        if (start.ExitCode != 0)
            return null;
        var api = new Uri(
            said.Split('\n')
                .Single(line => line.Contains("TOXIPROXY_URL=", StringComparison.Ordinal))
                .Split("TOXIPROXY_URL=")[1]
                .Trim(' ', '\'', '"', ';')
        );
        var port = BenchPostgres.FreePort();
        using var http = new HttpClient { BaseAddress = api };
        (
            await http.PostAsJsonAsync(
                "/proxies",
                new
                {
                    name = "postgres",
                    listen = $"127.0.0.1:{port}",
                    upstream = $"127.0.0.1:{upstream}",
                }
            )
        ).EnsureSuccessStatusCode();
        (
            await http.PostAsJsonAsync(
                "/proxies/postgres/toxics",
                new { type = "latency", attributes = new { latency = (int)Away.TotalMilliseconds } }
            )
        ).EnsureSuccessStatusCode();
        return new(port, script, folder);
    }

    private sealed record Proxy(int Port, string Script, string Folder) : IDisposable
    {
        public void Dispose()
        {
            using var stop = Process.Start(new ProcessStartInfo(Script, ["stop", "--dir", Folder]) { RedirectStandardOutput = true })!;
            stop.WaitForExit();
            Directory.Delete(Folder, recursive: true);
        }
    }
}
