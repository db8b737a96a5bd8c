using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Portal.Tests.Support;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace Portal.Tests.Support;

/// <summary>
/// A PostgreSQL server of this run: started when the first test asks for it, on a free loopback port with its data in a
/// temporary folder, stopped at the end. It refuses to be root, so there it runs as the user postgres.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly Lazy<Task<string>> _server;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"portal-postgres-{Guid.NewGuid():N}");
    private readonly SemaphoreSlim _templates = new(1, 1);
    private bool _hasTemplate;

    public PostgresServer() => _server = new(StartAsync);

    /// <summary>Why there is none here, or null.</summary>
    public static string? MissingReason =>
        Binaries is null ? "no PostgreSQL server is installed"
        : Environment.UserName == "root" && !File.Exists("/usr/sbin/runuser") ? "PostgreSQL refuses to run as root and there is no runuser"
        : null;

    private static string? Binaries { get; } =
        Directory.Exists("/usr/lib/postgresql")
            ? Directory
                .GetDirectories("/usr/lib/postgresql")
                .Select(folder => Path.Combine(folder, "bin"))
                .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
                .Max()
            : null;

    /// <summary>The connection string of a new database; a copy of what <paramref name="prepare"/> made of the first one.</summary>
    public async Task<string> NewDatabaseAsync(Func<string, Task> prepare)
    {
        var server = await _server.Value;
        await _templates.WaitAsync();
        try
        {
            if (!_hasTemplate)
            {
                await ExecuteAsync(server, "CREATE DATABASE portal_template");
                await prepare(Of(server, "portal_template") + ";Pooling=false");
                _hasTemplate = true;
            }
            var name = $"portal_{Guid.NewGuid():N}";
            await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE portal_template");
            return Of(server, name);
        }
        finally
        {
            _templates.Release();
        }
    }

    /// <summary>The connection string of a new database without tables.</summary>
    public async Task<string> NewEmptyDatabaseAsync()
    {
        var name = $"portal_{Guid.NewGuid():N}";
        await ExecuteAsync(await _server.Value, $"CREATE DATABASE {name}");
        return Of(await _server.Value, name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            await RunAsync($"{Binaries}/pg_ctl", "-D", _folder, "-m", "immediate", "stop");
            Directory.Delete(_folder, recursive: true);
        }
        _templates.Dispose();
    }

    private static string Of(string server, string database) => $"{server};Database={database}";

    private static async Task ExecuteAsync(string server, string statement)
    {
        await using var connection = new NpgsqlConnection(Of(server, "postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> StartAsync()
    {
        Directory.CreateDirectory(_folder);
        if (Environment.UserName == "root")
            await MustAsync("/usr/bin/chown", "postgres", _folder);
        await RunAsync($"{Binaries}/initdb", "-D", _folder, "-U", "portal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            try
            {
                await RunAsync(
                    $"{Binaries}/pg_ctl",
                    "-D",
                    _folder,
                    "-w",
                    "-t",
                    "60",
                    "-l",
                    Path.Combine(_folder, "log"),
                    "-o",
                    $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=400",
                    "start"
                );
                return $"Host=127.0.0.1;Port={port};Username=portal";
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Somebody took the port between our look and the start.
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Task RunAsync(string program, params string[] arguments) =>
        Environment.UserName == "root"
            ? MustAsync("/usr/sbin/runuser", ["-u", "postgres", "--", program, .. arguments])
            : MustAsync(program, arguments);

    private static async Task MustAsync(string program, params string[] arguments)
    {
        // A folder that the user postgres may enter; the server itself writes to its log file, not to our pipes.
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}{await output}");
    }
}
