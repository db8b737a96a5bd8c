using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portal.Adapters.PortalDatabase.Ledger;

/// <summary>
/// A prepared statement bound by position, below ADO.NET: a pass runs some of them a hundred thousand times while others
/// wait for the writer, and finding parameters by name and boxing their values would be a third of that.
/// </summary>
internal sealed class SqlitePrepared : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <param name="text">With a question mark for each value, in order.</param>
    public SqlitePrepared(SqliteConnection connection, string text)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, text, out _statement));
    }

    /// <summary>Rows changed.</summary>
    public int Run(params ReadOnlySpan<long?> values)
    {
        for (var i = 0; i < values.Length; i++)
            Check(values[i] is { } value ? raw.sqlite3_bind_int64(_statement, i + 1, value) : raw.sqlite3_bind_null(_statement, i + 1));
        return Step();
    }

    /// <summary>The same for numbers, texts and ids, which are kept as EF Core keeps them.</summary>
    public int Set(object?[] values)
    {
        Bind(values);
        return Step();
    }

    /// <summary>The first column of the first row; null when there is none.</summary>
    public long? Number(object?[] values)
    {
        Bind(values);
        var code = raw.sqlite3_step(_statement);
        long? found = code == raw.SQLITE_ROW ? raw.sqlite3_column_int64(_statement, 0) : null;
        Reset(code);
        return found;
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
            Check(
                values[i] switch
                {
                    null => raw.sqlite3_bind_null(_statement, i + 1),
                    long number => raw.sqlite3_bind_int64(_statement, i + 1, number),
                    Guid id => raw.sqlite3_bind_text(_statement, i + 1, id.ToString().ToUpperInvariant()),
                    string text => raw.sqlite3_bind_text(_statement, i + 1, StorableText.Clean(text)),
                    var other => throw new InvalidOperationException($"{other.GetType().Name} is not kept."),
                }
            );
    }

    private int Step()
    {
        Reset(raw.sqlite3_step(_statement));
        return raw.sqlite3_changes(_database);
    }

    private void Reset(int code)
    {
        var reset = raw.sqlite3_reset(_statement);
        Check(code is raw.SQLITE_DONE or raw.SQLITE_ROW ? reset : code);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(code, _database);
    }
}
