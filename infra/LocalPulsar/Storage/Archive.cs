using LocalPulsar.Topics;

namespace LocalPulsar.Storage;

/// <summary>Reads what the journal wrote, on connections of its own: in WAL mode readers never wait for the writer.</summary>
internal sealed class Archive(string file)
{
    public Dictionary<string, string> Documents()
    {
        using var connection = Tables.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT key, value FROM document";
        using var reader = command.ExecuteReader();
        var all = new Dictionary<string, string>();
        while (reader.Read())
            all.Add(reader.GetString(0), reader.GetString(1));
        return all;
    }

    public long LastLedger()
    {
        using var connection = Tables.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(max(id), -1) FROM ledger";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The ledgers of a topic and when each was closed, Unix milliseconds; null: it was open when the server ended.</summary>
    public List<(long Id, long? Closed)> Ledgers(string topic)
    {
        using var connection = Tables.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, closed FROM ledger WHERE topic = @topic ORDER BY id";
        command.Parameters.AddWithValue("@topic", topic);
        using var reader = command.ExecuteReader();
        var ledgers = new List<(long, long?)>();
        while (reader.Read())
            ledgers.Add((reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1)));
        return ledgers;
    }

    public List<EntryIndex> Index(string topic)
    {
        using var connection = Tables.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT e.ledger, e.entry, e.size, e.published FROM ledger l JOIN entry e ON e.ledger = l.id
            WHERE l.topic = @topic ORDER BY e.ledger, e.entry
            """;
        command.Parameters.AddWithValue("@topic", topic);
        using var reader = command.ExecuteReader();
        var index = new List<EntryIndex>();
        while (reader.Read())
            index.Add(new EntryIndex(new Position(reader.GetInt64(0), reader.GetInt64(1)), reader.GetInt32(2), reader.GetInt64(3)));
        return index;
    }

    public Dictionary<string, string> Cursors(string topic)
    {
        using var connection = Tables.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, value FROM cursor WHERE topic = @topic";
        command.Parameters.AddWithValue("@topic", topic);
        using var reader = command.ExecuteReader();
        var cursors = new Dictionary<string, string>();
        while (reader.Read())
            cursors.Add(reader.GetString(0), reader.GetString(1));
        return cursors;
    }

    /// <summary>Up to <paramref name="count"/> entries of one ledger, from a position on.</summary>
    public List<Entry> Entries(Position from, int count)
    {
        using var connection = Tables.Open(file);
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT entry, metadata, payload FROM entry WHERE ledger = @ledger AND entry >= @entry ORDER BY entry LIMIT @count";
        command.Parameters.AddWithValue("@ledger", from.Ledger);
        command.Parameters.AddWithValue("@entry", from.EntryId);
        command.Parameters.AddWithValue("@count", count);
        using var reader = command.ExecuteReader();
        var entries = new List<Entry>();
        while (reader.Read())
            entries.Add(
                new Entry(new Position(from.Ledger, reader.GetInt64(0)), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2))
            );
        return entries;
    }
}
