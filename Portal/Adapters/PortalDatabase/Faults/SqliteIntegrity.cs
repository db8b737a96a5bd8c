using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Portal.Adapters.PortalDatabase.Faults;

/// <summary>SQLite's own check of its file.</summary>
internal static class SqliteIntegrity
{
    /// <summary>A file up to this size is checked before the portal serves, in some 0.2 s; a larger one while it serves already.</summary>
    public const long QuickBytes = 64L << 20;

    private const int MostFindings = 20;

    /// <summary>What is wrong with the file, at most 20 lines; empty when it is whole.</summary>
    /// <param name="thorough">Compares indexes with their tables too, and checks foreign keys; several times as long.</param>
    /// <exception cref="SqliteException">The file cannot be read at all.</exception>
    public static async Task<IReadOnlyList<string>> CheckAsync(string file, bool thorough, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
            }.ConnectionString
        );
        await connection.OpenAsync(cancellationToken);
        var found = await ReadAsync(
            connection,
            thorough ? $"PRAGMA integrity_check({MostFindings})" : "PRAGMA quick_check(1)",
            cancellationToken
        );
        if (found is ["ok"])
            found = [];
        if (thorough && found.Count == 0)
            found =
            [
                .. (await ReadAsync(connection, "PRAGMA foreign_key_check", cancellationToken))
                    .Take(MostFindings)
                    .Select(table => $"a row of {table} refers to a row that is not there"),
            ];
        return found;
    }

    private static async Task<List<string>> ReadAsync(DbConnection connection, string pragma, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        await using var command = Sql.Command(connection, null, pragma, []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            lines.Add(reader.GetString(0).ReplaceLineEndings("; "));
        return lines;
    }
}
