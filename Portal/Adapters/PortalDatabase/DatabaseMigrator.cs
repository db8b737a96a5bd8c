using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Ledger;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>Brings the database to this version's shape at the start. Several replicas may do so at once: EF Core holds a lock in PostgreSQL meanwhile.</summary>
public sealed class DatabaseMigrator(PortalConnections connections)
{
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (connections.IsSqlite) Directory.CreateDirectory(connections.Options.DataFolder);
        await using var context = connections.CreateDbContext();
        if (connections.IsSqlite)
        {
            await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
            // EF Core's lock in SQLite is a row that outlives a killed process and would stop every later start. Here
            // the lock of the data folder has made sure that nobody else migrates.
            await context.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancellationToken);
        }
        await context.Database.MigrateAsync(cancellationToken);
        await LedgerSchema.EnsureAsync(connections, cancellationToken);
    }

    /// <summary>For what only reads: null when the database is there and has this version's shape.</summary>
    public async Task<Problem?> CheckShapeAsync(CancellationToken cancellationToken)
    {
        // Opening it would make an empty file.
        if (connections.IsSqlite && !File.Exists(connections.Options.File))
            return new Problem.NotFound("database-missing", $"There is no database at {connections.Options.File}: set Portal:DataFolder as it is for the portal.");
        await using var context = connections.CreateDbContext();
        return (await context.Database.GetPendingMigrationsAsync(cancellationToken)).Any()
            ? new Problem.Conflict("database-older", "The database is older than this version of the portal: start the portal once, it brings it up to date.")
            : null;
    }
}
