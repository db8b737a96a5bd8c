using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Portal.Adapters.PortalDatabase.Backup;

/// <summary>PostgreSQL's own programs: <c>pg_dump</c> in its custom format, and <c>pg_restore</c> in one transaction.</summary>
internal sealed class PostgresBackup(DatabaseOptions options) : DatabaseBackup
{
    private readonly NpgsqlConnectionStringBuilder _server = new(options.ConnectionString) { Pooling = false };

    protected override Task WriteAsync(string file, CancellationToken cancellationToken) =>
        RunAsync("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", $"--file={file}"], cancellationToken);

    protected override async Task ReadAsync(string file, bool replace, CancellationToken cancellationToken)
    {
        await using (var connection = new NpgsqlConnection(_server.ConnectionString))
        {
            await connection.OpenAsync(cancellationToken);
            var others = (long)
                (
                    await Sql.ScalarAsync(
                        connection,
                        null,
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
                            + "AND backend_type = 'client backend'",
                        [],
                        cancellationToken
                    )
                )!;
            if (others > 0)
                throw new BackupRefusedException(
                    $"The database '{_server.Database}' is in use by {others} connection{(others == 1 ? "" : "s")}. "
                        + "Stop every portal that uses it, then restore."
                );
            var tables = (long)
                (
                    await Sql.ScalarAsync(
                        connection,
                        null,
                        "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()",
                        [],
                        cancellationToken
                    )
                )!;
            if (tables > 0 && !replace)
                throw new BackupRefusedException(
                    $"The database '{_server.Database}' holds data already. Add --replace to put the backup in its place."
                );
        }
        // All or nothing: a restore that breaks off leaves what was there.
        string[] clean = replace ? ["--clean", "--if-exists"] : [];
        await RunAsync(
            "pg_restore",
            ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", .. clean, $"--dbname={_server.Database}", file],
            cancellationToken
        );
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // In the environment, where other users of the machine do not see the password.
        start.Environment["PGHOST"] = _server.Host;
        start.Environment["PGPORT"] = _server.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = _server.Username;
        start.Environment["PGDATABASE"] = _server.Database;
        if (_server.Password is { Length: > 0 } password)
            start.Environment["PGPASSWORD"] = password;
        if (_server.SslMode is SslMode.Require or SslMode.VerifyCA or SslMode.VerifyFull)
            start.Environment["PGSSLMODE"] = _server.SslMode switch
            {
                SslMode.VerifyCA => "verify-ca",
                SslMode.VerifyFull => "verify-full",
                _ => "require",
            };
        if (_server.RootCertificate is { Length: > 0 } root)
            start.Environment["PGSSLROOTCERT"] = root;
        try
        {
            using var process = Process.Start(start)!;
            var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            if (process.ExitCode != 0)
                throw new BackupRefusedException($"{program} failed: {errors.Trim().ReplaceLineEndings("; ")}");
        }
        catch (Win32Exception)
        {
            throw new BackupRefusedException(
                $"{program} is not installed. Install PostgreSQL's client programs, in the server's version or a newer one."
            );
        }
    }
}
