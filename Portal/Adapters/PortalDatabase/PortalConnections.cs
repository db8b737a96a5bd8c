using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Portal.Adapters.PortalDatabase.Faults;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// The way to the database for everything in this folder: contexts for the model, open connections for plain SQL.
/// Writers of plain SQL use <see cref="BeginWriteAsync"/>, so that they keep the same order and fencing as the portal's
/// own writes. In SQL: instants are microseconds since 1970 (<see cref="Clock.ToUnixMicroseconds"/>), ids are passed as
/// <see cref="Guid"/> parameters, parameters are named <c>@name</c> in both databases.
/// </summary>
/// <remarks>
/// SQLite runs in WAL mode with synchronous=NORMAL: what was committed survives the death of the process (kill -9), for
/// the write-ahead log is in the kernel's hands then; only a loss of power may cost the last commits, never consistency.
/// Its writers queue here without holding a thread, since only one process has the data folder; what does not come
/// through here (Identity's own saves) waits in SQLite's busy handler.
/// </remarks>
public sealed class PortalConnections : IDbContextFactory<PortalDbContext>, IAsyncDisposable
{
    // The collector, who fills the log, empties it outside its transactions: a commit has to do it only when that falls behind.
    private const string SqlitePragmas = "PRAGMA busy_timeout = 30000; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;";

    private readonly SemaphoreSlim _sqliteWriters = new(1, 1);
    private readonly string? _sqliteConnectionString;
    private readonly DbContextOptions<SqlitePortalDbContext>? _sqliteContext;
    private readonly NpgsqlDataSource? _postgres;
    private readonly DbContextOptions<PostgreSqlPortalDbContext>? _postgresContext;

    public PortalConnections(DatabaseOptions options, ILoggerFactory loggers)
    {
        Options = options;
        Damage = new(IsSqlite);
        var watch = new DamageWatch(Damage);
        if (options.Provider == DatabaseProvider.Sqlite)
        {
            _sqliteConnectionString = new SqliteConnectionStringBuilder
            {
                DataSource = options.File,
                ForeignKeys = true,
                DefaultTimeout = 30,
            }.ConnectionString;
            _sqliteContext = new DbContextOptionsBuilder<SqlitePortalDbContext>()
                .UseSqlite(_sqliteConnectionString)
                .AddInterceptors(new Pragmas(), new StorableParameters(), watch)
                .UseIdentitySchema(loggers)
                .ConfigureWarnings(SaidByWhoeverHandlesIt)
                .Options;
        }
        else
        {
            _postgres = NpgsqlDataSource.Create(Impatient(options.ConnectionString!));
            _postgresContext = new DbContextOptionsBuilder<PostgreSqlPortalDbContext>()
                .UseNpgsql(_postgres)
                .AddInterceptors(new StorableParameters(), watch)
                .UseIdentitySchema(loggers)
                .ConfigureWarnings(SaidByWhoeverHandlesIt)
                .Options;
        }
    }

    public DatabaseOptions Options { get; }

    internal DatabaseDamage Damage { get; }

    public bool IsSqlite => Options.Provider == DatabaseProvider.Sqlite;

    public PortalDbContext CreateDbContext() =>
        _sqliteContext is not null ? new SqlitePortalDbContext(_sqliteContext) : new PostgreSqlPortalDbContext(_postgresContext!);

    /// <summary>One snapshot for all that is read through the context. SQLite: deferred, so that no write lock is taken.</summary>
    internal async Task<IAsyncDisposable> BeginReadAsync(PortalDbContext context, CancellationToken cancellationToken)
    {
        if (!IsSqlite)
            return await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await context.Database.OpenConnectionAsync(cancellationToken);
        var snapshot = ((SqliteConnection)context.Database.GetDbConnection()).BeginTransaction(deferred: true);
        await context.Database.UseTransactionAsync(snapshot, cancellationToken);
        return snapshot;
    }

    /// <summary>An open connection for reading with plain SQL; the caller disposes it.</summary>
    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
            return await _postgres.OpenConnectionAsync(cancellationToken);
        var connection = new SqliteConnection(_sqliteConnectionString);
        await connection.OpenAsync(cancellationToken);
        await Sql.ExecuteAsync(connection, null, SqlitePragmas, [], cancellationToken);
        return connection;
    }

    /// <summary>A transaction for plain SQL; disposing it without a commit rolls back.</summary>
    /// <exception cref="LeaseLostException">The lease was lost meanwhile.</exception>
    public async Task<PortalTransaction> BeginWriteAsync(Lease? lease, CancellationToken cancellationToken)
    {
        return await BeginWriteAsync(await WriteTurnAsync(cancellationToken), lease, cancellationToken);
    }

    internal async Task<PortalTransaction> BeginWriteAsync(IDisposable turn, Lease? lease, CancellationToken cancellationToken)
    {
        DbConnection? connection = null;
        try
        {
            connection = await OpenAsync(cancellationToken);
            // On SQLite this is BEGIN IMMEDIATE: the lock is taken now, not at the first write.
            var transaction = await connection.BeginTransactionAsync(
                IsSqlite ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted,
                cancellationToken
            );
            if (lease is not null)
                await Leases.CheckAsync(connection, transaction, lease, IsSqlite, cancellationToken);
            return new PortalTransaction(connection, transaction, turn);
        }
        catch (Exception exception)
        {
            Damage.Note(exception);
            if (connection is not null)
                await connection.DisposeAsync();
            turn.Dispose();
            throw;
        }
    }

    /// <summary>The turn of one writer of this process; on PostgreSQL there is nothing to wait for.</summary>
    internal async Task<IDisposable> WriteTurnAsync(CancellationToken cancellationToken)
    {
        Damage.ThrowIfAny();
        if (!IsSqlite)
            return new Turn(null);
        await _sqliteWriters.WaitAsync(cancellationToken);
        return new Turn(_sqliteWriters);
    }

    /// <summary>The turn, or null when it did not come within the time.</summary>
    internal async Task<IDisposable?> TryWriteTurnAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        Damage.ThrowIfAny();
        if (!IsSqlite)
            return new Turn(null);
        return await _sqliteWriters.WaitAsync(within, cancellationToken) ? new Turn(_sqliteWriters) : null;
    }

    /// <summary>EF Core would log every failed command and connection, and throw: whoever catches the exception logs it, once.</summary>
    private static void SaidByWhoeverHandlesIt(WarningsConfigurationBuilder warnings)
    {
        warnings.Log(
            (RelationalEventId.ConnectionError, LogLevel.Debug),
            (RelationalEventId.CommandError, LogLevel.Debug),
            (RelationalEventId.TransactionError, LogLevel.Debug),
            (CoreEventId.QueryIterationFailed, LogLevel.Debug),
            (CoreEventId.SaveChangesFailed, LogLevel.Debug)
        );
#if DEBUG
        // Some rows of no order are others each time. A test should see that, not an operator's log.
        warnings.Throw(CoreEventId.RowLimitingOperationWithoutOrderByWarning);
#endif
    }

    /// <summary>
    /// Somebody waits for the page: a server that accepts no connection within 5 s is away. The operator's own Timeout goes before.
    /// </summary>
    private static string Impatient(string connectionString) =>
        new DbConnectionStringBuilder { ConnectionString = connectionString }.ContainsKey("Timeout")
            ? connectionString
            : new NpgsqlConnectionStringBuilder(connectionString) { Timeout = 5 }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        // Pooled handles would keep the file open beyond the lock of the data folder.
        if (_sqliteConnectionString is not null)
            SqliteConnection.ClearPool(new SqliteConnection(_sqliteConnectionString));
        _sqliteWriters.Dispose();
    }

    private sealed class Turn(SemaphoreSlim? writers) : IDisposable
    {
        private SemaphoreSlim? _writers = writers;

        public void Dispose() => Interlocked.Exchange(ref _writers, null)?.Release();
    }

    private sealed class Pragmas : Microsoft.EntityFrameworkCore.Diagnostics.DbConnectionInterceptor
    {
        public override void ConnectionOpened(
            DbConnection connection,
            Microsoft.EntityFrameworkCore.Diagnostics.ConnectionEndEventData eventData
        ) => Sql.Execute(connection, SqlitePragmas);

        public override Task ConnectionOpenedAsync(
            DbConnection connection,
            Microsoft.EntityFrameworkCore.Diagnostics.ConnectionEndEventData eventData,
            CancellationToken cancellationToken = default
        ) => Sql.ExecuteAsync(connection, null, SqlitePragmas, [], cancellationToken);
    }
}

/// <summary>A write transaction for plain SQL. Commands take <see cref="Connection"/> and <see cref="Transaction"/>.</summary>
public sealed class PortalTransaction : IAsyncDisposable
{
    private readonly IDisposable _turn;

    internal PortalTransaction(DbConnection connection, DbTransaction transaction, IDisposable turn) =>
        (Connection, Transaction, _turn) = (connection, transaction, turn);

    public DbConnection Connection { get; }

    public DbTransaction Transaction { get; }

    public Task CommitAsync(CancellationToken cancellationToken) => Transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Transaction.DisposeAsync();
        await Connection.DisposeAsync();
        _turn.Dispose();
    }
}
