using Npgsql;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A database that cannot be used ends the start with one sentence that names it.</summary>
public sealed class DatabaseStartTests(PostgresServer postgres)
{
    [Fact]
    public async Task A_read_only_disk_is_said_to_be_one()
    {
        using var disk = SmallDisk.Mount(4);
        disk.MakeReadOnly();
        await EndsWithAsync(Folder(disk.Folder), $"Portal:DataFolder: '{disk.Folder}' can't be written");
    }

    [Fact]
    public async Task What_is_no_database_is_left_as_it_is()
    {
        var folder = TestDatabase.NewFolder();
        var file = Path.Combine(folder, "portal.db");
        await File.WriteAllTextAsync(file, new string('x', 100_000));
        await EndsWithAsync(Folder(folder), $"'{file}' is not a SQLite database.");
        Assert.Equal(100_000, new FileInfo(file).Length);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_damaged_file_is_found_before_it_is_written_to()
    {
        var folder = TestDatabase.NewFolder();
        var file = Path.Combine(folder, "portal.db");
        await using (var database = await TestDatabase.SqliteAsync())
            File.Copy(database.Options.File, file);
        Damage(file);
        await EndsWithAsync(Folder(folder), $"The database file '{file}' is damaged");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task PostgreSQL_that_is_away_refuses_or_has_no_such_database_is_told_apart()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        var there = new NpgsqlConnectionStringBuilder(await postgres.NewEmptyDatabaseAsync());
        var at = $"PostgreSQL at 127.0.0.1:{there.Port}";
        await EndsWithAsync(
            Server(new(there.ConnectionString) { Port = RunningPortal.FreePort() }),
            "Couldn't reach PostgreSQL at 127.0.0.1:"
        );
        await EndsWithAsync(Server(new(there.ConnectionString) { Database = "nowhere" }), $"{at} has no database 'nowhere'.");
        await EndsWithAsync(Server(new(there.ConnectionString) { Username = "nobody" }), $"{at} refused the user 'nobody'");
    }

    internal static void Damage(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var junk = new byte[4096];
        new Random(1).NextBytes(junk);
        // The first page says what the file is; it stays.
        for (stream.Position = 4096; stream.Position < stream.Length; )
            stream.Write(junk);
    }

    private static Dictionary<string, string> Folder(string folder) => new() { ["Portal__DataFolder"] = folder };

    private static Dictionary<string, string> Server(NpgsqlConnectionStringBuilder server) =>
        new() { ["Portal__Database__Provider"] = "PostgreSql", ["Portal__Database__ConnectionString"] = server.ConnectionString };

    /// <summary>The portal ends with exit code 1, having said the sentence and no stack trace.</summary>
    internal static async Task EndsWithAsync(Dictionary<string, string> settings, string sentence)
    {
        var folder = TestDatabase.NewFolder();
        settings.TryAdd("Portal__DataFolder", folder);
        (settings["ASPNETCORE_ENVIRONMENT"], settings["urls"]) = ("Development", $"http://localhost:{RunningPortal.FreePort()}");
        (settings["Portal__StandIns__PulsarPort"], settings["Portal__StandIns__StripePort"]) = ("0", "0");
        await using var portal = ChildProcess.Start("Portal", "Portal", [], settings);
        using var within = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await portal.EndedAsync(within.Token);
        Assert.Equal(1, portal.ExitCode);
        Assert.Contains(sentence, portal.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", portal.Said, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
