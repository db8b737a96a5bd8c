using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;
using Portal.Tests.Journeys;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>
/// While its database cannot be used the portal says so: 503 to scripts, a page to people, red to the load balancer; and then goes on.
/// </summary>
public sealed class DatabaseOutageTests(PostgresServer postgres)
{
    [Fact]
    public async Task Without_PostgreSQL_everything_says_so_and_goes_on_afterwards()
    {
        await using var relay = await RelayAsync();
        await using var portal = await StartAsync(relay.Settings);
        using var api = portal.Api();
        using var browser = portal.Browser();
        await MakeAsync(api, "before", HttpStatusCode.Created);
        relay.Wire.Cut();
        await EverythingIsUnavailableAsync(api, browser);
        relay.Wire.Mend();
        await ReadyAsync(api, HttpStatusCode.OK);
        await MakeAsync(api, "after", HttpStatusCode.Created);
        Assert.Equal(["after", "before"], await SlugsAsync(api));
    }

    [Fact]
    public async Task PostgreSQL_without_a_free_connection_is_unavailable_and_no_failure()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        var server = new NpgsqlConnectionStringBuilder(await postgres.NewEmptyDatabaseAsync());
        var role = $"few_{Guid.NewGuid():N}";
        await ExecuteAsync(
            server,
            $"CREATE ROLE {role} LOGIN CONNECTION LIMIT 20; ALTER DATABASE {server.Database} OWNER TO {role}; "
                + $"GRANT ALL ON SCHEMA public TO {role}"
        );
        await using var portal = await StartAsync(
            Settings(
                new(server.ConnectionString)
                {
                    Username = role,
                    ConnectionIdleLifetime = 1,
                    ConnectionPruningInterval = 1,
                }
            )
        );
        using var api = portal.Api();
        using var browser = portal.Browser();
        await MakeAsync(api, "before", HttpStatusCode.Created);
        await ExecuteAsync(
            server,
            $"ALTER ROLE {role} CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
        );
        await EverythingIsUnavailableAsync(api, browser);
        await ExecuteAsync(server, $"ALTER ROLE {role} CONNECTION LIMIT 20");
        await ReadyAsync(api, HttpStatusCode.OK);
        await MakeAsync(api, "after", HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_full_disk_is_unavailable_until_there_is_room_again()
    {
        using var disk = SmallDisk.Mount(24);
        // What stands in for the cluster and for Stripe keeps its files elsewhere; the portal's are what is tested.
        await using var portal = new PortalHost { DataFolder = disk.Folder, Settings = { ["Logging:LogLevel:Default"] = "Critical" } };
        using var api = portal.Api();
        await MakeAsync(api, "before", HttpStatusCode.Created);
        var filler = disk.Fill();
        JsonNode? problem = null;
        // The log has some room of its own left.
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await PostAsync(api, $"full-{Guid.NewGuid():N}"[..20]);
                problem =
                    answer.StatusCode == HttpStatusCode.ServiceUnavailable
                        ? JsonNode.Parse(await answer.Content.ReadAsStringAsync())
                        : null;
                return problem is not null;
            },
            "a full disk is noticed"
        );
        Assert.Equal("database-unavailable", (string?)problem!["code"]);
        await ReadyAsync(api, HttpStatusCode.ServiceUnavailable);
        File.Delete(filler);
        await ReadyAsync(api, HttpStatusCode.OK);
        await MakeAsync(api, "after", HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_file_that_breaks_while_in_use_is_noticed_and_written_to_no_more()
    {
        await using var portal = new PortalHost { Settings = { ["Logging:LogLevel:Default"] = "None" } };
        using var browser = portal.Browser();
        using var api = portal.Api();
        await MakeAsync(api, "before", HttpStatusCode.Created);
        await ReadyAsync(api, HttpStatusCode.OK);
        var file = Path.Combine(portal.DataFolder, "portal.db");
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteScalarAsync();
        }
        DatabaseStartTests.Damage(file);
        await Eventually.TrueAsync(
            async () => (await PostAsync(api, $"more-{Guid.NewGuid():N}"[..20])).StatusCode == HttpStatusCode.ServiceUnavailable,
            "the damage is noticed"
        );
        await ReadyAsync(api, HttpStatusCode.ServiceUnavailable);
        using (var answer = await PostAsync(api, "afterwards"))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task A_minute_without_PostgreSQL_in_the_middle_of_traffic_logs_less_than_10_kB()
    {
        await using var relay = await RelayAsync();
        await using var portal = await PortalProcess.StartAsync(
            relay.Settings.ToDictionary(one => one.Key.Replace(":", "__", StringComparison.Ordinal), one => one.Value!)
        );
        using var http = new HttpClient { BaseAddress = portal.Url };
        http.DefaultRequestHeaders.Authorization = new("Bearer", RunningPortal.OperatorKey);
        var before = portal.Said.Length;
        relay.Wire.Cut();
        var (until, asked) = (DateTimeOffset.UtcNow.AddSeconds(60), 0);
        while (DateTimeOffset.UtcNow < until)
        {
            using var answer = await http.GetAsync(new Uri("/api/v1/organizations", UriKind.Relative));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            asked++;
            await Task.Delay(50);
        }
        var logged = portal.Said.Length - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked} requests answered 503 in a minute, {logged} bytes logged");
        Assert.True(asked > 100);
        Assert.True(logged is > 0 and < 10_000, $"{logged} bytes: {portal.Said[before..]}");
        relay.Wire.Mend();
        await Eventually.TrueAsync(
            async () => (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode == HttpStatusCode.OK,
            "it is ready again"
        );
        await Eventually.TrueAsync(
            () => Task.FromResult(portal.Said.Contains("more in the last minute", StringComparison.Ordinal)),
            "what was not said in full is counted"
        );
    }

    private static async Task EverythingIsUnavailableAsync(HttpClient api, HttpClient browser)
    {
        foreach (
            var send in new Func<Task<HttpResponseMessage>>[]
            {
                () => api.GetAsync("/api/v1/organizations"),
                () => PostAsync(api, "meanwhile"),
            }
        )
        {
            using var answer = await send();
            Assert.Equal(
                (HttpStatusCode.ServiceUnavailable, "application/problem+json"),
                (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType)
            );
            Assert.Equal("5", answer.Headers.GetValues("Retry-After").Single());
            Assert.Equal("database-unavailable", (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"]);
        }
        using var page = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
        Assert.Contains(
            "We can't reach our database right now",
            WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()),
            StringComparison.Ordinal
        );
        await ReadyAsync(api, HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/health/live")).StatusCode);
    }

    private static Task ReadyAsync(HttpClient api, HttpStatusCode expected) =>
        Eventually.TrueAsync(
            async () => (await api.GetAsync("/health/ready")).StatusCode == expected,
            $"/health/ready answers {expected}",
            30
        );

    private static Task<HttpResponseMessage> PostAsync(HttpClient api, string slug) =>
        api.PostAsJsonAsync("/api/v1/organizations", new { name = slug, slug });

    private static async Task MakeAsync(HttpClient api, string slug, HttpStatusCode expected)
    {
        using var answer = await PostAsync(api, slug);
        Assert.True(answer.StatusCode == expected, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task<IEnumerable<string>> SlugsAsync(HttpClient api) =>
        (await api.GetFromJsonAsync<JsonNode>("/api/v1/organizations"))!["items"]!.AsArray().Select(one => (string)one!["slug"]!);

    private static async Task<PortalHost> StartAsync(Dictionary<string, string?> settings)
    {
        var portal = new PortalHost { Settings = { ["Logging:LogLevel:Default"] = "None" } };
        foreach (var (name, value) in settings)
            portal.Settings[name] = value;
        using var api = portal.Api();
        await ReadyAsync(api, HttpStatusCode.OK);
        return portal;
    }

    private async Task<Wired> RelayAsync()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        var server = new NpgsqlConnectionStringBuilder(await postgres.NewEmptyDatabaseAsync());
        var wire = new TcpRelay(server.Port);
        return new(wire, Settings(new(server.ConnectionString) { Port = wire.Port }));
    }

    private static Dictionary<string, string?> Settings(NpgsqlConnectionStringBuilder server) =>
        new() { ["Portal:Database:Provider"] = "PostgreSql", ["Portal:Database:ConnectionString"] = server.ConnectionString };

    private static async Task ExecuteAsync(NpgsqlConnectionStringBuilder server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // Names of this test.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private sealed record Wired(TcpRelay Wire, Dictionary<string, string?> Settings) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Wire.DisposeAsync();
    }
}
