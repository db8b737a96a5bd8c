using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PortalDatabase;

public sealed class SqliteDatabaseTests : PortalDatabaseContract
{
    protected override Task<TestDatabase> NewAsync(TimeProvider? clock = null) => TestDatabase.SqliteAsync(clock);

    [Fact]
    public void A_second_process_on_one_data_folder_is_refused_and_told_why()
    {
        var folder = TestDatabase.NewFolder();
        using (DataFolderLock.Take(folder))
        {
            var refused = Assert.Throws<InvalidOperationException>(() => DataFolderLock.Take(folder));
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        }
        DataFolderLock.Take(folder).Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Nobody_else_on_the_machine_reads_the_data_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows inherits the rights of the folder above");
        if (OperatingSystem.IsWindows())
            return;
        var folder = Path.Combine(TestDatabase.NewFolder(), "made");
        DataFolderLock.Take(folder).Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));

        var present = TestDatabase.NewFolder();
        File.SetUnixFileMode(
            present,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead
                | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherExecute
        );
        await using var portal = new PortalHost { DataFolder = present };
        using (portal.Browser()) { }
        Assert.Equal(
            UnixFileMode.None,
            File.GetUnixFileMode(present) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute)
        );
        foreach (var file in Directory.GetFiles(present, "portal.*"))
            Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_migration_killed_half_way_does_not_stop_the_next_start()
    {
        await using var database = await TestDatabase.SqliteAsync();
        await database.ExecuteAsync(
            """CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER PRIMARY KEY, "Timestamp" TEXT NOT NULL)"""
        );
        await database.ExecuteAsync("""INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-11-23 00:00:00')""");
        await database
            .Provider.GetRequiredService<DatabaseMigrator>()
            .MigrateAsync(CancellationToken.None)
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_next_process_fences_off_the_last_one()
    {
        await using var database = await TestDatabase.SqliteAsync();
        var old = await database.Leases.AcquireAsync("meter", CancellationToken.None);
        await using var next = database.Another();
        Assert.True((await next.Leases.AcquireAsync("meter", CancellationToken.None))!.Number > old!.Number);
    }
}

public sealed class PostgreSqlDatabaseTests(PostgresServer server) : PortalDatabaseContract
{
    protected override Task<TestDatabase> NewAsync(TimeProvider? clock = null) => TestDatabase.PostgreSqlAsync(server, clock);

    [Fact]
    public async Task A_lease_held_by_another_replica_is_not_given()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var held = await database.Leases.AcquireAsync("meter", CancellationToken.None);
        Assert.Null(await other.Leases.AcquireAsync("meter", CancellationToken.None));
        await database.Leases.ReleaseAsync(held!, CancellationToken.None);
        Assert.NotNull(await other.Leases.AcquireAsync("meter", CancellationToken.None));
    }

    [Fact]
    public async Task Another_replica_hears_of_a_registered_cluster_and_knows_it()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var seal = new PlainSeal();
        using var here = new ClusterDirectory(database.Database, seal);
        using var there = new ClusterDirectory(other.Database, seal);
        using var news = other.Changes.Listen([Change.Clusters]);
        var register = new RegisterCluster(
            new(database.Database, database.Audit, database.Clock),
            database.Database,
            seal,
            here,
            database.Clock
        );
        await register.RunAsync(
            new(new AccountId(Guid.CreateVersion7()), "operator@example.com", true),
            "eu",
            new("http://a:8080", AdminToken: "token"),
            CancellationToken.None
        );
        for (var heard = false; there.Find("eu") is null; heard = true)
        {
            // The first ring may be that of the connection which listens.
            Assert.True(await news.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None) || !heard);
            await there.RefreshAsync(CancellationToken.None);
        }
        Assert.Equal("token", there.Access("eu")!.AdminToken);
    }

    [Fact]
    public async Task Replicas_that_start_at_once_migrate_once()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        var connectionString = await server.NewEmptyDatabaseAsync();
        await using var one = await NewAsync();
        var options = one.Options with { ConnectionString = connectionString };
        await Task.WhenAll(
            Enumerable
                .Range(0, 3)
                .Select(async _ =>
                {
                    await using var connections = new PortalConnections(options, NullLoggerFactory.Instance);
                    await new DatabaseMigrator(connections).MigrateAsync(CancellationToken.None);
                })
        );
    }
}

public sealed class MigrationTests
{
    [Theory]
    [InlineData(DatabaseProvider.Sqlite, null)]
    [InlineData(DatabaseProvider.PostgreSql, "Host=localhost")]
    public async Task The_migrations_make_the_model_as_it_is_now(DatabaseProvider provider, string? connectionString)
    {
        await using var connections = new PortalConnections(new(provider, "unused", connectionString), NullLoggerFactory.Instance);
        await using var context = connections.CreateDbContext();
        Assert.False(context.Database.HasPendingModelChanges(), "The model changed: run eng/make-migrations.");
    }
}

public sealed class DatabaseOptionsTests
{
    private static DatabaseOptions Read(params (string Key, string Value)[] settings) =>
        DatabaseOptions.From(
            new ConfigurationBuilder()
                .AddInMemoryCollection(settings.ToDictionary(setting => "Portal:" + setting.Key, setting => (string?)setting.Value))
                .Build(),
            "/srv/portal"
        );

    [Fact]
    public void Unset_it_is_sqlite_in_the_data_folder() =>
        Assert.Equal(new DatabaseOptions(DatabaseProvider.Sqlite, "/srv/portal/data", null), Read());

    [Fact]
    public void A_relative_data_folder_is_taken_from_the_content_root() =>
        Assert.Equal("/srv/portal/here/portal.db", Read(("DataFolder", "here")).File);

    [Theory]
    [InlineData("Oracle", "x", "Portal:Database:Provider")]
    [InlineData("PostgreSql", "", "Portal:Database:ConnectionString")]
    [InlineData("PostgreSql", "Hostess=db;Password=secret", "Portal:Database:ConnectionString")]
    [InlineData("Sqlite", "Data Source=x", "Portal:Database:ConnectionString")]
    public void A_wrong_setting_is_named_and_no_password_shown(string provider, string connectionString, string named)
    {
        var refused = Assert.Throws<InvalidOperationException>(() =>
            Read(("Database:Provider", provider), ("Database:ConnectionString", connectionString))
        );
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }
}
