using System.Diagnostics.CodeAnalysis;
using LocalPulsar.Topics;
using Microsoft.Data.Sqlite;

namespace LocalPulsar.Storage;

/// <summary>The tables as the journal writes them: prepared once, used inside its transaction.</summary>
internal sealed class Tables : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS document (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS ledger (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, closed INTEGER);
        CREATE INDEX IF NOT EXISTS ledger_of_topic ON ledger (topic);
        CREATE TABLE IF NOT EXISTS entry (
            ledger INTEGER NOT NULL, entry INTEGER NOT NULL, published INTEGER NOT NULL, size INTEGER NOT NULL,
            metadata BLOB NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (ledger, entry)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS cursor (topic TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, name)) WITHOUT ROWID;
        """;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private SqliteTransaction? _transaction;

    public Tables(string file)
    {
        _connection = Open(file);
        using var schema = _connection.CreateCommand();
        schema.CommandText = Schema;
        schema.ExecuteNonQuery();
    }

    public static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ToString());
        connection.Open();
        return connection;
    }

    public SqliteTransaction Begin()
    {
        var transaction = _connection.BeginTransaction();
        foreach (var command in _commands.Values)
            command.Transaction = transaction;
        _transaction = transaction;
        return transaction;
    }

    public void PutDocument(string key, string value) =>
        Run("INSERT INTO document VALUES (@a, @b) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value);

    public void DeleteDocument(string key) => Run("DELETE FROM document WHERE key = @a", key);

    public void PutLedger(long id, string topic) => Run("INSERT OR IGNORE INTO ledger VALUES (@a, @b, NULL)", id, topic);

    public void CloseLedger(long id, long closed) => Run("UPDATE ledger SET closed = @b WHERE id = @a", id, closed);

    public void DeleteLedger(long id)
    {
        Run("DELETE FROM entry WHERE ledger = @a", id);
        Run("DELETE FROM ledger WHERE id = @a", id);
    }

    public void PutEntry(Entry entry) =>
        Run(
            "INSERT INTO entry VALUES (@a, @b, @c, @d, @e, @f)",
            entry.Position.Ledger,
            entry.Position.EntryId,
            entry.Index.PublishTime,
            entry.Index.Size,
            entry.Metadata,
            entry.Payload
        );

    public void PutCursor(string topic, string name, string value) =>
        Run("INSERT INTO cursor VALUES (@a, @b, @c) ON CONFLICT (topic, name) DO UPDATE SET value = excluded.value", topic, name, value);

    public void DeleteCursor(string topic, string name) => Run("DELETE FROM cursor WHERE topic = @a AND name = @b", topic, name);

    public void DeleteTopic(string topic)
    {
        Run("DELETE FROM entry WHERE ledger IN (SELECT id FROM ledger WHERE topic = @a)", topic);
        Run("DELETE FROM ledger WHERE topic = @a", topic);
        Run("DELETE FROM cursor WHERE topic = @a", topic);
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
            command.Dispose();
        _connection.Dispose();
        SqliteConnection.ClearPool(_connection);
    }

    [SuppressMessage("Security", "CA2100", Justification = "The texts are the constants above.")]
    private void Run(string text, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(text, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = text;
            command.Transaction = _transaction;
            for (var i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = "@" + (char)('a' + i) });
            _commands.Add(text, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        command.ExecuteNonQuery();
    }
}
