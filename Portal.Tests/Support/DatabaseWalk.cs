using Microsoft.Data.Sqlite;

namespace Portal.Tests.Support;

/// <summary>A portal's SQLite file seen from outside: every table and every column there is, so that none can be forgotten.</summary>
public sealed class DatabaseWalk(string dataFolder)
{
    /// <summary>
    /// What goes on whatever anybody does: the platform's own log and work, leases, polls, and answers and sessions of whoever asks.
    /// </summary>
    private static readonly HashSet<string> OfThePlatform =
    [
        "audit_rows",
        "work_items",
        "leases",
        "usage_clusters",
        "usage_brokers",
        "usage_readings",
        "kept_answers",
        "account_sessions",
        "payment_events",
        "sqlite_sequence",
        "closed_periods",
        "oidc_keys",
        "data_protection_keys",
    ];

    /// <summary>Rows by table, without what goes on by itself.</summary>
    public async Task<Dictionary<string, long>> CountAsync()
    {
        await using var connection = await OpenAsync();
        var counts = new Dictionary<string, long>();
        foreach (var table in await TablesAsync(connection))
            if (!OfThePlatform.Contains(table))
                counts[table] = Convert.ToInt64(
                    (await RowsAsync(connection, $"SELECT count(*) FROM \"{table}\""))[0],
                    System.Globalization.CultureInfo.InvariantCulture
                );
        return counts;
    }

    /// <summary>The ids of the sample company and of everything it has.</summary>
    public async Task<IReadOnlyList<string>> IdsOfSampleAsync()
    {
        await using var connection = await OpenAsync();
        var ids = new List<string>();
        foreach (
            var query in new[]
            {
                "SELECT id FROM organizations WHERE is_sample",
                "SELECT t.id FROM tenants t JOIN organizations o ON o.id = t.organization_id WHERE o.is_sample",
                "SELECT t.id FROM topics t JOIN organizations o ON o.id = t.organization_id WHERE o.is_sample",
                "SELECT i.id FROM invoices i JOIN organizations o ON o.id = i.organization_id WHERE o.is_sample",
                "SELECT id FROM accounts WHERE email LIKE '%@alder-and-pine.example.com'",
                "SELECT stripe_customer_id FROM organizations WHERE is_sample",
            }
        )
            ids.AddRange((await RowsAsync(connection, query)).Select(id => (string)id));
        return ids;
    }

    /// <summary>Where the ids stand, in whatever table and column. The job that removes the company names it.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(IReadOnlyList<string> ids)
    {
        Assert.True(ids.Count > 20, "The ids were read before they were removed.");
        await using var connection = await OpenAsync();
        var found = new List<string>();
        foreach (var table in await TablesAsync(connection))
        {
            foreach (var column in await RowsAsync(connection, $"SELECT name FROM pragma_table_info('{table}')"))
            {
                var but = table == "work_items" ? " AND kind <> 'sample.remove'" : "";
                foreach (
                    var value in await RowsAsync(
                        connection,
                        $"SELECT DISTINCT CAST(\"{column}\" AS TEXT) FROM \"{table}\" WHERE \"{column}\" IS NOT NULL{but}"
                    )
                )
                    if (value is string text && ids.Any(id => text.Contains(id, StringComparison.OrdinalIgnoreCase)))
                        found.Add($"{table}.{column}: {text}");
            }
        }
        return found;
    }

    private static async Task<List<string>> TablesAsync(SqliteConnection connection) =>
        [.. (await RowsAsync(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")).Select(name => (string)name)];

    private static async Task<List<object>> RowsAsync(SqliteConnection connection, string query)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Names of tables and columns of our own.
        command.CommandText = query;
#pragma warning restore CA2100
        var rows = new List<object>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            rows.Add(reader.GetValue(0));
        return rows;
    }

    private async Task<SqliteConnection> OpenAsync()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(dataFolder, "portal.db"),
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ConnectionString
        );
        await connection.OpenAsync();
        return connection;
    }
}
