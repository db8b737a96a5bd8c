using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Faults;
using Portal.Adapters.PortalDatabase.Ledger;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// Brings the database to this version's shape at the start. Several replicas may do so at once: EF Core holds a lock in PostgreSQL
/// meanwhile.
/// </summary>
public sealed class DatabaseMigrator(PortalConnections connections)
{
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (connections.IsSqlite)
            await LookAtFileAsync(cancellationToken);
        // EF Core would make a database that is not there; a typing error in its name would pass unnoticed.
        else
            await (await connections.OpenAsync(cancellationToken)).DisposeAsync();
        await using var context = connections.CreateDbContext();
        if (connections.IsSqlite)
        {
            await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
            // EF Core's lock in SQLite is a row that outlives a killed process and would stop every later start. Here
            // the lock of the data folder has made sure that nobody else migrates.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        }
        // EF Core would compare the whole model with its snapshot first, at every start, which MigrationTests does once for all.
        if ((await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any())
            await context.Database.MigrateAsync(cancellationToken);
        await using var write = await connections.BeginWriteAsync(null, cancellationToken);
        // Several replicas may start at once, and IF NOT EXISTS does not keep PostgreSQL from making a table twice.
        if (!connections.IsSqlite)
            await Sql.ExecuteAsync(write.Connection, write.Transaction, "SELECT pg_advisory_xact_lock(7310592)", [], cancellationToken);
        await LedgerSchema.EnsureAsync(write, connections.IsSqlite, cancellationToken);
        await DatabaseProbe.EnsureAsync(write, cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    /// <summary>
    /// Checks a large file while the portal serves already; a small one was checked before. Damage stops the writes and
    /// turns the readiness red.
    /// </summary>
    public async Task CheckLargeFileAsync(CancellationToken cancellationToken)
    {
        if (!connections.IsSqlite || new FileInfo(connections.Options.File).Length <= SqliteIntegrity.QuickBytes)
            return;
        try
        {
            if (
                await Task.Run(
                    () => SqliteIntegrity.CheckAsync(connections.Options.File, thorough: false, cancellationToken),
                    cancellationToken
                )
                is [var finding, ..]
            )
                connections.Damage.Note(finding);
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is not null)
        {
            connections.Damage.Note(exception);
        }
    }

    /// <summary>
    /// What is wrong with the whole database, thoroughly; empty when nothing is. Takes minutes where it is large; runs beside the portal.
    /// </summary>
    public Task<IReadOnlyList<string>> CheckThoroughlyAsync(CancellationToken cancellationToken) =>
        connections.IsSqlite
            ? SqliteIntegrity.CheckAsync(connections.Options.File, thorough: true, cancellationToken)
            : PostgresIntegrity.CheckAsync(connections, cancellationToken);

    private async Task LookAtFileAsync(CancellationToken cancellationToken)
    {
        PrivateFiles.CreateFolder(connections.Options.DataFolder);
        PrivateFiles.ProtectDatabase(connections.Options.File);
        var file = new FileInfo(connections.Options.File);
        if (file.Length == 0 || file.Length > SqliteIntegrity.QuickBytes)
            return;
        if (await SqliteIntegrity.CheckAsync(file.FullName, thorough: false, cancellationToken) is [var finding, ..])
            throw new DatabaseCorruptException(finding);
    }

    /// <summary>For what only reads: null when the database is there and has this version's shape.</summary>
    public async Task<Problem?> CheckShapeAsync(CancellationToken cancellationToken)
    {
        // Opening it would make an empty file.
        if (connections.IsSqlite && !File.Exists(connections.Options.File))
            return new Problem.NotFound(
                "database-missing",
                $"There is no database at {connections.Options.File}: set Portal:DataFolder as it is for the portal."
            );
        await using var context = connections.CreateDbContext();
        return (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any()
            ? new Problem.Conflict(
                "database-older",
                "The database is older than this version of the portal: start the portal once, it brings it up to date."
            )
            : null;
    }
}
