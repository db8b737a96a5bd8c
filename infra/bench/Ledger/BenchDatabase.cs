using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Bench.Ledger;

/// <summary>A portal's database with organizations of a thousand topics each, and a collector over it.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private const int TopicsPerOrganization = 1_000;

    private readonly ServiceProvider _services;
    private readonly string? _folder;

    private BenchDatabase(DatabaseOptions options, string? folder) =>
        (Options, _folder, _services) = (
            options,
            folder,
            new ServiceCollection()
                .AddSingleton<TimeProvider>(Clock)
                .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
                .AddPortalDatabase(options)
                .BuildServiceProvider()
        );

    public DatabaseOptions Options { get; }
    public BenchClock Clock { get; } = new();
    public BenchBrokers Brokers { get; } = new();
    public List<MeteredTopic> Topics { get; } = [];
    public PortalConnections Connections => _services.GetRequiredService<PortalConnections>();
    public IPortalDatabase Portal => _services.GetRequiredService<IPortalDatabase>();
    public ICollectorLedger Collector => _services.GetRequiredService<ICollectorLedger>();
    public IUsageRetention Retention => _services.GetRequiredService<IUsageRetention>();
    public ILeases Leases => _services.GetRequiredService<ILeases>();
    public IChanges Changes => _services.GetRequiredService<IChanges>();
    public IUsageLedger Usage => _services.GetRequiredService<IUsageLedger>();
    public IAuditTrail Audit => _services.GetRequiredService<IAuditTrail>();
    public string Kind => Options.Provider == DatabaseProvider.Sqlite ? "SQLite" : "PostgreSQL";

    public static Task<BenchDatabase> SqliteAsync(int topics)
    {
        var folder = Directory.CreateTempSubdirectory("portal-bench-").FullName;
        return FilledAsync(new(new(DatabaseProvider.Sqlite, folder, null), folder), topics);
    }

    public static Task<BenchDatabase> PostgreSqlAsync(string connectionString, int topics) =>
        FilledAsync(new(new(DatabaseProvider.PostgreSql, Path.GetTempPath(), connectionString), null), topics);

    /// <summary>The same database by another way.</summary>
    public BenchDatabase Through(string connectionString)
    {
        var other = new BenchDatabase(Options with { ConnectionString = connectionString }, null);
        other.Topics.AddRange(Topics);
        other.Brokers.List(Brokers.Partitions);
        return other;
    }

    public PollCluster Poll(MeteringTelemetry telemetry) =>
        new(Brokers, Collector, _services.GetRequiredService<IMeteredTopics>(), Portal, telemetry, new NoKillPoints(), Clock);

    public RecoverWritten Recover() =>
        new(
            Brokers,
            Collector,
            _services.GetRequiredService<IMeteredTopics>(),
            new(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)),
            Clock
        );

    /// <summary>A statement of this program's own; how many rows it touched, or the first column of the first.</summary>
    public async Task<long> ExecuteAsync(string statement, bool asks = false)
    {
        await using var connection = await Connections.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this program.
        command.CommandText = statement;
#pragma warning restore CA2100
        command.CommandTimeout = 0;
        return asks
            ? Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture)
            : await command.ExecuteNonQueryAsync();
    }

    /// <summary>One pass, a minute after the last.</summary>
    public async Task<TimeSpan> PassAsync()
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        using var telemetry = new MeteringTelemetry(Clock);
        var began = Stopwatch.GetTimestamp();
        await Poll(telemetry).RunAsync("local", null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), CancellationToken.None);
        return Stopwatch.GetElapsedTime(began);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private static async Task<BenchDatabase> FilledAsync(BenchDatabase database, int topics)
    {
        await database._services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        var partitions = new List<string>();
        var at = database.Clock.Now();
        for (var left = topics; left > 0; left -= TopicsPerOrganization)
        {
            var number = database.Topics.Count / TopicsPerOrganization;
            var organization = new Organization(
                new(database.Clock.NewUuid()),
                Slug.Create($"customer-{number}").Value,
                $"Customer {number}",
                at
            );
            var tenant = new Tenant(
                new(database.Clock.NewUuid()),
                organization.Id,
                TenantName.Create($"customer-{number}").Value,
                "local",
                at
            );
            var @namespace = new Namespace(new(database.Clock.NewUuid()), tenant, NamespaceName.Default, at);
            await database.Portal.UpdateAsync(
                null,
                session =>
                {
                    session.Organizations.Add(organization);
                    session.Tenants.Add(tenant);
                    session.Tenants.Add(@namespace);
                    for (var i = 0; i < Math.Min(left, TopicsPerOrganization); i++)
                    {
                        var topic = new Topic(new(database.Clock.NewUuid()), @namespace, TopicName.Create($"topic-{i}").Value, true, 0, at);
                        topic.Ready(at);
                        session.Topics.Add(topic);
                        database.Topics.Add(new(topic.Id, organization.Id, 0, false));
                        partitions.Add(topic.Address);
                    }
                    return Task.FromResult(true);
                },
                CancellationToken.None
            );
        }
        database.Brokers.List(partitions);
        return database;
    }
}

/// <summary>A clock that goes on when it is told to, until it is told to go by itself.</summary>
internal sealed class BenchClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private long? _since;

    public override DateTimeOffset GetUtcNow() => _since is { } since ? _now + Stopwatch.GetElapsedTime(since) : _now;

    public void Advance(TimeSpan time) => _now += time;

    /// <summary>From here on it goes by itself.</summary>
    public void Run() => _since = Stopwatch.GetTimestamp();
}

/// <summary>Three brokers whose counters grow as they are told to.</summary>
internal sealed class BenchBrokers : IBrokerStatistics
{
    private static readonly string[] Names = ["broker-1:8080", "broker-2:8080", "broker-3:8080"];
    private long[] _counters = [];

    public IReadOnlyList<string> Partitions { get; private set; } = [];

    public static string BrokerOf(int partition) => Names[partition % Names.Length];

    public void List(IReadOnlyList<string> partitions) => (Partitions, _counters) = (partitions, new long[partitions.Count]);

    public TopicCounters Row(int partition) =>
        new(
            Partitions[partition],
            _counters[partition],
            _counters[partition] * 1_000,
            _counters[partition],
            _counters[partition] * 1_000,
            _counters[partition] * 1_000
        );

    public void Send(int partition) => _counters[partition] += 10;

    public void SendAll()
    {
        for (var i = 0; i < _counters.Length; i++)
            Send(i);
    }

    public Task<Outcome<BrokerList>> ListBrokersAsync(string cluster, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<BrokerList>>(new BrokerList(Names, TimeSpan.FromSeconds(10)));

    public async IAsyncEnumerable<TopicCounters> ReadAsync(
        string cluster,
        string broker,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Task.Yield();
        for (var i = Array.IndexOf(Names, broker); i < _counters.Length; i += Names.Length)
            yield return Row(i);
    }

    public Task<Outcome<LiveCounters>> ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<LedgerRecord>> ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}

/// <summary>
/// A PostgreSQL server of this run, on a free loopback port. It refuses to be root, so there it runs as the user postgres.
/// </summary>
internal sealed class BenchPostgres : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"portal-bench-postgres-{Guid.NewGuid():N}");
    private readonly string _binaries = Directory
        .GetDirectories("/usr/lib/postgresql")
        .Select(folder => Path.Combine(folder, "bin"))
        .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
        .Max()!;

    private BenchPostgres() { }

    public int Port { get; private set; }

    public string Server => $"Host=127.0.0.1;Port={Port};Username=portal";

    /// <summary>Null where none is installed.</summary>
    public static async Task<BenchPostgres?> StartAsync()
    {
        if (!Directory.Exists("/usr/lib/postgresql"))
            return null;
        var server = new BenchPostgres { Port = FreePort() };
        Directory.CreateDirectory(server._folder);
        if (Environment.UserName == "root")
            await MustAsync("/usr/bin/chown", "postgres", server._folder);
        await server.RunAsync("initdb", "-D", server._folder, "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        await server.RunAsync(
            "pg_ctl",
            "-D",
            server._folder,
            "-w",
            "-t",
            "60",
            "-l",
            Path.Combine(server._folder, "log"),
            "-o",
            $"-p {server.Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c shared_buffers=512MB -c max_wal_size=4GB",
            "start"
        );
        return server;
    }

    public async Task<string> NewDatabaseAsync()
    {
        var name = $"portal_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection($"{Server};Database=postgres;Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // A name of our own making.
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        return $"{Server};Database={name}";
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync("pg_ctl", "-D", _folder, "-m", "immediate", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task RunAsync(string program, params string[] arguments) =>
        Environment.UserName == "root"
            ? MustAsync("/usr/sbin/runuser", ["-u", "postgres", "--", Path.Combine(_binaries, program), .. arguments])
            : MustAsync(Path.Combine(_binaries, program), arguments);

    private static async Task MustAsync(string program, params string[] arguments)
    {
        // The server that is started would keep our pipes open: nothing is read from it.
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = Path.GetTempPath(),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program}: {await errors}");
    }
}
