using Microsoft.Data.Sqlite;

namespace LocalStripe.Storage;

/// <summary>
/// One SQLite file, one unit of work at a time: what was answered is kept, what failed has left nothing.
/// Objects are stored as the JSON that the API answers, so the shape is written down once.
/// </summary>
internal sealed class Database : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly TimeProvider clock;

    public Database(string folder, TimeProvider clock)
    {
        this.clock = clock;
        var path = Path.Combine(folder, "localstripe.db");
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
        Execute(
            """
            CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS objects (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, created INTEGER NOT NULL,
                customer TEXT, invoice TEXT, deleted INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, hidden TEXT NOT NULL DEFAULT '{}');
            CREATE INDEX IF NOT EXISTS objects_by_type ON objects (type, seq);
            CREATE INDEX IF NOT EXISTS objects_by_status ON objects (type, json_extract(body, '$.status'));
            CREATE INDEX IF NOT EXISTS objects_by_customer ON objects (customer, type, seq);
            CREATE INDEX IF NOT EXISTS objects_by_invoice ON objects (invoice, type, seq);
            CREATE TABLE IF NOT EXISTS answers (
                key TEXT PRIMARY KEY, request TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS deliveries (
                id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL,
                state TEXT NOT NULL DEFAULT 'pending', problem TEXT);
            CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
            """
        );
    }

    /// <summary>Raised after a commit that made an event, so that it is sent at once.</summary>
    public Action? EventsWritten { get; set; }

    /// <summary>Where this server is reached; pages and PDFs link there.</summary>
    public Uri BaseAddress { get; set; } = new("http://127.0.0.1");

    /// <summary>Runs the action in a transaction of its own: an exception undoes all of it.</summary>
    public async Task<T> RunAsync<T>(
        Func<Work, T> action,
        CancellationToken cancellationToken,
        string? requestId = null,
        string? idempotencyKey = null
    )
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            using var transaction = connection.BeginTransaction();
            var work = new Work(connection, clock.GetUtcNow().ToUnixTimeSeconds(), BaseAddress, requestId, idempotencyKey);
            var result = action(work);
            transaction.Commit();
            if (work.EventsWritten)
                EventsWritten?.Invoke();
            return result;
        }
        finally
        {
            turn.Release();
        }
    }

    public Task RunAsync(Action<Work> action, CancellationToken cancellationToken) =>
        RunAsync(
            work =>
            {
                action(work);
                return true;
            },
            cancellationToken
        );

    public void Dispose()
    {
        connection.Dispose();
        turn.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
