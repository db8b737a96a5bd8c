using System.Net;
using System.Text.Json.Nodes;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A backup taken while the portal works; another portal starts from the copy.</summary>
public sealed class BackupTests(PostgresServer postgres)
{
    [Fact]
    public Task A_portal_starts_from_a_copy_of_its_SQLite_file() => StartsFromCopyAsync(_ => []);

    [Fact]
    public async Task A_portal_starts_from_a_dump_of_its_PostgreSQL_database()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        var databases = new[] { await postgres.NewEmptyDatabaseAsync(), await postgres.NewEmptyDatabaseAsync() };
        await StartsFromCopyAsync(which =>
            new() { ["Portal__Database__Provider"] = "PostgreSql", ["Portal__Database__ConnectionString"] = databases[which] }
        );
    }

    private static async Task StartsFromCopyAsync(Func<int, Dictionary<string, string>> database)
    {
        var file = Path.Combine(TestDatabase.NewFolder(), "portal.backup");
        string key;
        await using (var portal = await PortalProcess.StartAsync(database(0)))
        {
            using var rest = portal.Rest();
            await MakeAsync(rest, "before");
            using var person = await portal.OperatorAsync();
            key = (string)
                (
                    await person.PostAsync(
                        "/api/v1/organizations/before/api-keys",
                        new JsonObject { ["name"] = "ci", ["role"] = "admin" },
                        HttpStatusCode.Created
                    )
                )["key"]!;
            Assert.Contains("Backed up", await RunAsync(0, database(0), portal.DataFolder, "backup", file), StringComparison.Ordinal);
            Assert.Contains("exists already", await RunAsync(1, database(0), portal.DataFolder, "backup", file), StringComparison.Ordinal);
            Assert.Contains(
                "in use by",
                await RunAsync(1, database(0), portal.DataFolder, "restore", file, "--replace"),
                StringComparison.Ordinal
            );
            Assert.Contains("is whole", await RunAsync(0, database(0), portal.DataFolder, "check-database"), StringComparison.Ordinal);
            await MakeAsync(rest, "afterwards");
        }
        var folder = TestDatabase.NewFolder();
        Assert.Contains("Restored", await RunAsync(0, database(1), folder, "restore", file), StringComparison.Ordinal);
        Assert.Contains("--replace", await RunAsync(1, database(1), folder, "restore", file), StringComparison.Ordinal);
        Assert.Contains("Restored", await RunAsync(0, database(1), folder, "restore", file, "--replace"), StringComparison.Ordinal);

        var settings = database(1);
        settings["Portal__DataFolder"] = folder;
        await using var again = await PortalProcess.StartAsync(settings);
        using var restored = again.Rest();
        Assert.Equal(
            ["before"],
            (await restored.GetAsync("/api/v1/organizations"))["items"]!.AsArray().Select(one => (string)one!["slug"]!)
        );
        using var scripted = new RestClient(again.Url, key);
        Assert.Equal("before", (string?)(await scripted.GetAsync("/api/v1/organizations/before"))["slug"]);
        await MakeAsync(restored, "anew");
    }

    private static Task MakeAsync(RestClient rest, string slug) =>
        rest.PostAsync("/api/v1/organizations", new JsonObject { ["name"] = slug, ["slug"] = slug }, HttpStatusCode.Created);

    private static async Task<string> RunAsync(int exitCode, Dictionary<string, string> settings, string folder, params string[] command)
    {
        await using var process = ChildProcess.Start(
            "Portal",
            "Portal",
            command,
            new Dictionary<string, string>(settings) { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["Portal__DataFolder"] = folder }
        );
        using var within = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.EndedAsync(within.Token);
        Assert.True(process.ExitCode == exitCode, $"{string.Join(' ', command)}: {process.ExitCode} {process.Said}");
        return process.Said;
    }
}
