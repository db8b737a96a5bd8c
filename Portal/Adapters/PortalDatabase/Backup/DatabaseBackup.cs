using Microsoft.Data.Sqlite;
using Portal.Adapters.PortalDatabase.Faults;

namespace Portal.Adapters.PortalDatabase.Backup;

/// <summary>What stands in the way of a backup or restore; the message is the sentence to show.</summary>
public sealed class BackupRefusedException(string message) : Exception(message);

/// <summary>
/// The portal's whole database as one file, and back. A backup may be made while the portal runs; a restore wants it stopped.
/// </summary>
public abstract class DatabaseBackup
{
    public static DatabaseBackup Of(DatabaseOptions options) =>
        options.Provider == DatabaseProvider.Sqlite ? new SqliteBackup(options) : new PostgresBackup(options);

    /// <summary>
    /// Writes the file, which must not exist yet. It holds secrets as the database does, and is readable by its owner only.
    /// </summary>
    /// <exception cref="BackupRefusedException">It cannot be written, or the database cannot be read.</exception>
    public async Task BackUpAsync(string file, CancellationToken cancellationToken)
    {
        file = Path.GetFullPath(file);
        if (File.Exists(file))
            throw new BackupRefusedException($"'{file}' exists already. Choose another name; a backup never overwrites a file.");
        var partial = file + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await new FileStream(partial, FileMode.Create, FileAccess.Write).DisposeAsync();
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(partial, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await WriteAsync(partial, cancellationToken);
            File.Move(partial, file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BackupRefusedException($"The backup can't be written to '{file}' ({exception.Message}).");
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Puts the backup in the place of an empty database, or with <paramref name="replace"/> of one that holds data.</summary>
    /// <exception cref="BackupRefusedException">The portal runs, there is data already, or the file is no whole backup.</exception>
    public async Task RestoreAsync(string file, bool replace, CancellationToken cancellationToken)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(file))
            throw new BackupRefusedException($"There is no file '{file}'.");
        await ReadAsync(file, replace, cancellationToken);
    }

    protected abstract Task WriteAsync(string file, CancellationToken cancellationToken);

    protected abstract Task ReadAsync(string file, bool replace, CancellationToken cancellationToken);
}

/// <summary>SQLite's own online backup: one consistent copy while writers go on.</summary>
internal sealed class SqliteBackup(DatabaseOptions options) : DatabaseBackup
{
    protected override async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(options.File))
            throw new BackupRefusedException($"There is no database at '{options.File}'. Set Portal:DataFolder as it is for the portal.");
        await using (var source = Open(options.File))
        await using (var target = Open(file))
        {
            await source.OpenAsync(cancellationToken);
            await target.OpenAsync(cancellationToken);
            source.BackupDatabase(target);
            // The copy says that it is in WAL mode; as one file it is complete without.
            await Sql.ScalarAsync(target, null, "PRAGMA journal_mode = DELETE", [], cancellationToken);
        }
        await MustBeWholeAsync(file, cancellationToken);
    }

    protected override async Task ReadAsync(string file, bool replace, CancellationToken cancellationToken)
    {
        using var held = Take();
        await MustBeWholeAsync(file, cancellationToken);
        if (File.Exists(options.File) && !replace)
            throw new BackupRefusedException(
                $"'{options.File}' is there already. Add --replace to put the backup in its place; the present file is kept beside it."
            );
        // On the same disk first, so that the change itself is one step that happens or does not.
        var incoming = options.File + ".incoming";
        File.Copy(file, incoming, overwrite: true);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(incoming, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var ending in new[] { "", "-wal", "-shm" })
            Aside(options.File + ending);
        File.Move(incoming, options.File);
    }

    private DataFolderLock Take()
    {
        try
        {
            return DataFolderLock.Take(options.DataFolder);
        }
        catch (InvalidOperationException held)
        {
            throw new BackupRefusedException(held.Message);
        }
    }

    private static void Aside(string file)
    {
        if (File.Exists(file))
            File.Move(file, $"{file}.before-restore", overwrite: true);
    }

    private static async Task MustBeWholeAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (await SqliteIntegrity.CheckAsync(file, thorough: true, cancellationToken) is [var finding, ..])
                throw new BackupRefusedException($"'{file}' is damaged: {finding}.");
            await using var connection = Open(file);
            await connection.OpenAsync(cancellationToken);
            if (
                await Sql.ScalarAsync(
                    connection,
                    null,
                    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'organizations'",
                    [],
                    cancellationToken
                )
                is null
            )
                throw new BackupRefusedException($"'{file}' is a SQLite database, but not one of the portal.");
        }
        catch (SqliteException unreadable)
        {
            throw new BackupRefusedException($"'{file}' is not a whole SQLite database ({unreadable.Message}).");
        }
    }

    private static SqliteConnection Open(string file) =>
        new(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Pooling = false,
                DefaultTimeout = 30,
            }.ConnectionString
        );
}
