using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Tests.Support;

/// <summary>A fresh, migrated database of one test. SQLite: a copy of a file migrated once, in a folder of its own.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    // On a thread of its own: who waits for it may hold the last one of the tests.
    private static readonly Lazy<Task<string>> Template = new(() => Task.Run(MigrateTemplateAsync));

    private readonly ServiceProvider _services;
    private readonly string? _folder;

    private TestDatabase(DatabaseOptions options, TimeProvider? clock, string? folder)
    {
        (Options, _folder) = (options, folder);
        _services = Services(options, clock);
    }

    public DatabaseOptions Options { get; }
    public IServiceProvider Provider => _services;
    public IPortalDatabase Database => _services.GetRequiredService<IPortalDatabase>();
    public IAuditTrail Audit => _services.GetRequiredService<IAuditTrail>();
    public ILeases Leases => _services.GetRequiredService<ILeases>();
    public IChanges Changes => _services.GetRequiredService<IChanges>();
    public PortalConnections Connections => _services.GetRequiredService<PortalConnections>();
    public TimeProvider Clock => _services.GetRequiredService<TimeProvider>();

    public static async Task<TestDatabase> SqliteAsync(TimeProvider? clock = null)
    {
        var options = new DatabaseOptions(DatabaseProvider.Sqlite, NewFolder(), null);
        File.Copy(await Template.Value, options.File);
        return new(options, clock, options.DataFolder);
    }

    public static async Task<TestDatabase> PostgreSqlAsync(PostgresServer server, TimeProvider? clock = null)
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        var connectionString = await server.NewDatabaseAsync(async template =>
        {
            await using var services = Services(new(DatabaseProvider.PostgreSql, Path.GetTempPath(), template), null);
            await services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        });
        return new(new(DatabaseProvider.PostgreSql, Path.GetTempPath(), connectionString), clock, null);
    }

    /// <summary>A SQLite file that is migrated and holds nothing: to be copied.</summary>
    public static string Migrated() => Template.Value.GetAwaiter().GetResult();

    /// <summary>The same database as another process or replica sees it.</summary>
    public TestDatabase Another(TimeProvider? clock = null) => new(Options, clock ?? Clock, null);

    /// <summary>Plain SQL past the portal, as somebody with the database's password would do.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await Connections.OpenAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    public static string NewFolder() => Directory.CreateTempSubdirectory("portal-test-").FullName;

    private static ServiceProvider Services(DatabaseOptions options, TimeProvider? clock) =>
        new ServiceCollection()
            .AddSingleton(clock ?? TimeProvider.System)
            .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddPortalDatabase(options)
            .BuildServiceProvider();

    private static async Task<string> MigrateTemplateAsync()
    {
        var options = new DatabaseOptions(DatabaseProvider.Sqlite, NewFolder(), null);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(options.DataFolder, recursive: true);
        await using (var services = Services(options, null))
            await services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
        // Everything out of the write-ahead log, so that the one file is the whole database.
        await using var connection = new SqliteConnection($"Data Source={options.File};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
        return options.File;
    }
}
