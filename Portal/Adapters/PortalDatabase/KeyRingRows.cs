using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;

namespace Portal.Adapters.PortalDatabase;

/// <param name="Xml">A key or a revocation, as Data Protection writes it.</param>
public sealed record KeyRingRow(int Id, string Xml);

/// <param name="Was">A row that somebody else changed meanwhile is left as it is.</param>
public sealed record KeyRingChange(int Id, string Was, string Now);

/// <summary>The stored key ring, for whoever encrypts what is there already. Data Protection reads and writes it on its own.</summary>
public sealed class KeyRingRows(PortalConnections connections)
{
    public async Task<IReadOnlyList<KeyRingRow>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        return await context
            .DataProtectionKeys.AsNoTracking()
            .Where(row => row.Xml != null)
            .OrderBy(row => row.Id)
            .Select(row => new KeyRingRow(row.Id, row.Xml!))
            .ToListAsync(cancellationToken);
    }

    /// <summary>What stood there before is gone from the database's own files too, not only from its table.</summary>
    public async Task ReplaceAsync(IReadOnlyList<KeyRingChange> changes, CancellationToken cancellationToken)
    {
        using var turn = await connections.WriteTurnAsync(cancellationToken);
        await using var context = connections.CreateDbContext();
        await context.Database.OpenConnectionAsync(cancellationToken);
        if (connections.IsSqlite)
            await context.Database.ExecuteSqlRawAsync("PRAGMA secure_delete = ON", cancellationToken);
        await using (var transaction = await context.Database.BeginTransactionAsync(cancellationToken))
        {
            foreach (var change in changes)
            {
                await context
                    .DataProtectionKeys.Where(row => row.Id == change.Id && row.Xml == change.Was)
                    .ExecuteUpdateAsync(row => row.SetProperty(key => key.Xml, change.Now), cancellationToken);
            }
            await transaction.CommitAsync(cancellationToken);
        }
        // The write-ahead log holds the old pages until it is emptied, and PostgreSQL's table the old rows until it is rewritten.
        string[] forget = connections.IsSqlite
            ? ["PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA secure_delete = OFF"]
            : ["VACUUM FULL data_protection_keys"];
        foreach (var statement in forget)
            await context.Database.ExecuteSqlRawAsync(statement, cancellationToken);
    }
}
