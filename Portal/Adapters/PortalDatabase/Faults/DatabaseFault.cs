using Microsoft.Data.Sqlite;
using Npgsql;

namespace Portal.Adapters.PortalDatabase.Faults;

/// <summary>What can be wrong with the database itself, as opposed to a statement of ours.</summary>
public enum DatabaseFaultKind
{
    /// <summary>Nothing answers, or not in time.</summary>
    Away,

    /// <summary>It answers, and has no room for another connection or lock.</summary>
    Busy,

    /// <summary>The disk is full.</summary>
    Full,

    /// <summary>The file, the folder or the server takes no writes.</summary>
    ReadOnly,

    /// <summary>The file is something else.</summary>
    NotADatabase,

    /// <summary>Pages of it are damaged.</summary>
    Corrupt,

    /// <summary>The disk fails, or the file cannot be opened.</summary>
    Unreadable,

    /// <summary>Wrong user or password.</summary>
    Refused,

    /// <summary>The server has no database of that name.</summary>
    Missing,

    /// <summary>The user lacks a right.</summary>
    NoRights,
}

/// <summary>The one place where the exceptions of both databases become faults.</summary>
/// <param name="Reason">The driver's own words; for operators, never for customers.</param>
public sealed record DatabaseFault(DatabaseFaultKind Kind, string Reason)
{
    private const string PoolIsEmpty = "The connection pool has been exhausted";

    /// <summary>Null for everything that is no fault of the database.</summary>
    public static DatabaseFault? Of(Exception? exception)
    {
        // The drivers' exceptions come wrapped: by EF Core's updates, by Identity, by tasks.
        for (; exception is not null; exception = exception.InnerException)
        {
            if (KindOf(exception) is { } kind)
                return new(kind, exception.Message);
            if (exception is PostgresException or SqliteException)
                return null;
        }
        return null;
    }

    private static DatabaseFaultKind? KindOf(Exception exception) =>
        exception switch
        {
            DatabaseCorruptException => DatabaseFaultKind.Corrupt,
            SqliteException sqlite => OfSqlite(sqlite.SqliteErrorCode),
            PostgresException postgres => OfPostgres(postgres.SqlState),
            NpgsqlException pool when pool.Message.StartsWith(PoolIsEmpty, StringComparison.Ordinal) => DatabaseFaultKind.Busy,
            NpgsqlException => DatabaseFaultKind.Away,
            _ => null,
        };

    private static DatabaseFaultKind? OfSqlite(int code) =>
        code switch
        {
            SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => DatabaseFaultKind.Busy,
            SQLitePCL.raw.SQLITE_READONLY => DatabaseFaultKind.ReadOnly,
            SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_CANTOPEN or SQLitePCL.raw.SQLITE_PERM => DatabaseFaultKind.Unreadable,
            SQLitePCL.raw.SQLITE_CORRUPT => DatabaseFaultKind.Corrupt,
            SQLitePCL.raw.SQLITE_FULL => DatabaseFaultKind.Full,
            SQLitePCL.raw.SQLITE_NOTADB => DatabaseFaultKind.NotADatabase,
            _ => null,
        };

    private static DatabaseFaultKind? OfPostgres(string state) =>
        state switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => DatabaseFaultKind.Refused,
            PostgresErrorCodes.InvalidCatalogName => DatabaseFaultKind.Missing,
            PostgresErrorCodes.InsufficientPrivilege => DatabaseFaultKind.NoRights,
            PostgresErrorCodes.TooManyConnections => DatabaseFaultKind.Busy,
            PostgresErrorCodes.DiskFull => DatabaseFaultKind.Full,
            PostgresErrorCodes.ReadOnlySqlTransaction => DatabaseFaultKind.ReadOnly,
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => DatabaseFaultKind.Corrupt,
            // 08: connection; 53: resources; 57P: shutting down, starting up, crashed; 58: the operating system's.
            _ when state.StartsWith("08", StringComparison.Ordinal)
                    || state.StartsWith("53", StringComparison.Ordinal)
                    || state.StartsWith("57P", StringComparison.Ordinal)
                    || state.StartsWith("58", StringComparison.Ordinal) => DatabaseFaultKind.Away,
            _ => null,
        };

    /// <summary>One sentence or two for whoever starts the portal: what is wrong and what to do.</summary>
    public string AtStart(DatabaseOptions options) =>
        options.Provider == DatabaseProvider.Sqlite
            ? AtStart(options.File)
            : AtStart(new NpgsqlConnectionStringBuilder(options.ConnectionString));

    private string AtStart(string file) =>
        Kind switch
        {
            DatabaseFaultKind.ReadOnly =>
                $"The database file '{file}' is read-only. Give the portal's user write access to the file and its folder, or set "
                    + "Portal:DataFolder to another folder.",
            DatabaseFaultKind.NotADatabase =>
                $"'{file}' is not a SQLite database. Move it away to start with an empty one, or bring back a backup with './dev "
                    + "restore FILE'.",
            DatabaseFaultKind.Corrupt => $"The database file '{file}' is damaged ({Reason}). Nothing was changed. "
                + "Bring back a backup with './dev restore FILE'; './dev check-database' lists the damage.",
            DatabaseFaultKind.Full => $"The disk that holds '{file}' is full. Free some space, then start the portal again.",
            DatabaseFaultKind.Busy => $"The database file '{file}' is locked by another program. Close it, then start the portal again.",
            _ => $"The database file '{file}' can't be opened ({Reason}). Check the disk and the permissions of the file and its folder.",
        };

    private string AtStart(NpgsqlConnectionStringBuilder server)
    {
        var at = $"PostgreSQL at {server.Host}:{server.Port}";
        return Kind switch
        {
            DatabaseFaultKind.Refused =>
                $"{at} refused the user '{server.Username}' ({Reason}). Check Username and Password in Portal:Database:ConnectionString.",
            DatabaseFaultKind.Missing =>
                $"{at} has no database '{server.Database}'. Create it, or correct Database in Portal:Database:ConnectionString.",
            DatabaseFaultKind.NoRights =>
                $"{at} doesn't let the user '{server.Username}' set up the database '{server.Database}' ({Reason}). "
                    + "Make that user the owner of the database.",
            DatabaseFaultKind.Busy => $"{at} has no free connection ({Reason}). Raise its max_connections, or lower Maximum Pool Size in "
                + "Portal:Database:ConnectionString.",
            DatabaseFaultKind.Full => $"{at} is out of disk space ({Reason}). Free some space, then start the portal again.",
            DatabaseFaultKind.ReadOnly =>
                $"{at} is read-only ({Reason}). Point Portal:Database:ConnectionString to the primary, not to a standby.",
            DatabaseFaultKind.Corrupt =>
                $"{at} reports damaged data in '{server.Database}' ({Reason}). Bring back a backup with './dev restore FILE'.",
            _ => $"Couldn't reach {at} ({Reason}). Check that it is running, and Host and Port in Portal:Database:ConnectionString.",
        };
    }
}

/// <summary>The file turned out to be damaged while the portal was running; nothing more is written to it.</summary>
public sealed class DatabaseCorruptException(string reason) : Exception($"The database is damaged and takes no more writes: {reason}");
